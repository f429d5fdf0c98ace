package social_test

import (
	"context"
	"net/url"
	"slices"
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
			b.ends(t, b.flow(page, "3", "next", "/security"), differs) // nobody's
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
