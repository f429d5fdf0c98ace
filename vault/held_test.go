package vault_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
)

// hold holds a grant for a sign-up, for an hour.
func hold(b *bench, g *oauth.Grant) (token string) {
	b.t.Helper()
	token, err := b.Hold(b.t.Context(), vault.Held{Purpose: "signup", Grant: g}, time.Hour)
	if err != nil {
		b.t.Fatal(err)
	}
	return token
}

// rowOf returns the ID of the row that a token finds.
func rowOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func TestHeldComesBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	g := b.srv.grant("ada", b.clock.now().Add(time.Hour))
	g.Profile.Email, g.Profile.EmailVerified = "ada@example.com", true
	g.Profile.ImageURL = "https://x.test/ada.png"
	for what, want := range map[string]vault.Held{
		"a sign-up":     {Purpose: "signup", Grant: g},
		"a log-in":      {Purpose: "login", UserID: "1", Grant: g, Data: []byte("what was decided\x00")},
		"without grant": {Purpose: "other", UserID: "1", Data: []byte("data")},
		"nothing":       {Purpose: "other"},
	} {
		token, err := b.Hold(ctx, want, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := b.Held(ctx, want.Purpose, token); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, %v", what, got, err)
		}
		if _, err := b.TakeHeld(ctx, "revoke", token); !errors.Is(err, onetime.ErrNone) {
			t.Errorf("%s, for another purpose: %v", what, err)
		}
		if got, err := b.TakeHeld(ctx, want.Purpose, token); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s, taken: %#v, %v", what, got, err)
		}
		if _, err := b.TakeHeld(ctx, want.Purpose, token); !errors.Is(err, onetime.ErrNone) {
			t.Errorf("%s, taken twice: %v", what, err)
		}
	}
	for _, purpose := range []string{"", "revoke"} {
		if _, err := b.Hold(ctx, vault.Held{Purpose: purpose}, time.Hour); err == nil {
			t.Errorf("held for the purpose %q", purpose)
		}
	}
	token := hold(b, g)
	b.clock.advance(time.Hour)
	if _, err := b.Held(ctx, "signup", token); !errors.Is(err, onetime.ErrNone) {
		t.Errorf("after its time: %v", err)
	}
}

// The store has nothing that a browser could use.
func TestHeldIsFoundByItsTokenOnly(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	token := hold(b, b.srv.grant("ada", time.Time{}))
	all, err := b.store.DueOneTime(t.Context(), "signup", b.clock.now().Add(time.Hour), 9)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d are held, %v", len(all), err)
	}
	if all[0].ID != rowOf(token) || strings.Contains(string(all[0].Sealed), token) {
		t.Error("the store has the token")
	}
	if _, err := b.TakeHeld(t.Context(), "signup", all[0].ID); !errors.Is(err, onetime.ErrNone) {
		t.Errorf("by the row's ID: %v", err)
	}
}

// A Held is found in its own tenant only.
func TestHeldStaysInItsTenant(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	acme, other := tenant.With(t.Context(), "acme"), tenant.With(t.Context(), "other")
	token, err := b.Hold(acme, vault.Held{Purpose: "login", UserID: "1"}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for _, ctx := range []context.Context{other, t.Context()} {
		if _, err := b.Held(ctx, "login", token); !errors.Is(err, onetime.ErrNone) {
			t.Errorf("Held in tenant %q: %v", tenant.From(ctx), err)
		}
		if _, err := b.TakeHeld(ctx, "login", token); !errors.Is(err, onetime.ErrNone) {
			t.Errorf("TakeHeld in tenant %q: %v", tenant.From(ctx), err)
		}
	}
	if h, err := b.TakeHeld(acme, "login", token); err != nil || h.UserID != "1" {
		t.Errorf("%+v, %v", h, err)
	}
}

// A sealed value opens in its own row only.
func TestVault15_HeldIsBoundToItsRow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	token, err := b.Hold(ctx, vault.Held{Purpose: "login", UserID: "ada"}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	row, err := b.store.OneTime(ctx, rowOf(token), b.clock.now())
	if err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*onetime.Value){
		"ID":      func(v *onetime.Value) { v.ID = rowOf("another") },
		"purpose": func(v *onetime.Value) { v.Purpose = "other" },
		"user":    func(v *onetime.Value) { v.UserID = "eve" },
		"tenant":  func(v *onetime.Value) { v.Tenant = "evil" },
	} {
		changed := row
		change(&changed)
		if err := b.store.PutOneTime(ctx, changed); err != nil {
			t.Fatal(err)
		}
		find := token
		if changed.ID != row.ID {
			find = "another"
		}
		if _, err := b.Held(tenant.With(ctx, changed.Tenant), changed.Purpose, find); !errors.Is(err, keyring.ErrSealed) {
			t.Errorf("with another %s: %v", what, err)
		}
	}
}
