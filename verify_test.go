package social_test

import (
	"context"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// staleUsers have proved too long ago who they are, until they do so again.
type staleUsers struct {
	*accounts.Accounts
	fresh atomic.Bool
}

func (u *staleUsers) IsFresh(context.Context) bool { return u.fresh.Load() }

func (u *staleUsers) ProveSession(ctx context.Context, via string) error {
	err := u.Accounts.ProveSession(ctx, via)
	if err == nil {
		u.fresh.Store(true)
	}
	return err
}

func stale(c *social.Config) { c.Users = &staleUsers{Accounts: c.Users.(*accounts.Accounts)} }

// proofs returns when each of the user's sessions was last proved.
func (s *site) proofs(userID string) (at []int64) {
	s.t.Helper()
	list, err := s.acc.Sessions(context.Background(), userID)
	must(s.t, err)
	for i := range list {
		at = append(at, list[i].ProvedAt.UnixNano())
	}
	return at
}

// The account at a provider that is connected proves who the signed-in user is, in the
// session in which it does.
func TestAccounts6_AConnectedProviderProvesTheUser(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T, ...func(*social.Config)) *site{"alone": open, "in transactions": openTx} {
		s := open(t)
		matt := s.user("matt@lp.com")
		for _, p := range []*stub{s.acme, s.bird} {
			c := s.connected(matt, p, "1")
			s.connected(s.user("joe@"+p.about.ID, without), p, "2")
			b := s.signedIn(matt)
			page := "/verify/" + p.about.ID
			before, token := s.proofs(matt), s.token(c)

			differs := ending{303, "/verify?next=%2Fsecurity", "error: That is a different " + p.about.Name + " account", "reauthentication_failed"}
			b.ends(t, b.flow(page, "2", "next", "/security"), differs) // another user's
			b.ends(t, b.flow(page, "3", "next", "/security"), differs) // no user's
			b.ends(t, b.deny(page), ending{303, "/verify", "error: Access was denied to your " + p.about.Name + " account", ""})
			if got := s.proofs(matt); !slices.Equal(got, before) || s.token(c) != token {
				t.Errorf("%s: proved by another account", name)
			}
			b.ends(t, b.flow(page, "1", "next", "/security"), ending{303, "/security", "", ""})
			if got := s.proofs(matt); len(got) != len(before) || got[0] <= before[0] || !slices.Equal(got[1:], before[1:]) {
				t.Errorf("%s: proofs %d, before %d", name, got, before)
			}
			if s.token(c) == token {
				t.Errorf("%s: the new token is not kept", name)
			}
			b.ends(t, b.flow(page, "1"), ending{303, "/profile", "", ""})
			if !p.lastAsk().Reauthenticate {
				t.Errorf("%s: the provider is not asked for a new proof", name)
			}
			if got := len(s.rows(matt)); got != 1 && p == s.acme {
				t.Errorf("%s: %d connections", name, got)
			}
		}
	}
}

