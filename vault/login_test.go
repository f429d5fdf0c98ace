package vault_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A log-in asks for less than a connection may have: it takes nothing away.
func TestVault06_LogInNarrowsNothing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name                string
		has, granted, asked []string
		replaces            bool
	}{
		{"the same", []string{"read", "write"}, []string{"write", "read"}, nil, true},
		{"more", []string{"read"}, []string{"read", "write"}, nil, true},
		{"less", []string{"read", "write"}, []string{"read"}, nil, false},
		{"others", []string{"read", "write"}, []string{"read", "email"}, nil, false},
		{"none named", nil, nil, nil, true},
		{"unknown, asked for as much", []string{"read"}, nil, []string{"read", "write"}, true},
		{"unknown, asked for less", []string{"read", "write"}, nil, []string{"read"}, false},
		{"unknown, nothing asked for", []string{"read"}, nil, nil, false},
		{"by another name", []string{"mail"}, []string{"https://scopes.test/mail"}, nil, true},
		{"the protocol's own left out", []string{"openid", "offline_access", "email"}, []string{"email"}, nil, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			first := b.srv.grant("ada", b.clock.now().Add(time.Hour))
			first.Token.Scopes = test.has
			c, err := b.Connect(t.Context(), "user", first)
			if err != nil {
				t.Fatal(err)
			}
			g := b.srv.grant("ada", b.clock.now().Add(time.Hour))
			g.Token.Scopes, g.RequestedScopes, g.Profile.DisplayName = test.granted, test.asked, "Ada"
			next, err := b.RenewByLogIn(t.Context(), c, g)
			if err != nil {
				t.Fatal(err)
			}
			row := b.row(c.ID)
			if row.DisplayName != "Ada" || next.Version != row.Version {
				t.Errorf("%q, versions %d and %d", row.DisplayName, next.Version, row.Version)
			}
			want, scopes, generation := first.Token.Access, test.has, int64(1)
			if test.replaces {
				want, scopes, generation = g.Token.Access, test.granted, 2
			}
			tok, err := b.Token(t.Context(), c)
			if err != nil || tok.Access != want || !slices.Equal(row.Scopes, scopes) || row.Generation != generation {
				t.Errorf("replaced: %v, %v, generation %d, %v", tok.Access == g.Token.Access, row.Scopes, row.Generation, err)
			}
			if b.srv.revokeN.Load() != 0 {
				t.Error("a token was revoked")
			}
		})
	}
}

// connectWide makes a connection with more scopes than a log-in asks for, whose
// token is due.
func (b *bench) connectWide() vault.Connection {
	b.t.Helper()
	g := b.srv.grant("ada", b.clock.now().Add(minute))
	g.Token.Scopes = []string{"read", "write"}
	c, err := b.Connect(b.t.Context(), "user", g)
	if err != nil {
		b.t.Fatal(err)
	}
	b.clock.advance(time.Hour)
	return c
}

// A connection that needs reauthorization still does after a log-in that grants
// less: the user has to reconnect, with all scopes that the connection had.
func TestVault06_LogInWithLessHealsNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connectWide()
	b.srv.set(func(s *server) { clear(s.refresh) })
	if _, err := b.Token(t.Context(), c); !errors.Is(err, vault.ErrNeedsReauthorization) {
		t.Fatal(err)
	}
	if _, err := b.RenewByLogIn(t.Context(), b.row(c.ID), b.srv.grant("ada", time.Time{})); err != nil {
		t.Fatal(err)
	}
	if row := b.row(c.ID); row.Status != vault.NeedsReauthorization || len(row.Scopes) != 2 {
		t.Errorf("%s, %v", row.Status, row.Scopes)
	}
	wide := b.srv.grant("ada", b.clock.now().Add(time.Hour))
	wide.Token.Scopes = []string{"read", "write"}
	if _, err := b.RenewByLogIn(t.Context(), b.row(c.ID), wide); err != nil {
		t.Fatal(err)
	}
	if row := b.row(c.ID); row.Status != vault.Active || b.events.count("connection_recovered") != 1 {
		t.Errorf("%s, %v", row.Status, b.events.names())
	}
}

// A user logs in although their old token does not open, and it is not lost.
func TestVault16_LogInWithAMissingKey(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", minute)
	v := b.open(func(cfg *vault.Config) { cfg.Keys = ring(t, keyring.NewKey().Reveal()) })
	g := b.srv.grant("ada", time.Time{})
	g.Token.Refresh = ""
	if _, err := v.RenewByLogIn(t.Context(), c, g); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(time.Hour)
	if status, err := b.get(b.Vault, c); status != 200 {
		t.Errorf("with the key again: %d, %v", status, err)
	}
}

