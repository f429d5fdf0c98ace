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