func TestVerifyingAsAProgram(t *testing.T) {
	t.Parallel()
	s := openTx(t)
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	b := s.signedIn(matt).program()
	before := s.proofs(matt)
	if a := b.flow("/verify/acme", "2"); a.status != 401 || a.problem() != "bad_credentials" {
		t.Errorf("another account: %d %s", a.status, a.body)
	}
	if a := b.flow("/verify/acme", "1"); a.status != 200 || a.body != "{}\n" || s.proofs(matt)[0] <= before[0] {
		t.Errorf("%d %q", a.status, a.body)
	}
	for path, want := range map[string]struct {
		b      *browser
		status int
		code   string
	}{
		"/verify/bird":   {b, 404, "no_connection"},
		"/verify/nobody": {b, 404, "unknown_provider"},
		"/verify/acme":   {s.browser().program(), 401, "not_signed_in"},
	} {
		if a := want.b.post(path, nil); a.status != want.status || a.problem() != want.code {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if a := b.post("/verify/acme", nil, "Origin", "https://evil.example"); a.status != 403 {
		t.Errorf("of another site: %d", a.status)
	}
}

// A flow that one user began proves nothing about another, nor in a session that ended.
func TestAProofIsOfItsSession(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]func(s *site, b *browser, joe string){
		"another user": func(_ *site, b *browser, joe string) { b.signIn(joe) },
		"signed out":   func(_ *site, b *browser, _ string) { b.post("/sign-out", nil) },
		"taken over": func(s *site, b *browser, _ string) {
			must(s.t, s.acc.SetPassword(t.Context(), b.whoami(), "correct horse battery"))
		},
	} {
		s := openTx(t)
		matt, joe := s.user("matt@lp.com"), s.user("joe@lp.com")
		s.connected(matt, s.acme, "1")
		b := s.signedIn(matt)
		s.signedIn(matt)
		path, answer := b.begin("/verify/acme", "1")
		after(s, b, joe)
		before := append(s.proofs(matt), s.proofs(joe)...)
		if a := b.get(path + "?" + answer.Encode()); a.status != 400 {
			t.Errorf("%s: %d to %s", name, a.status, a.location)
		}
		if got := append(s.proofs(matt), s.proofs(joe)...); !slices.Equal(got, before) {
			t.Errorf("%s: proved", name)
		}
	}
}

// Where users have nothing to do with proofs, none is asked for.
func TestUsersWithoutProofs(t *testing.T) {
	t.Parallel()
	s := openTx(t, func(c *social.Config) { c.Users = plainUsers{c.Users} })
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	s.connected(matt, s.bird, "1")
	b := s.signedIn(matt).program()
	if a := b.post("/verify/acme", nil); a.status != 404 || a.problem() != "not_found" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := b.do("DELETE", "/connect/acme", nil); a.status != 204 {
		t.Errorf("removal: %d %s", a.status, a.body)
	}
}

// What is left is not known when the store or the source of providers fails: nothing is
// removed then, and no proof asked for.
func TestAccounts6_NoRemovalUnlessItIsKnownWhatIsLeft(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(store *brokenStore, d *listless){
		"the store":  func(store *brokenStore, _ *listless) { store.fail("Remove") },
		"the source": func(_ *brokenStore, d *listless) { d.fails.Store(true) },
	} {
		d := &listless{directory: &directory{}}
		s, store := openBroken(t, stale, func(c *social.Config) {
			d.set("", c.Providers...)
			c.Providers, c.Source = nil, d
		})
		matt := s.user("matt@lp.com")
		s.connected(matt, s.acme, "1")
		b := s.signedIn(matt).program()
		fail(store, d)
		if a := b.do("DELETE", "/connect/acme/1", nil); a.status != 500 || !strings.Contains(s.log.String(), errBroken.Error()) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		if store.fail(); len(s.rows(matt)) != 1 {
			t.Errorf("%s: removed", name)
		}
	}
}

// listless sources know each provider, and not which there are.
type listless struct {
	*directory
	fails atomic.Bool
}

func (l *listless) Providers(ctx context.Context) ([]oauth.Provider, error) {
	if l.fails.Load() {
		return nil, errBroken
	}
	return l.directory.Providers(ctx)
}

// A store that fails while a proof is written, or asked for, is a failure, and proves
// nothing. A connection that is gone proves nothing either.
func TestProofsThatFail(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		begins string // the call that fails when it begins
		call   string // the call that fails when the answer comes
		err    error
		status int
		event  bool
	}{
		"beginning":        {"ByUser", "", errBroken, 500, false},
		"whose it is":      {"", "ByIdentity", errBroken, 500, false},
		"writing":          {"", "Update", errBroken, 500, false},
		"gone by now":      {"", "ByIdentity", vault.ErrNoConnection, 401, true},
		"gone a bit later": {"", "Update", vault.ErrNoConnection, 401, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, store := openBroken(t)
			matt := s.user("matt@lp.com")
			s.connected(matt, s.acme, "1")
			b := s.signedIn(matt).program()
			before := s.proofs(matt)
			s.happened()
			var a reply
			if tc.begins != "" {
				store.failWith(tc.err, tc.begins)
				a = b.post("/verify/acme", nil)
			} else {
				callback, answer := b.begin("/verify/acme", "1")
				store.failWith(tc.err, tc.call)
				a = b.get(callback + "?" + answer.Encode())
			}
			if a.status != tc.status || (tc.status == 500) != strings.Contains(s.log.String(), errBroken.Error()) {
				t.Errorf("%d %s; log:\n%s", a.status, a.body, s.log)
			}
			if got := s.proofs(matt); !slices.Equal(got, before) {
				t.Error("proved")
			}
			var want []social.Event
			if tc.event {
				want = []social.Event{social.ReauthenticationFailed{UserID: matt, ProviderID: "acme"}}
			}
			if got := s.happened(); !reflect.DeepEqual(got, want) {
				t.Errorf("events %#v", got)
			}
		})
	}
}

