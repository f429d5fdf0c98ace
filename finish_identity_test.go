package social_test

import (
	"net/url"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/vault"
)

// refusedFinish reports what a log-in that does not finish must be: as if none waited,
// without a session, an event or a cookie.
func (b *browser) refusedFinish(t *testing.T, what string, a reply) {
	t.Helper()
	if a.status != 409 || a.body != social.ErrNoLogin.Error()+"\n" || b.whoami() != "" {
		t.Errorf("%s: %d %s, signed in as %q", what, a.status, a.body, b.whoami())
	}
	if told := b.told(); told != "" {
		t.Errorf("%s: events %s", what, told)
	}
}

// The second factor is for the user who has passed it and the identity as it was: if
// another user or none has that by now, no account is made or linked, and no user is
// signed in.
func TestSecurity39_TheIdentityIsAnothersNow(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		address  string
		verified bool
		then     func(s *site, matt, eve string) // while the log-in waits
	}{
		"another user's":                             {"matt@lp.com", true, func(s *site, _, eve string) { s.connected(eve, s.acme, "1") }},
		"nobody's, and could sign up":                {"new@lp.com", true, func(*site, string, string) {}},
		"nobody's, and its address is an account's":  {"eve@lp.com", true, func(*site, string, string) {}},
		"nobody's, by an address that is not proved": {"matt@lp.com", false, func(*site, string, string) {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openGuarded(t, auto, func(c *social.Config) { c.LinkVerifiedEmail = true })
			matt, eve := s.user("matt@lp.com"), s.user("eve@lp.com")
			s.connected(matt, s.acme, "1")
			s.acme.set(email(tc.address, tc.verified))
			b := s.browser()
			b.ends(t, b.flow("/login/acme", "1"), ending{303, "/factor", "", ""})
			_, err := s.Vault().Disconnect(t.Context(), vault.Removal{UserID: matt, ProviderID: "acme"})
			must(t, err)
			tc.then(s, matt, eve)
			b.refusedFinish(t, name, b.finish(matt))
			all, err := s.acc.Users(t.Context(), "", 10)
			must(t, err)
			if len(all) != 2 || len(s.rows(matt)) != 0 {
				t.Errorf("%d users, %d connections", len(all), len(s.rows(matt)))
			}
		})
	}
}

// A sign-up that waits has no user yet: no user finishes it.
func TestSecurity39_NoUserFinishesASignUp(t *testing.T) {
	t.Parallel()
	for _, policy := range []social.SignUp{social.Auto, social.Form} {
		s := open(t, auto, func(c *social.Config) {
			c.SignUp = policy
			c.Users = guarded{Accounts: c.Users.(*accounts.Accounts), page: "/factor", new: true}
		})
		eve := s.user("eve@lp.com")
		s.acme.set(email("new@lp.com", true))
		b := s.browser()
		b.flow("/login/acme", "1")
		if policy == social.Form {
			b.post("/register/acme", url.Values{"email": {"new@lp.com"}, "username": {"new"}})
		}
		s.told()
		b.refusedFinish(t, string(policy), b.finish(eve))
		if all, err := s.acc.Users(t.Context(), "", 10); err != nil || len(all) != 1 {
			t.Errorf("%s: %d users, %v", policy, len(all), err)
		}
	}
}
