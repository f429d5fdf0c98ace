package vault_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

// A sealed token that is put into another row, or whose row is given to another
// user or provider, does not open, and the connection's status stays as it is.
func TestVault15_BoundToItsRow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(c *vault.Connection, sealed, other []byte) []byte
	}{
		{"tenant", func(c *vault.Connection, sealed, _ []byte) []byte { c.Tenant = "evil"; return sealed }},
		{"row", func(_ *vault.Connection, _, other []byte) []byte { return other }},
		{"user", func(c *vault.Connection, sealed, _ []byte) []byte { c.UserID = "eve"; return sealed }},
		{"provider", func(c *vault.Connection, sealed, _ []byte) []byte { c.ProviderID = "evil"; return sealed }},
		{"ID", func(c *vault.Connection, sealed, _ []byte) []byte { c.ID += "x"; return sealed }},
		{"bit", func(_ *vault.Connection, sealed, _ []byte) []byte { sealed[len(sealed)/2] ^= 1; return sealed }},
		{"cut", func(_ *vault.Connection, sealed, _ []byte) []byte { return sealed[:len(sealed)-1] }},
		{"empty", func(*vault.Connection, []byte, []byte) []byte { return []byte{} }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			evil := newServer(t, "evil")
			b := newBench(t, func(c *vault.Config) { c.Providers = append(c.Providers, evil.provider()) })
			ctx := t.Context()
			c, other := b.connect("ada", time.Hour), b.connect("bob", time.Hour)
			row, sealed, err := b.store.Token(ctx, c.ID)
			if err != nil {
				t.Fatal(err)
			}
			_, otherSealed, err := b.store.Token(ctx, other.ID)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := b.store.Remove(ctx, vault.Removal{UserID: c.UserID}); err != nil {
				t.Fatal(err)
			}
			sealed = test.change(&row, sealed, otherSealed)
			if _, err := b.store.Insert(ctx, row, sealed); err != nil {
				t.Fatal(err)
			}
			b.clock.advance(2 * time.Hour)
			if _, err := b.Token(ctx, row); !errors.Is(err, keyring.ErrSealed) {
				t.Errorf("got %v", err)
			}
			if n := b.srv.refreshN.Load() + evil.refreshN.Load(); n != 0 {
				t.Errorf("%d refreshes", n)
			}
			if after := b.row(row.ID); after.Status != vault.Active || after.LastError != "" {
				t.Errorf("%s, %s", after.Status, after.LastError)
			}
			// It is an error for that row alone.
			if status, err := b.get(b.Vault, other); status != 200 {
				t.Errorf("another row: %d, %v", status, err)
			}
		})
	}
}

