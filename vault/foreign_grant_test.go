package vault_test

import (
	"errors"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

// Two providers may give one subject to two people.
func TestRenewTakesNoGrantOfAnotherProvider(t *testing.T) {
	t.Parallel()
	other := newServer(t, "other")
	b := newBench(t, func(c *vault.Config) { c.Providers = append(c.Providers, other.provider()) })
	c := b.connect("ada", time.Hour)
	for name, renew := range map[string]func(vault.Connection) (vault.Connection, error){
		"Renew": func(c vault.Connection) (vault.Connection, error) {
			return b.Renew(t.Context(), c, other.grant("ada", time.Time{}))
		},
		"RenewByLogIn": func(c vault.Connection) (vault.Connection, error) {
			return b.RenewByLogIn(t.Context(), c, other.grant("ada", time.Time{}))
		},
		"without a refresh token": func(c vault.Connection) (vault.Connection, error) {
			g := other.grant("ada", time.Time{})
			g.Token.Refresh = ""
			return b.Renew(t.Context(), c, g)
		},
		"a connection that names the other": func(c vault.Connection) (vault.Connection, error) {
			c.ProviderID = "other"
			g := other.grant("ada", time.Time{})
			g.Token.Refresh = ""
			return b.Renew(t.Context(), c, g)
		},
		"without a subject": func(c vault.Connection) (vault.Connection, error) {
			c.ProviderUserID = ""
			return b.Renew(t.Context(), c, b.srv.grant("", time.Time{}))
		},
	} {
		if _, err := renew(c); !errors.Is(err, vault.ErrOtherAccount) {
			t.Errorf("%s: %v", name, err)
		}
		if row := b.row(c.ID); row.Version != c.Version || row.ProviderID != "acme" || row.ProviderUserID != "ada" {
			t.Errorf("%s: the row is %+v", name, row)
		}
	}
	if status, err := b.get(b.Vault, c); status != 200 {
		t.Errorf("%d, %v", status, err)
	}
}

// A grant is kept under the provider that it came from, which the vault has to know.
func TestConnectTakesGrantsOfItsProviders(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for id, want := range map[string]error{"other": vault.ErrUnknownProvider, "": vault.ErrUnknownProvider, "ACME": vault.ErrUnknownProvider, "acme": nil} {
		g := b.srv.grant("ada", time.Time{})
		g.ProviderID = id
		if _, err := b.Connect(t.Context(), "user", g); !errors.Is(err, want) {
			t.Errorf("%q: %v", id, err)
		}
	}
	for _, tc := range [][2]string{{"", "eve"}, {"user", ""}} {
		if _, err := b.Connect(t.Context(), tc[0], b.srv.grant(tc[1], time.Time{})); err == nil {
			t.Errorf("user %q, subject %q: connected", tc[0], tc[1])
		}
	}
}
