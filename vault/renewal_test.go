package vault_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// What is kept of a grant and of what was there before, by the user's own renewal and by
// a log-in.
func TestVault06_WhatARenewalKeeps(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		byLogIn        bool
		hadRefresh     bool
		refresh        bool // the grant has one
		scopes         []string
		replaces, kept bool // the token; of the old one the refresh token and its client
	}{
		"renewed":                              {false, true, true, []string{"read"}, true, false},
		"with less":                            {false, true, true, []string{"other"}, true, false},
		"without a refresh token":              {false, true, false, []string{"read"}, true, true},
		"with less, without a refresh token":   {false, true, false, []string{"other"}, true, true},
		"there was none either":                {false, false, false, []string{"read"}, true, false},
		"by log-in":                            {true, true, true, []string{"read"}, true, false},
		"by log-in, without a refresh token":   {true, true, false, []string{"read"}, true, true},
		"by log-in, there was none either":     {true, false, false, []string{"read"}, true, false},
		"by log-in, with less":                 {true, true, true, []string{"other"}, false, true},
		"by log-in, with less and without one": {true, true, false, []string{"other"}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(c *vault.Config) {
				c.Providers[0].(*oauth.OAuth2).Credentials = []oauth.Credentials{{ClientID: "new", ClientSecret: "n"}, {ClientID: "old", ClientSecret: "o"}}
			})
			seen := b.srv.clients()
			first := b.srv.grant("ada", b.clock.now().Add(time.Hour))
			first.Token.ClientID = "old"
			if !test.hadRefresh {
				first.Token.Refresh = ""
			}
			c, err := b.Connect(t.Context(), "user", first)
			if err != nil {
				t.Fatal(err)
			}
			g := b.srv.grant("ada", b.clock.now().Add(time.Hour))
			g.Token.ClientID, g.Token.Scopes = "new", test.scopes
			if !test.refresh {
				g.Token.Refresh = ""
			}
			renew := b.Renew
			if test.byLogIn {
				renew = b.RenewByLogIn
			}
			b.clock.advance(minute)
			next, err := renew(t.Context(), c, g)
			if err != nil {
				t.Fatal(err)
			}
			want, client := first.Token.Access, "old"
			if test.replaces {
				want = g.Token.Access
			}
			if test.replaces && !test.kept {
				client = "new"
			}
			row := b.row(c.ID)
			if tok, err := b.Token(t.Context(), c); err != nil || tok.Access != want || row.ClientID != client || next.ClientID != client || !row.UpdatedAt.Equal(b.clock.now()) {
				t.Errorf("replaced: %v, client %q, updated %v, %v", tok.Access == g.Token.Access, row.ClientID, row.UpdatedAt, err)
			}
			if !test.refresh && !test.hadRefresh {
				return
			}
			if _, err := b.Refresh(t.Context(), c); err != nil {
				t.Error(err)
			}
			if got := seen(); len(got) != 1 || got[0][:3] != client[:3] {
				t.Errorf("refreshed by %q", got)
			}
		})
	}
}

// A staleStore says that each row has changed.
type staleStore struct {
	vault.Store
	updates int
}

func (s *staleStore) Update(context.Context, vault.Connection, []byte) error {
	s.updates++
	return vault.ErrStale
}

func (s *staleStore) UpdateAndRelease(ctx context.Context, c vault.Connection, sealed []byte, _ string) error {
	return s.Update(ctx, c, sealed)
}