// A provider that fails during a proof has not been denied.
func TestAProofWhoseProviderFails(t *testing.T) {
	t.Parallel()
	s := openTx(t)
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	if a := s.signedIn(matt).program().deny("/verify/acme"); a.status != 401 || a.problem() != "bad_credentials" {
		t.Errorf("denied: %d %s", a.status, a.body)
	}
	if a := s.signedIn(matt).program().flow("/verify/acme", "empty"); a.status != 502 || a.problem() != "provider_failed" {
		t.Errorf("failed: %d %s", a.status, a.body)
	}
}

// endedSessions have ended when something is to be written.
type endedSessions struct{ *accounts.Accounts }

func (endedSessions) LockSession(context.Context) (bool, error) { return false, nil }

// A session that has ended is not proved, and the log says why.
func TestAProofOfASessionThatHasEnded(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.Users = endedSessions{c.Users.(*accounts.Accounts)} })
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	b := s.signedIn(matt)
	before := s.proofs(matt)
	if a := b.flow("/verify/acme", "1"); a.status != 400 || !strings.Contains(s.log.String(), "the session has ended meanwhile") || !slices.Equal(s.proofs(matt), before) {
		t.Errorf("%d %s; log:\n%s", a.status, a.body, s.log)
	}
}

// A program that sends an answer again is led on, as after a log-in, and the provider is
// not asked again.
func TestAProofCountsOnceForAProgram(t *testing.T) {
	t.Parallel()
	s := openTx(t)
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	for i, path := range []string{"/login/acme", "/verify/acme"} {
		b := s.browser().program()
		if path != "/login/acme" {
			b.signIn(matt)
		}
		callback, answer := b.begin(path, "1", "next", "/there")
		if a := b.get(callback + "?" + answer.Encode()); a.status != 200 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
		if a := b.get(callback + "?" + answer.Encode()); a.status != 303 || a.location != "/there" {
			t.Errorf("%s, again: %d %q", path, a.status, a.location)
		}
		if n := s.acme.requests(); n != i+1 {
			t.Errorf("%s: %d token requests", path, n)
		}
	}
}

// Who asks for the code of a failure learns of a proof that is due, too.
func TestAProofThatIsDueIsTold(t *testing.T) {
	t.Parallel()
	s := openTx(t, stale)
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	if a := s.signedIn(matt).do("DELETE", "/connect/acme/1?failure=query", nil); a.location != "/verify?error=reauthentication_required" {
		t.Errorf("%d %q", a.status, a.location)
	}
}

