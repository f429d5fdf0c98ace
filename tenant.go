package social

import (
	"context"

	"github.com/gosocial/social/internal/tenant"
)

// DefaultTenant is the name of the default tenant, whose ID is "", in commands,
// configuration and answers. No other tenant has this name.
const DefaultTenant = tenant.Default

// WithTenant returns a context for a tenant: calls with it, here and in packages
// vault and accounts, read and write in that tenant only. Set it in a middleware
// around all others. Both "" and DefaultTenant are the default tenant, which is also
// that of a context without one.
//
// Users, sessions, roles and connections of one tenant do not exist in another. One
// e-mail address, username or account at a provider can be in several tenants.
func WithTenant(ctx context.Context, id string) context.Context { return tenant.With(ctx, id) }

// Tenant returns the ID of the context's tenant, "" for the default one.
func Tenant(ctx context.Context) string { return tenant.From(ctx) }
