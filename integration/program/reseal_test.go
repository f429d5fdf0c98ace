package program_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/sqlstore/sqlite"
)

// Keys are changed for the second factors of all tenants: after resealing, the old key can
// be removed.
func TestKeysResealAllTenants(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, data := filepath.Join(dir, "social.yaml"), filepath.Join(dir, "social.db")
	fresh := strings.TrimSpace(succeeds(t, "keys", "new"))
	store, err := sqlite.Open(t.Context(), data, sqlite.Migrate())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	open := func(keys ...string) *accounts.Accounts {
		t.Helper()
		ring, err := keyring.Parse(keys...)
		if err != nil {
			t.Fatal(err)
		}
		acc, err := accounts.New(accounts.Config{Store: store, AppURL: "https://app.example.com", Keys: ring})
		if err != nil {
			t.Fatal(err)
		}
		return acc
	}
	users := map[string]accounts.User{}
	for _, tenant := range []string{"", "blue", "red"} {
		acc, ctx := open(sealingKey), social.WithTenant(t.Context(), tenant)
		u, err := acc.Create(ctx, accounts.NewUser{Email: "matt@lp.com"})
		if err != nil {
			t.Fatal(err)
		}
		users[tenant] = u
		acc.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err = acc.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: "google"}); err == nil {
				_, err = acc.SetUpTOTP(r)
			}
		})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "POST", "/", nil))
		if err != nil {
			t.Fatal(err)
		}
	}
	sealed := func(ctx context.Context, u accounts.User) error {
		_, err := open(fresh).ResealFactors(ctx, &u)
		return err
	}
	for tenant, u := range users {
		if sealed(t.Context(), u) == nil {
			t.Fatalf("tenant %q: the new key opens what it did not seal", tenant)
		}
	}
	writeFile(t, file, "database: sqlite:"+data+"\nkeys: ["+fresh+", "+sealingKey+"]\n")
	if says := succeeds(t, "keys", "reseal", "--config", file); !strings.Contains(says, "Sealed 3 secrets") {
		t.Errorf("says %s", says)
	}
	for tenant, u := range users {
		if err := sealed(t.Context(), u); err != nil {
			t.Errorf("tenant %q: %v", tenant, err)
		}
	}
}