// Parallel removals do not get around the proof: each counts what the ones before it left.
func TestAccounts6_ParallelRemovalsTakeAProof(t *testing.T) {
	t.Parallel()
	s := openTx(t, stale)
	for i := range 10 {
		matt := s.user(fmt.Sprintf("matt%d@lp.com", i), without)
		b := s.signedIn(matt).program()
		subjects := []string{"a", "b", "c", "d"}
		for _, subject := range subjects {
			s.connected(matt, s.acme, subject+strconv.Itoa(i))
		}
		var group sync.WaitGroup
		for _, subject := range subjects {
			group.Go(func() {
				if a := b.do("DELETE", "/connect/acme/"+subject+strconv.Itoa(i), nil); a.status != 204 && a.problem() != "reauthentication_required" {
					t.Errorf("%d %s", a.status, a.body)
				}
			})
		}
		group.Wait()
		if left := len(s.rows(matt)); left != 2 {
			t.Errorf("%d connections are left", left)
		}
	}
}

// To remove the last way to log in but one takes a recent proof: who holds the one that
// is left keeps the account.
func TestAccounts6_TheLastWayInButOneTakesAProof(t *testing.T) {
	t.Parallel()
	gone := func(s *site, user string) {
		_, err := s.store.Insert(context.Background(), vault.Connection{ID: "old", UserID: user, ProviderID: "gone", ProviderUserID: "9", Rank: -1, Status: vault.Active}, []byte("x"))
		must(s.t, err)
	}
	for name, tt := range map[string]struct {
		password bool
		prepare  func(s *site, user string)
		path     string
		asks     bool
	}{
		"a password is left":             {true, nil, "/connect/acme/1", true},
		"a password is left of all":      {true, func(s *site, user string) { s.connected(user, s.acme, "2") }, "/connect/acme", true},
		"a password and another":         {true, func(s *site, user string) { s.connected(user, s.acme, "2") }, "/connect/acme/1", false},
		"another account is left":        {false, func(s *site, user string) { s.connected(user, s.acme, "2") }, "/connect/acme/1", true},
		"another provider is left":       {false, func(s *site, user string) { s.connected(user, s.bird, "1") }, "/connect/acme", true},
		"two others are left":            {false, func(s *site, user string) { s.connected(user, s.bird, "1"); s.connected(user, s.bird, "2") }, "/connect/acme", false},
		"it was no way in":               {true, gone, "/connect/gone", false},
		"one that is gone is no way in":  {true, gone, "/connect/acme", true},
		"there was none":                 {true, nil, "/connect/acme/7", false},
		"there was none of the only one": {false, nil, "/connect/acme/7", false},
		"it was no way in but the other": {false, gone, "/connect/gone", false},
		"the last one, which is refused": {false, nil, "/connect/acme", false},
	} {
		for _, proved := range []bool{false, true} {
			s := openTx(t, stale)
			matt := s.user("matt@lp.com", func(n *accounts.NewUser) {
				if !tt.password {
					without(n)
				}
			})
			s.connected(matt, s.acme, "1")
			if tt.prepare != nil {
				tt.prepare(s, matt)
			}
			s.Config().Users.(*staleUsers).fresh.Store(proved)
			b, before := s.signedIn(matt), len(s.rows(matt))
			a := b.post(tt.path, url.Values{"_method": {"DELETE"}}, "Referer", s.url+"/connections?a=1")
			asks := a.status == 303 && a.location == "/verify?next=%2Fconnections%3Fa%3D1"
			if asks != (tt.asks && !proved) || asks && (len(s.rows(matt)) != before || b.flash() != "") {
				t.Errorf("%s, proved %t: %d to %s", name, proved, a.status, a.location)
			}
			a = b.program().do("DELETE", tt.path, nil)
			if asks && (a.status != 401 || a.problem() != "reauthentication_required") || !asks && a.status == 401 {
				t.Errorf("%s, proved %t, as a program: %d %s", name, proved, a.status, a.body)
			}
			if !asks {
				continue
			}
			if proves := b.flow("/verify/acme", "1"); proves.status != 200 {
				t.Fatalf("%s: the proof: %d %s", name, proves.status, proves.body)
			}
			if a = b.do("DELETE", tt.path, nil); a.status != 204 {
				t.Errorf("%s, after the proof: %d %s", name, a.status, a.body)
			}
		}
	}
}