// What was sealed for another column or table does not open as a token, nor what
// another key of the same name sealed.
func TestVault15_BoundToItsColumn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	c, other := b.connect("ada", minute), b.connect("bob", minute)
	held, err := b.store.OneTime(ctx, rowOf(hold(b, b.srv.grant("ada", time.Time{}))), b.clock.now())
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := b.store.Token(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	// A token does not open as a Held.
	moved := held
	moved.ID, moved.Sealed = rowOf("moved"), token
	if err := b.store.PutOneTime(ctx, moved); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Held(ctx, "signup", "moved"); !errors.Is(err, keyring.ErrSealed) {
		t.Errorf("a token as a grant: %v", err)
	}
	stranger := ring(t, keyring.NewKey().Reveal()).Keys()[0]
	stranger.Name = b.keys.Names()[0]
	forging, err := keyring.New(stranger)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := forging.Seal(token, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.clock.advance(time.Hour)
	for name, sealed := range map[string][]byte{"another column": held.Sealed, "another key": forged} {
		if err := b.store.Update(ctx, b.row(c.ID), sealed); err != nil {
			t.Fatal(err)
		}
		if _, err := b.open().Token(ctx, c); !errors.Is(err, keyring.ErrSealed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if row := b.row(c.ID); row.Status != vault.Active || b.srv.refreshN.Load() != 0 {
		t.Errorf("%s, %d refreshes", row.Status, b.srv.refreshN.Load())
	}
	if status, err := b.get(b.Vault, other); status != 200 {
		t.Errorf("another row: %d, %v", status, err)
	}
}

func TestVault16_MissingKeyFailsClosed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", minute)
	b.clock.advance(time.Hour)
	v := b.open(func(cfg *vault.Config) { cfg.Keys = ring(t, keyring.NewKey().Reveal()) })
	if _, err := v.Token(t.Context(), c); !errors.Is(err, keyring.ErrUnknownKey) {
		t.Errorf("got %v", err)
	}
	g := b.srv.grant("ada", time.Time{})
	g.Token.Refresh = ""
	if _, err := v.Renew(t.Context(), c, g); !errors.Is(err, keyring.ErrUnknownKey) {
		t.Errorf("renewing with an old refresh token that does not open: %v", err)
	}
	if row := b.row(c.ID); row.Status != vault.Active || row.Version != 1 {
		t.Errorf("the row changed: %s, version %d", row.Status, row.Version)
	}
	if status, err := b.get(b.Vault, c); status != 200 {
		t.Errorf("with the key again: %d, %v", status, err)
	}
}

func TestVault18_BigTokensRoundTrip(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	big := func(c string) secret.Text { return secret.Text(strings.Repeat(c, 16<<10)) }
	g := b.srv.grant("ada", b.clock.now().Add(time.Hour))
	g.Token = oauth.Token{Access: big("ä"), Secret: big("\x00"), Refresh: big("r"), ID: big("i"), Type: "MAC", Scopes: []string{"", "a b"}}
	c, err := b.Connect(t.Context(), "user", g)
	if err != nil {
		t.Fatal(err)
	}
	tok, err := b.open().Token(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	want := g.Token
	want.Refresh = "" // stays inside
	if !reflect.DeepEqual(tok, want) {
		t.Error("the token changed")
	}
	if held, err := b.Held(t.Context(), "signup", hold(b, g)); err != nil || !reflect.DeepEqual(held.Grant.Token, g.Token) {
		t.Errorf("the held token changed (%v)", err)
	}
}

// What sealed values are bound to is part of their format: what was sealed before an
// upgrade opens after it.
func TestVault15_WhatValuesAreBoundTo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := tenant.With(t.Context(), "acme")
	c, err := b.Connect(ctx, "ada", b.srv.grant("ada", time.Time{}))
	if err != nil {
		t.Fatal(err)
	}
	_, sealed, err := b.store.Token(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.keys.Open(sealed, keyring.Bind("social/vault/connection", "acme", c.ID, "ada", c.ProviderID, "token")); err != nil {
		t.Errorf("a token: %v", err)
	}
	token, err := b.Hold(ctx, vault.Held{Purpose: "signup", UserID: "ada", Data: []byte("x")}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	held, err := b.store.OneTime(ctx, rowOf(token), b.clock.now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.keys.Open(held.Sealed, keyring.Bind("social/one-time", "acme", "signup", held.ID, "ada")); err != nil {
		t.Errorf("a held value: %v", err)
	}
}

// What opens and has another layout is an error of that row, as what does not open.
func TestVault16_AnotherLayoutFailsClosed(t *testing.T) {
	t.Parallel()
	for name, plaintext := range map[string][]byte{"empty": {}, "another version": {9}, "cut": {1, 200}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			c := b.connect("ada", time.Hour)
			sealed, err := b.keys.Seal(plaintext, keyring.Bind("social/vault/connection", "", c.ID, c.UserID, c.ProviderID, "token"))
			if err != nil {
				t.Fatal(err)
			}
			if err := b.store.Update(t.Context(), b.row(c.ID), sealed); err != nil {
				t.Fatal(err)
			}
			if _, err := b.open().Token(t.Context(), c); !errors.Is(err, keyring.ErrSealed) {
				t.Errorf("got %v", err)
			}
			if row := b.row(c.ID); row.Status != vault.Active || b.srv.refreshN.Load() != 0 {
				t.Errorf("%s, %d refreshes", row.Status, b.srv.refreshN.Load())
			}
		})
	}
}

// A row that does not open when a failed refresh is to be noted is left as it is, and
// nothing is believed of it.
func TestVault16_AFailureOverARowThatDoesNotOpen(t *testing.T) {
	t.Parallel()
	for status, body := range map[int]string{503: "", 400: `{"error":"invalid_grant"}`} {
		var log lockedBuffer
		b := newBench(t, logged(&log))
		c := b.connect("ada", time.Hour)
		b.srv.set(func(s *server) {
			s.onToken = func(w http.ResponseWriter, r *http.Request) bool {
				if err := b.store.Update(context.Background(), b.row(c.ID), []byte("\x01\x01x\x00")); err != nil {
					t.Error(err)
				}
				return answer(status, body)(w, r)
			}
		})
		_, err := b.Refresh(t.Context(), c)
		if err == nil || errors.Is(err, vault.ErrNeedsReauthorization) || !errors.Is(err, keyring.ErrUnknownKey) && !strings.Contains(log.String(), keyring.ErrUnknownKey.Error()) {
			t.Errorf("%d: %v; logged: %s", status, err, log.String())
		}
		if row := b.row(c.ID); row.Status != vault.Active || row.Version != 2 {
			t.Errorf("%d: %s, version %d", status, row.Status, row.Version)
		}
	}
}

// What is held and opens, and has another layout, is not what was held.
func TestVault16_HeldInAnotherLayout(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := rowOf("token")
	sealed, err := b.keys.Seal([]byte{9}, keyring.Bind("social/one-time", "", "signup", id, ""))
	if err == nil {
		err = b.store.PutOneTime(t.Context(), onetime.Value{ID: id, Purpose: "signup", Sealed: sealed, Expires: b.clock.now().Add(time.Hour)})
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.TakeHeld(t.Context(), "signup", "token"); !errors.Is(err, keyring.ErrSealed) {
		t.Errorf("got %v", err)
	}
}

// A brokenKey is a key that cannot seal, as one of a key service that is away.
type brokenKey struct{ keyring.AEAD }

func (brokenKey) Encrypt(_, _ []byte) ([]byte, error) { return nil, errKeyAway }

var errKeyAway = errors.New("the key service is away")

func TestNothingIsKeptThatCannotBeSealed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	broken := b.keys.Keys()[0]
	broken.AEAD = brokenKey{broken.AEAD}
	keys, err := keyring.New(broken)
	if err != nil {
		t.Fatal(err)
	}
	v := b.open(func(c *vault.Config) { c.Keys = keys })
	g := b.srv.grant("ada", time.Time{})
	if _, err := v.Hold(t.Context(), vault.Held{Purpose: "signup", Grant: g}, time.Hour); !errors.Is(err, errKeyAway) {
		t.Errorf("holding: %v", err)
	}
	if _, err := v.Connect(t.Context(), "ada", g); !errors.Is(err, errKeyAway) {
		t.Errorf("connecting: %v", err)
	}
	if left, err := b.store.DueOneTime(t.Context(), "", b.clock.now().Add(2*time.Hour), 10); err != nil || len(left) != 0 {
		t.Errorf("%d values are kept (%v)", len(left), err)
	}
	if all, err := b.Connections(t.Context(), "ada", ""); err != nil || len(all) != 0 {
		t.Errorf("%d connections are kept (%v)", len(all), err)
	}
}
