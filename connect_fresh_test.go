package social_test

import (
	"context"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/vault"
)

// becomesFresh says whether the signed-in users have proved who they are.
func (s *site) becomesFresh(fresh bool) { s.Config().Users.(*staleUsers).fresh.Store(fresh) }

// gone gives the user a connection to a provider that is not configured any more.
func (s *site) gone(userID string) {
	s.t.Helper()
	_, err := s.store.Insert(context.Background(), vault.Connection{ID: "old", UserID: userID, ProviderID: "gone", ProviderUserID: "9", Rank: -1, Status: vault.Active}, []byte("x"))
	must(s.t, err)
}

// onBoth runs a test with a store that has transactions, and with one that has none.
func onBoth(t *testing.T, test func(t *testing.T, open func(*testing.T, ...func(*social.Config)) *site)) {
	for name, open := range map[string]func(*testing.T, ...func(*social.Config)) *site{"alone": open, "in transactions": openTx} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open)
		})
	}
}

// An intruder with a stolen session must not connect an account of their own: it would be a
// way in for good, and prove everything else.
func TestAccounts6_ConnectingTakesAProof(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, open func(*testing.T, ...func(*social.Config)) *site) {
		for name, tt := range map[string]struct {
			prepare func(s *site) (userID string)
			asks    bool
		}{
			"a password":        {func(s *site) string { return s.user("matt@lp.com") }, true},
			"another provider":  {func(s *site) string { u := s.user("matt@lp.com", without); s.connected(u, s.bird, "1"); return u }, true},
			"the same provider": {func(s *site) string { u := s.user("matt@lp.com", without); s.connected(u, s.acme, "1"); return u }, true},
			// Nobody could log in to these any more: only who is signed in can go on.
			"no way to prove":      {func(s *site) string { return s.user("matt@lp.com", without) }, false},
			"a provider that left": {func(s *site) string { u := s.user("matt@lp.com", without); s.gone(u); return u }, false},
		} {
			s := open(t, stale)
			matt := tt.prepare(s)
			before := len(s.rows(matt))
			b, program := s.signedIn(matt), s.signedIn(matt).program()
			if !tt.asks {
				if b.flow("/connect/acme", "7", "next", "/there"); len(s.rows(matt)) != before+1 {
					t.Errorf("%s: cannot connect", name)
				}
				// Now there is a way to prove who they are.
				if a := program.post("/connect/bird", nil); a.problem() != "reauthentication_required" {
					t.Errorf("%s, a second one: %d %s", name, a.status, a.body)
				}
				continue
			}
			a := b.post("/connect/acme", url.Values{"next": {"/there"}, "scope": {"mail"}}, "Referer", s.url+"/settings?a=1")
			if a.status != 303 || a.location != "/verify?next="+url.QueryEscape("/settings?a=1&scope=mail&next=%2Fthere") {
				t.Errorf("%s: %d to %s", name, a.status, a.location)
			}
			if a = b.post("/connect/acme", url.Values{"next": {"/there"}}); a.status != 303 || a.location != "/verify?next=%2Fthere" {
				t.Errorf("%s, from nowhere: %d to %s", name, a.status, a.location)
			}
			if a = b.post("/connect/acme", url.Values{"next": {"/there"}, "failure": {"query"}}); a.location != "/verify?next=%2Fthere&error=reauthentication_required" {
				t.Errorf("%s, told: %d to %s", name, a.status, a.location)
			}
			long := url.Values{"scope": {strings.Repeat("x", 2100)}}
			if a = b.post("/connect/acme", long, "Referer", s.url+"/settings?a=1"); a.location != "/verify?next=%2Fsettings%3Fa%3D1" {
				t.Errorf("%s, too long to keep: %d to %.100s", name, a.status, a.location)
			}
			if a = program.post("/connect/acme", nil); a.status != 401 || a.problem() != "reauthentication_required" {
				t.Errorf("%s, as a program: %d %s", name, a.status, a.body)
			}
			if n := s.acme.begins(); n != 0 {
				t.Errorf("%s: %d flows began", name, n)
			}
			s.becomesFresh(true)
			if b.flow("/connect/acme", "7"); len(s.rows(matt)) != before+1 {
				t.Errorf("%s: cannot connect after the proof", name)
			}
		}
	})
}

