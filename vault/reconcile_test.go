package vault_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

// A refresh from "old" and "r-old" to "new", and "r-new" where refresh tokens rotate,
// finds that the row has changed during it: what the row has then, what is handed out,
// and what becomes of the tokens that the refresh got.
func TestVault13_WhatHasChangedDuringARefresh(t *testing.T) {
	t.Parallel()
	const settled, dropped = "token_refreshed", "stale_token_dropped"
	for name, test := range map[string]struct {
		rotates         bool
		anew            bool // authorized
		access, refresh string
		then            [2]string // in the row
		changes         int64     // of the row by the refresh
		event           string
		revokes         bool
	}{
		"its status":                           {true, false, "old", "r-old", [2]string{"new", "r-new"}, 1, settled, false},
		"its status, steady":                   {false, false, "old", "r-old", [2]string{"new", "r-old"}, 1, settled, false},
		"it is written already":                {true, false, "new", "r-new", [2]string{"new", "r-new"}, 0, settled, false},
		"it is written already, steady":        {false, false, "new", "r-old", [2]string{"new", "r-old"}, 0, settled, false},
		"another's refresh":                    {true, false, "other", "r-other", [2]string{"other", "r-other"}, 0, "", false},
		"another's refresh token alone":        {true, false, "old", "r-other", [2]string{"old", "r-other"}, 0, "", false},
		"another's access token alone":         {true, false, "other", "r-old", [2]string{"other", "r-old"}, 0, "", false},
		"another's access token, steady":       {false, false, "other", "r-old", [2]string{"other", "r-old"}, 0, "", false},
		"the same access token":                {true, false, "new", "r-other", [2]string{"new", "r-other"}, 0, "", false},
		"the same refresh token":               {true, false, "other", "r-new", [2]string{"other", "r-new"}, 0, "", false},
		"authorized anew":                      {true, true, "other", "r-other", [2]string{"other", "r-other"}, 0, dropped, true},
		"authorized anew, steady":              {false, true, "other", "r-other", [2]string{"other", "r-other"}, 0, dropped, false},
		"authorized anew, kept":                {true, true, "other", "r-old", [2]string{"other", "r-new"}, 1, settled, false},
		"authorized anew, kept, steady":        {false, true, "other", "r-old", [2]string{"other", "r-old"}, 0, dropped, false},
		"authorized anew, all kept, steady":    {false, true, "old", "r-old", [2]string{"old", "r-old"}, 0, dropped, false},
		"authorized anew, the same again":      {true, true, "other", "r-new", [2]string{"other", "r-new"}, 0, dropped, false},
		"authorized anew, and written already": {true, true, "new", "r-new", [2]string{"new", "r-new"}, 0, settled, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			g := b.srv.grant("ada", b.clock.now().Add(time.Hour))
			g.Token.Access, g.Token.Refresh = "old", "r-old"
			c, err := b.Connect(t.Context(), "user", g)
			if err != nil {
				t.Fatal(err)
			}
			changed := b.row(c.ID)
			b.srv.set(func(s *server) {
				s.onToken = func(w http.ResponseWriter, r *http.Request) bool {
					token := g.Token
					token.Access, token.Refresh = secret.Text(test.access), secret.Text(test.refresh)
					if test.anew {
						changed.Generation++
					}
					sealed, err := b.Seal(changed, token)
					if err == nil {
						err = b.store.Update(context.Background(), changed, sealed)
					}
					if err != nil {
						t.Error(err)
					}
					rotated := ""
					if test.rotates {
						rotated = `,"refresh_token":"r-new"`
					}
					return answer(200, `{"access_token":"new","expires_in":3600`+rotated+`}`)(w, r)
				}
			})
			if _, err := b.Refresh(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			cached := b.Cached(c.ID)
			tok, err := b.Token(t.Context(), c)
			row, sealed, _ := b.store.Token(t.Context(), c.ID)
			stored, openErr := b.Open(row, sealed)
			if err != nil || openErr != nil || !cached || [2]string{stored.Access.Reveal(), stored.Refresh.Reveal()} != test.then || tok.Access != stored.Access {
				t.Errorf("stored %q and %q, handed out %q, in memory %v, %v, %v", stored.Access.Reveal(), stored.Refresh.Reveal(), tok.Access.Reveal(), cached, err, openErr)
			}
			if n := row.Version - changed.Version - 1; n != test.changes {
				t.Errorf("the row is changed %d times", n)
			}
			names := b.events.names()
			events := slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == "token_revoked" })
			if test.event == "" && len(names) != 0 || test.event != "" && !slices.Equal(events, []string{test.event}) || slices.Contains(names, "token_revoked") != test.revokes {
				t.Errorf("events %v", names)
			}
			if revoked := b.srv.revoked; test.revokes != slices.Equal(revoked, []string{"r-new", "new"}) || !test.revokes && len(revoked) > 0 {
				t.Errorf("revoked %q", revoked)
			}
		})
	}
}