// A log-in during a refresh that takes nothing away leaves the refresh alone.
func TestVault13_LogInDuringRefresh(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connectWide()
	b.srv.set(func(s *server) { s.onToken = onceThen(s, func() { b.logIn(c) }) })
	if _, err := b.Token(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if row := b.row(c.ID); row.DisplayName != "met" || row.Generation != 1 {
		t.Errorf("%q, generation %d", row.DisplayName, row.Generation)
	}
	b.clock.advance(2 * time.Hour)
	if status, err := b.get(b.open(), c); status != 200 || b.srv.revokeN.Load() != 0 {
		t.Errorf("the rotated token is lost: %d, %v, %d revocations", status, err, b.srv.revokeN.Load())
	}
}

func (b *bench) logIn(c vault.Connection) {
	g := &oauth.Grant{ProviderID: c.ProviderID, Profile: oauth.Profile{Subject: c.ProviderUserID, DisplayName: "met"},
		Token: oauth.Token{Access: "less", Refresh: "less", Scopes: []string{"read"}}}
	if _, err := b.open().RenewByLogIn(b.t.Context(), c, g); err != nil {
		b.t.Error(err)
	}
}

// A log-in writes to the row while a refresh is under way whose answer is lost:
// the loss is remembered.
func TestVault04_LossIsNotedOverALogIn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connectWide()
	b.srv.set(func(s *server) {
		s.onToken = func(_ http.ResponseWriter, r *http.Request) bool {
			s.set(func(s *server) { s.onToken = nil })
			s.token(httptest.NewRecorder(), r)
			b.logIn(c)
			panic(http.ErrAbortHandler)
		}
	})
	if _, err := b.Token(t.Context(), c); err == nil || errors.Is(err, vault.ErrNeedsReauthorization) {
		t.Fatalf("got %v", err)
	}
	if row := b.row(c.ID); row.Status != vault.Failing || row.LastError != "unanswered" || row.DisplayName != "met" || b.srv.refreshN.Load() != 2 { // the second is the one handed on above
		t.Errorf("%s, %q, %q, %d refreshes", row.Status, row.LastError, row.DisplayName, b.srv.refreshN.Load())
	}
	b.clock.advance(minute)
	if _, err := b.Token(t.Context(), c); !errors.Is(err, vault.ErrNeedsReauthorization) {
		t.Fatalf("got %v", err)
	}
	if row := b.row(c.ID); row.LastError != "lost_rotation" {
		t.Errorf("%s", row.LastError)
	}
}

// A refresh token that is kept keeps its expiry.
func TestRenewedKeepsTheRefreshTokensEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) { c.KeepAlive = 30 * 24 * time.Hour })
	began := b.clock.now()
	g := b.srv.grant("ada", began.Add(time.Hour))
	g.Token.RefreshExpiry = began.Add(240 * time.Hour)
	c, err := b.Connect(t.Context(), "user", g)
	if err != nil {
		t.Fatal(err)
	}
	b.clock.advance(100 * time.Hour)
	again := b.srv.grant("ada", b.clock.now().Add(time.Hour))
	again.Token.Refresh = ""
	if _, err := b.Renew(t.Context(), c, again); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(106 * time.Hour) // three quarters of what was left
	all, err := b.KeepAlive(t.Context())
	if err != nil || len(all) != 1 || all[0].Refreshed != 1 {
		t.Errorf("%+v, %v", all, err)
	}
}

// The caller may have read the connection some time ago: scopes that were granted
// since are not taken away, and a connection is never renewed with another account's
// grant.
func TestRenewedByWhatTheRowHolds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c, bob := b.connect("ada", time.Hour), b.connect("bob", time.Hour)
	grant := func(scopes ...string) *oauth.Grant {
		g := b.srv.grant("ada", b.clock.now().Add(time.Hour))
		g.Token.Scopes, g.Token.Refresh = scopes, ""
		return g
	}
	if _, err := b.Renew(t.Context(), c, grant("read", "write")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.RenewByLogIn(t.Context(), c, grant("read")); err != nil {
		t.Fatal(err)
	}
	if scopes := b.row(c.ID).Scopes; !slices.Equal(scopes, []string{"read", "write"}) {
		t.Errorf("scopes %q", scopes)
	}
	forged := c
	forged.ID = bob.ID
	if _, err := b.Renew(t.Context(), forged, grant("read")); !errors.Is(err, vault.ErrOtherAccount) {
		t.Errorf("another's row: %v", err)
	}
}
