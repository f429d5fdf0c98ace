package social_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
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