// The proof may become too old on the way to the provider and back. Then the account
// waits until there is another one, and is connected by the user's answer.
func TestAccounts6_AConnectionOfAnOldProofWaits(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, open func(*testing.T, ...func(*social.Config)) *site) {
		s := open(t, stale)
		matt := s.user("matt@lp.com")
		s.connected(matt, s.bird, "1")
		for subject, b := range map[string]*browser{"7": s.signedIn(matt), "8": s.signedIn(matt).program()} {
			s.becomesFresh(true)
			callback, answer := b.begin("/connect/acme", subject, "next", "/there")
			s.becomesFresh(false)
			before := len(s.rows(matt))
			a := b.get(callback + "?" + answer.Encode())
			if b.json && (a.status != 401 || a.problem() != "reauthentication_required") ||
				!b.json && (a.status != 303 || a.location != "/verify?next=%2Fconnections%2Fpending") {
				t.Errorf("%d %s to %s", a.status, a.body, a.location)
			}
			b.json = true
			var waits struct{ ID string }
			decode(t, b.get("/connections/pending"), &waits)
			if a = b.post("/connections/pending", url.Values{"signup": {waits.ID}}); a.status != 401 || a.problem() != "reauthentication_required" {
				t.Errorf("without a proof: %d %s", a.status, a.body)
			}
			b.json = false
			a = b.post("/connections/pending", url.Values{"signup": {waits.ID}}, "Referer", s.url+"/elsewhere")
			if a.status != 303 || a.location != "/verify?next=%2Fconnections%2Fpending" {
				t.Errorf("without a proof: %d to %s", a.status, a.location)
			}
			if len(s.rows(matt)) != before {
				t.Fatal("connected without a proof")
			}
			if a = b.flow("/verify/bird", "1", "next", "/connections/pending"); a.location != "/connections/pending" {
				t.Fatalf("the proof: %d %s", a.status, a.body)
			}
			if a = b.post("/connections/pending", url.Values{"signup": {waits.ID}}); a.status != 303 || a.location != "/there" || len(s.rows(matt)) != before+1 {
				t.Errorf("after the proof: %d to %s", a.status, a.location)
			}
		}
	})
}

// What waits to be connected after a log-in waits longer than the proof of that lasts.
func TestAccounts6_APendingSignUpIsConnectedByAProof(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, open func(*testing.T, ...func(*social.Config)) *site) {
		s := open(t, stale, func(c *social.Config) { c.SignUp = social.Form })
		matt := s.user("matt@lp.com")
		b := s.browser()
		b.flow("/login/acme", "7", "next", "/there")
		b.json = true
		var waits struct{ ID string }
		decode(t, b.get("/register/acme"), &waits)
		b.json = false
		if a := b.post("/log-in", url.Values{"email": {"matt@lp.com"}, "signup": {waits.ID}}); a.body != "/connections/pending" {
			t.Fatalf("%d %s", a.status, a.body)
		}
		if a := b.post("/connections/pending", url.Values{"signup": {waits.ID}}); a.location != "/verify?next=%2Fconnections%2Fpending" || len(s.rows(matt)) != 0 {
			t.Errorf("without a proof: %d to %s", a.status, a.location)
		}
		s.becomesFresh(true)
		if a := b.post("/connections/pending", url.Values{"signup": {waits.ID}}); a.location != "/there" || len(s.rows(matt)) != 1 {
			t.Errorf("after the proof: %d to %s", a.status, a.location)
		}
	})
}

// A reconnect gives nobody a way in that was not there, and needs no proof.
func TestAccounts6_AReconnectIsNoWayIn(t *testing.T) {
	t.Parallel()
	s := openTx(t, stale)
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	b := s.signedIn(matt)
	b.ends(t, b.flow("/reconnect/acme", "7", "scope", "more"), ending{303, "/profile", "error: That is a different Acme account", "connection_failed"})
	b.ends(t, b.flow("/reconnect/acme", "1", "scope", "more"), ending{303, "/profile", "success: Connection to Acme renewed", "connection_updated"})
	if rows := s.rows(matt); len(rows) != 1 || rows[0].ProviderUserID != "1" {
		t.Errorf("%+v", rows)
	}
}

// When it is not known whether a proof is due, nothing is connected.
func TestAccounts6_NoConnectionUnlessItIsKnownWhoProves(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(s *site, store *brokenStore, d *listless){
		"the store":  func(_ *site, store *brokenStore, _ *listless) { store.fail("ByUser") },
		"the source": func(_ *site, _ *brokenStore, d *listless) { d.fails.Store(true) },
		"the users":  func(s *site, _ *brokenStore, _ *listless) { s.Config().Users.(*unsureUsers).fails.Store(true) },
	} {
		d := &listless{directory: &directory{}}
		s, store := openBroken(t, func(c *social.Config) {
			d.set("", c.Providers...)
			c.Providers, c.Source = nil, d
			c.Users = &unsureUsers{staleUsers: &staleUsers{Accounts: c.Users.(*accounts.Accounts)}}
		})
		matt := s.user("matt@lp.com", without)
		s.gone(matt)
		b := s.signedIn(matt).program()
		callback, answer := b.begin("/connect/acme", "7")
		fail(s, store, d)
		for step, a := range map[string]reply{"beginning": b.post("/connect/acme", nil), "connecting": b.get(callback + "?" + answer.Encode())} {
			if a.status != 500 || !strings.Contains(s.log.String(), errBroken.Error()) {
				t.Errorf("%s, %s: %d %s", name, step, a.status, a.body)
			}
		}
		if store.fail(); len(s.rows(matt)) != 1 {
			t.Errorf("%s: connected", name)
		}
	}
}

// unsureUsers may not know whether their user can prove who they are.
type unsureUsers struct {
	*staleUsers
	fails atomic.Bool
}

func (u *unsureUsers) CanProve(ctx context.Context) (bool, error) {
	if u.fails.Load() {
		return false, errBroken
	}
	return u.Accounts.CanProve(ctx)
}
