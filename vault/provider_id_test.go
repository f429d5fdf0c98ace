package vault_test

import (
	"testing"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

func TestProviderIDs(t *testing.T) {
	t.Parallel()
	for id, valid := range map[string]bool{
		"google": true, "500px": true, "my-idp_2": true, "az09": true, "z": true, "9": true,
		"": false, "-a": false, "_a": false, "Google": false, "a b": false, "a/b": false, "a\x00": false, "ä": false, "..": false,
		"`": false, "{": false, "/": false, ":": false, "@": false,
	} {
		if vault.ValidProviderID(id) != valid {
			t.Errorf("%q: %v", id, !valid)
		}
		p := newServer(t, "acme").provider()
		p.ID = id
		keys := ring(t, keyring.NewKey().Reveal())
		_, err := vault.New(vault.Config{Store: memstore.New(), Keys: keys, Providers: []oauth.Provider{p}})
		if (err == nil) != valid {
			t.Errorf("%q opens: %v", id, err)
		}
	}
}