// What others change all the time is not tried without end.
func TestChangesThatAlwaysComeTooLate(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(*bench, *vault.Vault, vault.Connection) error{
		"a renewal": func(b *bench, v *vault.Vault, c vault.Connection) error {
			return errOf(v.Renew(b.t.Context(), c, b.srv.grant("ada", time.Time{})))
		},
		"a refresh that fails": func(b *bench, v *vault.Vault, c vault.Connection) error {
			b.refuseOnce(503, "")
			err := errOf(v.Refresh(b.t.Context(), c))
			if n := b.srv.refreshN.Load(); n != 3 {
				b.t.Errorf("%d refreshes", n)
			}
			if _, _, _, err := b.store.Lease(b.t.Context(), c.ID, "another", b.clock.now(), b.clock.now().Add(minute)); err != nil {
				b.t.Errorf("the connection is not free: %v", err)
			}
			if !errors.Is(err, vault.ErrRefreshing) {
				b.t.Errorf("got %v", err)
			}
			return vault.ErrStale
		},
		"a check": func(b *bench, v *vault.Vault, c vault.Connection) error {
			c.Status, c.LastError = vault.Failing, "other_subject"
			if err := b.store.(*staleStore).Store.Update(b.t.Context(), c, nil); err != nil {
				b.t.Fatal(err)
			}
			if _, err := v.Check(b.t.Context(), c); err != nil { // another has written since
				return err
			}
			return vault.ErrStale
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			c := b.connect("ada", time.Hour)
			store := &staleStore{Store: b.store}
			v := b.open(func(c *vault.Config) { c.Store = store })
			if err := do(b, v, c); !errors.Is(err, vault.ErrStale) {
				t.Errorf("got %v", err)
			}
			if store.updates == 0 || store.updates > 100 {
				t.Errorf("tried %d times", store.updates)
			}
		})
	}
}

// A log-in of a user whose provider has not been asked for yet.
func TestRenewalByAProviderThatIsNotOpen(t *testing.T) {
	t.Parallel()
	b, source := sourcedBench(t)
	c := b.connect("ada", time.Hour)
	v := b.open(func(c *vault.Config) { c.Providers, c.Source = nil, source })
	if _, err := v.RenewByLogIn(t.Context(), c, b.srv.grant("ada", time.Time{})); err != nil {
		t.Error(err)
	}
	g := b.srv.grant("ada", time.Time{})
	g.Token.Scopes = []string{"other"}
	if _, err := v.RenewByLogIn(t.Context(), c, g); err != nil {
		t.Error(err)
	}
	if row := b.row(c.ID); !slices.Equal(row.Scopes, []string{"read"}) {
		t.Errorf("%q", row.Scopes)
	}
	bob, err := v.Connect(t.Context(), "user", b.srv.grant("bob", time.Time{}))
	if err != nil || !bob.CreatedAt.Equal(b.clock.now()) || !b.row(bob.ID).CreatedAt.Equal(b.clock.now()) {
		t.Errorf("connected at %v, %v", bob.CreatedAt, err)
	}
}

// cannotSeal opens a vault whose keys open and do not seal.
func (b *bench) cannotSeal(change ...func(*vault.Config)) *vault.Vault {
	b.t.Helper()
	broken := b.keys.Keys()[0]
	broken.AEAD = brokenKey{broken.AEAD}
	keys, err := keyring.New(broken)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.open(append(change, func(c *vault.Config) { c.Keys = keys })...)
}

// A key service that is away costs no token that there is.
func TestVault16_WhileNothingCanBeSealed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	_, before, _ := b.store.Token(t.Context(), c.ID)
	v := b.cannotSeal()
	if _, err := v.Renew(t.Context(), c, b.srv.grant("ada", time.Time{})); !errors.Is(err, errKeyAway) {
		t.Errorf("renewing: %v", err)
	}
	row, after, err := b.store.Token(t.Context(), c.ID)
	if err != nil || row.Version != 1 || string(after) != string(before) {
		t.Errorf("version %d, %v", row.Version, err)
	}
	if _, err := v.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil || b.srv.revokeN.Load() != 2 {
		t.Errorf("disconnecting: %v, %d revocations", err, b.srv.revokeN.Load())
	}
	b.srv.set(func(s *server) { s.onRevoke = answer(503, "") })
	bob := b.connect("bob", time.Hour)
	if _, err := v.Disconnect(t.Context(), vault.Removal{UserID: bob.UserID}); err != nil || b.events.count("revocation_abandoned") != 1 {
		t.Errorf("disconnecting: %v, %v", err, b.events.names())
	}
	if due := b.dueRevocations(); len(due) != 0 {
		t.Errorf("%d revocations wait, unsealed", len(due))
	}
}
