package social_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// linking lets providers that vouch for addresses connect accounts by them.
func linking(c *social.Config) {
	c.LinkVerifiedEmail = true
	for _, p := range c.Providers {
		p.(*stub).about.TrustEmail = true
	}
}

// A slowLink makes the connection of one subject wait, and says when it has begun and
// when another claim was refused.
type slowLink struct {
	vault.Store
	subject                string
	begun, refused, goesOn chan struct{}
	once                   sync.Once
}

func (s *slowLink) Insert(ctx context.Context, c vault.Connection, sealed []byte) (int, error) {
	if c.ProviderUserID == s.subject {
		close(s.begun)
		<-s.goesOn
	}
	return s.Store.Insert(ctx, c, sealed)
}

func (s *slowLink) Claim(ctx context.Context, c vault.Claim) error {
	err := s.Store.Claim(ctx, c)
	if errors.Is(err, vault.ErrClaimed) {
		s.once.Do(func() { close(s.refused) })
	}
	return err
}

// While an identity is linked to an account, no other of that provider is, also where
// the database does not keep the two apart. Other accounts and providers do not wait.
func TestSecurity33_OneLinkAtATime(t *testing.T) {
	t.Parallel()
	slow := &slowLink{subject: "matt 1", begun: make(chan struct{}), refused: make(chan struct{}), goesOn: make(chan struct{})}
	began := time.Now()
	s := open(t, linking, func(c *social.Config) {
		slow.Store, c.Connections = c.Connections, slow
		c.Now = func() time.Time { return began }
	})
	matt, ana := s.user("matt@lp.com"), s.user("ana@lp.com")
	for _, p := range []*stub{s.acme, s.bird} {
		p.set(func(p *stub) {
			p.profile = func(profile *oauth.Profile) {
				name, _, _ := strings.Cut(profile.Subject, " ")
				profile.Email, profile.EmailVerified = name+"@lp.com", true
			}
		})
	}
	first, second := s.browser(), s.browser()
	callback, answer := first.begin("/login/acme", "matt 1")
	done := make(chan reply)
	go func() { done <- first.get(callback + "?" + answer.Encode()) }()
	<-slow.begun

	other, same := s.browser(), s.browser()
	if other.flow("/login/acme", "ana 1"); other.whoami() != ana {
		t.Error("another account is not linked")
	}
	if same.flow("/login/bird", "matt 7"); same.whoami() != matt {
		t.Error("another provider is not linked")
	}
	select {
	case <-slow.refused:
		t.Error("they had to wait")
	default:
	}

	callback, answer = second.begin("/login/acme", "matt 2")
	second2 := make(chan reply)
	go func() { second2 <- second.get(callback + "?" + answer.Encode()) }()
	select {
	case <-slow.refused:
		close(slow.goesOn)
	case a := <-second2:
		close(slow.goesOn)
		t.Fatalf("the second identity does not wait: %d %q", a.status, a.location)
	}
	if a := <-done; a.location != "/profile" || first.whoami() != matt {
		t.Errorf("the first: %d %q", a.status, a.location)
	}
	if a := <-second2; second.whoami() != "" || !strings.HasPrefix(a.location, "/login") {
		t.Errorf("the second: %d %q, signed in as %q", a.status, a.location, second.whoami())
	}
	if rows := s.rows(matt); len(rows) != 2 {
		t.Errorf("%d connections", len(rows))
	}
}

// A link that was begun and never made, by a process that ended for instance, keeps
// others from the account for a second.
func TestLinkThatFailsIsFreeAfterASecond(t *testing.T) {
	t.Parallel()
	began := time.Now()
	var passed atomic.Int64
	s, store := openBroken(t, linking, func(c *social.Config) {
		c.SignUp = social.Form
		c.Now = func() time.Time { return began.Add(time.Duration(passed.Load())) }
	})
	matt := s.user("matt@lp.com")
	s.acme.set(email("matt@lp.com", true))
	store.fail("Insert")
	if a := s.browser().flow("/login/acme", "1"); a.status != http.StatusInternalServerError {
		t.Fatalf("%d %q", a.status, a.location)
	}
	store.fail()
	b := s.browser()
	b.ends(t, b.flow("/login/acme", "2"), ending{303, "/login?signup=ID", signInFirst, "login_failed"})
	passed.Store(int64(time.Second))
	if a := b.flow("/login/acme", "2"); a.location != "/profile" || b.whoami() != matt || len(s.rows(matt)) != 1 {
		t.Errorf("a second later: %d %q", a.status, a.location)
	}
}

// lateLink makes another connection between two looks, without isolation.
type lateLink struct {
	vault.Store
	late atomic.Pointer[func()]
}

func (s *lateLink) ByUser(ctx context.Context, tenant, userID, providerID string) ([]vault.Connection, error) {
	all, err := s.Store.ByUser(ctx, tenant, userID, providerID)
	if f := s.late.Swap(nil); f != nil {
		(*f)()
	}
	return all, err
}

// What is linked between the decision and the link keeps another subject of the
// provider out.
func TestSecurity33_TheAccountGotAnotherSubject(t *testing.T) {
	t.Parallel()
	late := &lateLink{}
	s := open(t, linking, func(c *social.Config) {
		c.SignUp = social.Form
		late.Store, c.Connections = c.Connections, late
	})
	matt := s.user("matt@lp.com")
	s.acme.set(email("matt@lp.com", true))
	b := s.browser()
	callback, answer := b.begin("/login/acme", "1")
	links := func() { s.connected(matt, s.acme, "2") }
	late.late.Store(&links)
	b.ends(t, b.get(callback+"?"+answer.Encode()), ending{303, "/login?signup=ID", signInFirst, "login_failed"})
	if rows := s.rows(matt); len(rows) != 1 || rows[0].ProviderUserID != "2" {
		t.Errorf("%d connections", len(rows))
	}
}

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
// vouches for: no address is nobody's, and no user cannot be linked to.
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

// A second factor is not asked for an account that the identity cannot be linked to.
func TestSecurity39_NoFactorOfAnAccountThatIsNotLinked(t *testing.T) {
	t.Parallel()
	s := openGuarded(t, linking)
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "0")
	s.acme.set(email("matt@lp.com", true))
	b := s.browser()
	b.ends(t, b.flow("/login/acme", "1"), ending{303, "/login", "error: Acme account not associated with an existing user", "login_failed"})
	if a := b.get("/pending-login"); a.status != 409 {
		t.Errorf("something waits: %d %s", a.status, a.body)
	}
}

// When it cannot be read which connections an account has, nothing is linked.
func TestSecurity33_NoLinkUnlessItIsKnownWhatThereIs(t *testing.T) {
	t.Parallel()
	s, store := openBroken(t, linking)
	matt := s.user("matt@lp.com")
	s.acme.set(email("matt@lp.com", true))
	var reads atomic.Int64
	store.ask(func(_ context.Context, call string) error {
		if call == "ByUser" && reads.Add(1) == 1 {
			return errBroken
		}
		return nil
	})
	b := s.browser()
	if a := b.flow("/login/acme", "1"); a.status != http.StatusInternalServerError || b.whoami() != "" {
		t.Errorf("%d %q, signed in as %q", a.status, a.location, b.whoami())
	}
	if store.fail(); len(s.rows(matt)) != 0 {
		t.Error("linked")
	}
}
