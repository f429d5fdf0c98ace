package social

import (
	"context"

	"github.com/gosocial/social/internal/tenant"
)

// WithTenant returns a context for a tenant: whatever reads or writes with it,
// here and in packages vault and accounts, stays in that tenant. Set it in a
// middleware around all others. Without one the tenant is the default one, whose
// ID is ""; outside it is written "default", a name that stands for it here too.
//
// Users, sessions, roles and connections of one tenant do not exist in another:
// the same e-mail address, username or account at a provider may be in both.
func WithTenant(ctx context.Context, id string) context.Context { return tenant.With(ctx, id) }

// Tenant returns the context's tenant, "" for the default one.
func Tenant(ctx context.Context) string { return tenant.From(ctx) }
