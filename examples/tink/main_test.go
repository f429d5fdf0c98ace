package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gosocial/social/examples/internal/sitetest"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A user's token is sealed under the keyset in the file.
func TestSite(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tink.db")
	v := sitetest.Start(t, path, open)
	v.Approve("ana")
	v.Browser(t).Post("/login/google", "/profile", "ana@example.com")
	store, err := sqlite.Open(t.Context(), path)
	must(t, err)
	defer store.Close()
	all, err := store.List(t.Context(), vault.Filter{}, "", 9)
	must(t, err)
	if len(all) != 1 {
		t.Fatalf("%d connections", len(all))
	}
	_, sealed, err := store.Token(t.Context(), all[0].ID)
	must(t, err)
	if under := keyring.KeyName(sealed); under != "tink" {
		t.Errorf("sealed under key %q", under)
	}
}

// Every token opens at every step from a key of the ring's own to Tink's, and from
// one primary key of Tink's to the next.
func TestRotation(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "keyset.json")
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, "social.db"), sqlite.Migrate())
	must(t, err)
	defer store.Close()
	before, err := keyring.Parse(keyring.NewKey().Reveal())
	must(t, err)
	hub := &oauth.OAuth2{ID: "hub", Credentials: []oauth.Credentials{{ClientID: "client"}}, Profile: oauth.Mapping{Subject: "id"},
		Endpoints: oauth.Endpoints{Authorize: "https://hub.test/a", Token: "https://hub.test/t", UserInfo: "https://hub.test/u"}}
	vaultWith := func(keys *keyring.Ring) *vault.Vault {
		t.Helper()
		v, err := vault.New(vault.Config{Store: store, Keys: keys, Providers: []oauth.Provider{hub}, Limits: vault.Limits{MaxStale: -1}})
		must(t, err)
		return v
	}
	var all []vault.Connection
	add := func(v *vault.Vault) {
		t.Helper()
		n := fmt.Sprint(len(all))
		c, err := v.Connect(t.Context(), "ana", &oauth.Grant{ProviderID: "hub", Profile: oauth.Profile{Subject: n},
			Token: oauth.Token{Access: secret.Text("token " + n), Expiry: time.Now().Add(time.Hour)}})
		must(t, err)
		all = append(all, c)
	}
	opens := func(v *vault.Vault) {
		t.Helper()
		for i, c := range all {
			if tok, err := v.Token(t.Context(), c); err != nil || tok.Access.Reveal() != fmt.Sprint("token ", i) {
				t.Errorf("connection %d: %v", i, err)
			}
		}
	}
	reseal := func(v *vault.Vault, want int) {
		t.Helper()
		if r, err := v.Reseal(t.Context(), ""); err != nil || !r.Done || r.Resealed != want || len(r.Busy)+len(r.Unopened) > 0 {
			t.Errorf("%+v, %v", r, err)
		}
	}

	add(vaultWith(before))
	// The keyset alone does not open what an older key has sealed; a ring with both
	// does.
	alone, err := ring(file, "tink")
	must(t, err)
	if _, err := vaultWith(alone).Token(t.Context(), all[0]); !errors.Is(err, keyring.ErrUnknownKey) {
		t.Errorf("got %v", err)
	}
	both, err := ring(file, "tink", before.Keys()...)
	must(t, err)
	add(vaultWith(both))
	opens(vaultWith(both))
	reseal(vaultWith(both), 1)
	opens(vaultWith(alone))

	// Make another key of Tink's the primary one.
	handle, err := read(file)
	must(t, err)
	manager := keyset.NewManagerFromHandle(handle)
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	must(t, err)
	must(t, manager.SetPrimary(id))
	old := handle.KeysetInfo().GetPrimaryKeyId()
	handle, err = manager.Handle()
	must(t, err)
	must(t, write(file, handle))
	rotated, err := ring(file, "tink 2", alone.Keys()...)
	must(t, err)
	opens(vaultWith(rotated))
	reseal(vaultWith(rotated), 2)

	must(t, manager.Delete(old))
	handle, err = manager.Handle()
	must(t, err)
	must(t, write(file, handle))
	last, err := ring(file, "tink 2")
	must(t, err)
	opens(vaultWith(last))
	if text, err := os.ReadFile(file); err != nil || bytes.Contains(text, []byte(fmt.Sprint(old))) {
		t.Errorf("the first key is still there (%v)", err)
	}
}
