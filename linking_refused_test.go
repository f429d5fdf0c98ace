package social_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/identity"
)

// hookedUsers do something and refuse to sign in.
type hookedUsers struct {
	social.Users
	refuse func(userID string) error
}

func (u hookedUsers) SignIn(w http.ResponseWriter, r *http.Request, in identity.SignIn) error {
	if err := u.refuse(in.UserID); err != nil {
		return err
	}
	return u.Users.SignIn(w, r, in)
}

// A log-in that the users refuse takes back the connection that it made, and no other.
func TestRefusedLogInTakesItsOwnConnectionBack(t *testing.T) {
	t.Parallel()
	const stays = "a connection of a log-in that failed stays"
	for name, tc := range map[string]struct {
		opens  func(*testing.T, ...func(*social.Config)) *site
		before func(s *site, matt string) // before the log-in
		during func(s *site, matt string) // before it is refused
		want   string
		logged bool
	}{
		"linked":                           {open, nil, nil, "", false},
		"linked, with transactions":        {openTx, nil, nil, "", false},
		"there is one to another provider": {open, func(s *site, matt string) { s.connected(matt, s.bird, "1") }, nil, "bird 1", false},
		"another is made meanwhile":        {open, nil, func(s *site, matt string) { s.connected(matt, s.acme, "9") }, "acme 9", false},
		"known":                            {open, func(s *site, matt string) { s.connected(matt, s.acme, "1") }, nil, "acme 1", false},
		"known, with transactions":         {openTx, func(s *site, matt string) { s.connected(matt, s.acme, "1") }, nil, "acme 1", false},
		"it cannot be taken back":          {open, nil, func(s *site, _ string) { s.store.(*brokenStore).fail("Remove") }, "acme 1", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s *site
			var matt string
			store := &brokenStore{}
			s = tc.opens(t, linking, func(c *social.Config) {
				if tc.logged {
					store.Store, c.Connections = c.Connections, store
				}
				c.Users = findingUsers{hookedUsers{c.Users, func(string) error {
					if tc.during != nil {
						tc.during(s, matt)
					}
					return locked{}
				}}, c.Users.(social.EmailFinder).FindEmail}
			})
			matt = s.user("matt@lp.com")
			s.acme.set(email("matt@lp.com", true))
			if tc.before != nil {
				tc.before(s, matt)
			}
			b := s.browser()
			b.ends(t, b.flow("/login/acme", "1"), ending{303, "/login", "error: This account is locked", ""})
			var rows []string
			for _, c := range s.rows(matt) {
				rows = append(rows, c.ProviderID+" "+c.ProviderUserID)
			}
			if got := strings.Join(rows, ", "); got != tc.want {
				t.Errorf("the user has %q, want %q", got, tc.want)
			}
			log := s.log.String()
			if strings.Contains(log, stays) != tc.logged || tc.logged && (!strings.Contains(log, "connection="+s.rows(matt)[0].ID) || !strings.Contains(log, " error=") || !strings.Contains(log, errBroken.Error())) {
				t.Errorf("the log:\n%s", log)
			}
		})
	}
}

// findingUsers find e-mail addresses as the test says, and can do nothing else.
type findingUsers struct {
	social.Users
	find func(ctx context.Context, email string) (string, bool, error)
}

func (u findingUsers) FindEmail(ctx context.Context, email string) (string, bool, error) {
	return u.find(ctx, email)
}

// An account that a refused sign-up leaves, where stores have no transactions, keeps
// its connection: its owner logs in to it later.
func TestRefusedSignUpKeepsItsConnection(t *testing.T) {
	t.Parallel()
	var refuse atomic.Bool
	s := open(t, auto, func(c *social.Config) {
		acc := c.Users
		c.Users = registeringUsers{hookedUsers{acc, func(string) error {
			if refuse.Load() {
				return locked{}
			}
			return nil
		}}, acc.(social.Registrar)}
	})
	s.acme.set(email("new@lp.com", true))
	refuse.Store(true)
	b := s.browser()
	b.ends(t, b.flow("/login/acme", "1"), ending{303, "/login", "error: This account is locked", ""})
	refuse.Store(false)
	b.ends(t, b.flow("/login/acme", "1"), ending{303, "/profile", "", "login_completed"})
}

type registeringUsers struct {
	social.Users
	social.Registrar
}

// Whether an address has an account is what the users say of an address that a provider
// vouches for: an empty address has no user, and an empty user ID is not linked.
func TestSecurity33_AddressesThatNobodyHas(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		address string
		find    func(matt string) (string, bool) // nil: users cannot find addresses
	}{
		"no address, which an account has": {"", func(matt string) (string, bool) { return matt, true }},
		"an address verified of nobody":    {"new@lp.com", func(string) (string, bool) { return "", true }},
		"users that do not look":           {"new@lp.com", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var matt string
			s := open(t, func(c *social.Config) {
				users := c.Users
				c.Users = plainUsers{users}
				if tc.find != nil {
					linking(c)
					c.Users = findingUsers{users, func(context.Context, string) (string, bool, error) {
						id, verified := tc.find(matt)
						return id, verified, nil
					}}
				}
				c.Providers[0].(*stub).about.TrustEmail = true
			})
			matt = s.user("matt@lp.com")
			s.acme.set(email(tc.address, true))
			b := s.browser()
			b.ends(t, b.flow("/login/acme", "1"), ending{303, "/login", "error: Acme account not associated with an existing user", "login_failed"})
			if b.whoami() != "" || len(s.rows(matt)) != 0 {
				t.Errorf("signed in as %q, %d connections", b.whoami(), len(s.rows(matt)))
			}
		})
	}
}

// A connection that a log-in linked is what the session began with: removing it ends
// the session, as that of every other log-in through it.
func TestSecurity25_RemovingALinkEndsTheSessionThatMadeIt(t *testing.T) {
	t.Parallel()
	s := open(t, linking)
	matt := s.user("matt@lp.com")
	s.acme.set(email("matt@lp.com", true))
	b := s.browser()
	if b.flow("/login/acme", "1"); b.whoami() != matt {
		t.Fatal("not signed in")
	}
	s.signedIn(matt).do("DELETE", "/connect/acme/1", nil)
	if b.whoami() != "" {
		t.Error("the session goes on")
	}
}
