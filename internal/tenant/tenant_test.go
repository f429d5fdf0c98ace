package tenant_test

import (
	"testing"

	"github.com/gosocial/social/internal/tenant"
)

func TestDefaultHasTwoNames(t *testing.T) {
	t.Parallel()
	if got := tenant.From(t.Context()); got != "" {
		t.Errorf("without a tenant: %q", got)
	}
	for id, want := range map[string]string{"": "", "default": "", "Default": "Default", "acme": "acme"} {
		ctx := tenant.With(t.Context(), id)
		if got := tenant.From(ctx); got != want {
			t.Errorf("%q: %q, want %q", id, got, want)
		}
		if got := tenant.From(tenant.With(tenant.With(ctx, "other"), id)); got != want {
			t.Errorf("%q after another: %q, want %q", id, got, want)
		}
	}
}