// A writingStore calls a function before each write of a token.
type writingStore struct {
	vault.Store
	writes int
	before func(n int) error
}

func (s *writingStore) UpdateAndRelease(ctx context.Context, c vault.Connection, sealed []byte, owner string) error {
	if sealed != nil {
		s.writes++
		if err := s.before(s.writes); err != nil {
			return err
		}
	}
	return s.Store.UpdateAndRelease(ctx, c, sealed, owner)
}

// Another process has sealed the row under a key that this one lacks, while it refreshed:
// the new token is neither lost nor handed out before the row opens again.
func TestVault16_ARowThatDoesNotOpenDuringARefresh(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	_, good, _ := b.store.Token(t.Context(), c.ID)
	store := &writingStore{Store: b.store}
	store.before = func(n int) error {
		if n == 1 {
			return store.Store.Update(t.Context(), b.row(c.ID), []byte("\x01\x01x\x00"))
		}
		if n == 4 {
			return store.Store.Update(t.Context(), b.row(c.ID), good)
		}
		return nil
	}
	v := b.open(logged(&log), func(c *vault.Config) { c.Store, c.Timeout = store, time.Second })
	if _, err := v.Refresh(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	for _, v := range []*vault.Vault{v, b.open()} {
		if tok, err := v.Token(t.Context(), c); err != nil || tok.Access != "CANARY-access-2" {
			t.Errorf("%q, %v", tok.Access.Reveal(), err)
		}
	}
	if n := b.srv.refreshN.Load(); n != 1 {
		t.Errorf("%d refreshes", n)
	}
}

// A key that seals from the third time on.
type slowKey struct {
	keyring.AEAD
	n *int
}

func (k slowKey) Encrypt(plaintext, data []byte) ([]byte, error) {
	if *k.n++; *k.n < 3 {
		return nil, errKeyAway
	}
	return k.AEAD.Encrypt(plaintext, data)
}

// A rotated token that cannot be sealed yet is kept until it can be.
func TestVault03_SealedBeforeHandedOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	n := 0
	key := b.keys.Keys()[0]
	key.AEAD = slowKey{key.AEAD, &n}
	keys, err := keyring.New(key)
	if err != nil {
		t.Fatal(err)
	}
	v := b.open(func(c *vault.Config) { c.Keys = keys })
	if _, err := v.Refresh(t.Context(), c); err != nil || n != 3 {
		t.Errorf("%v, sealed %d times", err, n)
	}
	if tok, err := b.open().Token(t.Context(), c); err != nil || tok.Access != "CANARY-access-2" {
		t.Errorf("%v", err)
	}
}

// The lease is renewed once half of it is gone, and again when that fails; no more often.
func TestVault03_HowOftenALeaseIsRenewed(t *testing.T) {
	t.Parallel()
	const timeout = 2 * time.Second
	leases := &hookedStore{}
	store := &writingStore{Store: leases}
	b := newBench(t)
	leases.Store = b.store
	v := b.open(func(c *vault.Config) { c.Store, c.Timeout = store, timeout })
	c := b.connect("ada", time.Hour)
	var lives []time.Duration
	fails := false
	leases.lease = func(_ context.Context, _ string, life time.Duration) (c vault.Connection, _ []byte, _ bool, _ error, _ bool) {
		lives = append(lives, life)
		if fails {
			fails = false
			return c, nil, false, errOut, true
		}
		return
	}
	steps := []struct {
		later time.Duration
		fails bool
		want  int // leases, before the write
	}{{0, false, 1}, {timeout - 1, false, 1}, {1, true, 1}, {0, false, 2}, {0, false, 3}, {timeout - 1, false, 3}, {1, false, 3}}
	store.before = func(n int) error {
		if n > len(steps) {
			if len(lives) != 4 {
				t.Errorf("at the end: %d leases", len(lives))
			}
			return nil
		}
		step := steps[n-1]
		b.clock.advance(step.later)
		if len(lives) != step.want {
			t.Errorf("write %d: %d leases, want %d", n, len(lives), step.want)
		}
		fails = step.fails
		return errOut
	}
	if _, err := v.Refresh(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	for _, life := range lives {
		if life != 2*timeout {
			t.Errorf("a lease of %v", life)
		}
	}
}

// A refresh that works ends the pauses that failures made.
func TestVault09_PausesEndWithANewToken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connectAs("user", "ada")
	for range 8 {
		b.refuseOnce(503, "")
		b.Token(t.Context(), c)
		b.clock.advance(6 * minute)
	}
	b.heal()
	b.srv.set(func(s *server) { s.life = time.Second })
	if _, err := b.Token(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(minute)
	b.refuseOnce(503, "")
	var pe *oauth.ProviderError
	if _, err := b.Token(t.Context(), c); !errors.As(err, &pe) {
		t.Fatal(err)
	}
	b.heal()
	b.clock.advance(time.Second)
	if _, err := b.Token(t.Context(), c); err != nil {
		t.Errorf("after a second: %v", err)
	}
}
