package tenants

import (
	"context"

	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/vault"
)

// TenantChanged: a tenant was made, changed or deleted. Change is "created", "updated" or
// "deleted".
type TenantChanged struct {
	Tenant string // "" for the default one
	Change string
}

// AppChanged: an application at a provider was made, changed or deleted. Change is "created",
// "updated", "credentials_added", "credentials_retired" or "deleted".
type AppChanged struct {
	Tenant     string // "" for the default one
	ProviderID string
	Change     string
}

// Event returns "tenant_changed".
func (TenantChanged) Event() string { return "tenant_changed" }

// Provider returns "".
func (TenantChanged) Provider() string { return "" }

// Event returns "provider_app_changed".
func (AppChanged) Event() string { return "provider_app_changed" }

// Provider returns the ID of the provider.
func (e AppChanged) Provider() string { return e.ProviderID }

func (d *Directory) record(ctx context.Context, e audit.Event) error {
	if d.c.Record == nil {
		return nil
	}
	return d.c.Record(ctx, e)
}

// inTx calls f in a transaction where the store has them.
func (d *Directory) inTx(ctx context.Context, f func(ctx context.Context) error) error {
	if t, ok := d.c.Documents.(vault.Transactor); ok {
		return t.InTx(ctx, f)
	}
	return f(ctx)
}
