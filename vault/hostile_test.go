package vault_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/internal/outbound"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

func TestSecurity11_NoPrivateAddressUnlessAllowed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	guarded := b.open(func(cfg *vault.Config) { cfg.AllowPrivateAddresses = false })
	if _, err := b.get(guarded, c); !errors.Is(err, outbound.ErrPrivate) {
		t.Errorf("the API: %v", err)
	}
	if _, err := guarded.Check(t.Context(), c); !errors.Is(err, outbound.ErrPrivate) {
		t.Errorf("user info: %v", err)
	}
	client, err := guarded.Provider(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.(oauth.Refresher).Refresh(t.Context(), oauth.Token{Refresh: "CANARY-refresh"})
	if !errors.Is(err, outbound.ErrPrivate) || b.srv.refreshN.Load() != 0 {
		t.Errorf("token endpoint: %v, %d requests", err, b.srv.refreshN.Load())
	}
	if status, err := b.get(b.Vault, c); status != 200 {
		t.Errorf("allowed: %d, %v", status, err)
	}
}

func TestSecurity43_TheVaultDoesNotPrint(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	if status, err := b.get(b.Vault, c); status != 200 {
		t.Fatal(status, err)
	}
	source := b.TokenSource(t.Context(), c)
	client, err := b.Provider(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	key := keyring.NewKey()
	for _, v := range []any{b.Vault, *b.Client(c), b.Client(c).Transport, source, client, b.keys, *b.keys, key, b.srv.provider(), b.srv.grant("eve", time.Time{})} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
			text := fmt.Sprintf(verb, v)
			for _, secret := range []string{"CANARY-", fmt.Sprintf("%x", "CANARY-"), key.Reveal()} {
				if strings.Contains(text, secret) {
					t.Errorf("%s of %T: %.300s", verb, v, text)
				}
			}
		}
	}
}
