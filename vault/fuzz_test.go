package vault_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// A plain AEAD seals nothing, so that what the vault decodes can be anything.
type plain struct{}

func (plain) Encrypt(p, _ []byte) ([]byte, error) { return bytes.Clone(p), nil }
func (plain) Decrypt(c, _ []byte) ([]byte, error) { return bytes.Clone(c), nil }

func FuzzOpen(f *testing.F) {
	keys, err := keyring.New(keyring.Key{Name: "k", AEAD: plain{}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{})
	f.Add([]byte{1, 1, 'k'})
	f.Add([]byte{1, 255, 'k', 1})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		plaintext, err := keys.Open(sealed, nil)
		if err != nil {
			return
		}
		again, err := keys.Seal(plaintext, nil)
		if err != nil || !bytes.Equal(again, sealed) {
			t.Errorf("%x opens, and seals as %x (%v)", sealed, again, err)
		}
	})
}

// FuzzLayout gives any bytes to the decoders of tokens and grants: they may refuse
// them, but not panic or allocate without bound.
func FuzzLayout(f *testing.F) {
	keys, err := keyring.New(keyring.Key{Name: "k", AEAD: plain{}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{1})
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Add(append([]byte{1, 1, 'a', 0, 0, 0, 0}, make([]byte, 17)...))
	b := fuzzBench(f, keys)
	f.Fuzz(func(t *testing.T, plaintext []byte) { b(t, append([]byte{1, 1, 'k'}, plaintext...)) })
}

// fuzzBench returns a function that reads a sealed value as a token and as a grant.
func fuzzBench(f *testing.F, keys *keyring.Ring) func(t *testing.T, sealed []byte) {
	f.Helper()
	ctx := f.Context()
	store := memstore.New()
	v, err := vault.New(vault.Config{Store: store, Keys: keys, Limits: vault.Limits{MaxStale: -1}, Providers: []oauth.Provider{&oauth.OAuth2{
		ID: "acme", Credentials: []oauth.Credentials{{ClientID: "client"}}, Profile: oauth.Mapping{Subject: "sub"},
		Endpoints: oauth.Endpoints{Authorize: "https://acme.test/a", Token: "https://acme.test/t", UserInfo: "https://acme.test/u"},
	}}})
	if err != nil {
		f.Fatal(err)
	}
	c, err := v.Connect(ctx, "ada", &oauth.Grant{ProviderID: "acme", Profile: oauth.Profile{Subject: "1"}})
	if err != nil {
		f.Fatal(err)
	}
	return func(t *testing.T, sealed []byte) {
		row, err := store.ByID(ctx, c.ID)
		if err == nil {
			row.Status = vault.NeedsReauthorization // so that nothing is sent
			err = store.Update(ctx, row, sealed)
		}
		if err == nil {
			err = store.PutOneTime(ctx, onetime.Value{ID: rowOf("p"), Purpose: "signup", Sealed: sealed, Expires: time.Now().Add(time.Hour)})
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Token(ctx, c); err == nil {
			t.Error("a token")
		}
		v.Held(ctx, "signup", "p")
	}
}
