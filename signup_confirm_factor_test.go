package social_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/identity"
)

// confirmingGuarded users confirm their address, after a second factor.
type confirmingGuarded struct {
	*confirmingUsers
	err error
}

func (u *confirmingGuarded) RequireFactor(context.Context, string) (string, error) {
	return "/factor", u.err
}

// Where a second factor is due, it comes before the registration whose address is to be
// confirmed: nothing is registered, and no mail is sent, before Finish.
func TestSecurity39_SecondFactorComesBeforeTheConfirmation(t *testing.T) {
	t.Parallel()
	users := &confirmingGuarded{confirmingUsers: &confirmingUsers{within: 2 * time.Hour}}
	s := open(t, func(c *social.Config) {
		users.inConfig(c)
		c.Users = users
	})
	b := s.browser()
	b.flow("/login/acme", "1", "next", "/there")
	form := url.Values{"email": {"new@lp.com"}, "password": {"correct horse"}}

	wrong := url.Values{"email": {"new@lp.com"}, "password": {"short"}}
	if a := b.post("/register/acme", wrong); a.status != 409 || !strings.Contains(a.body, "at least 8 characters") {
		t.Errorf("what is refused waits for the factor: %d %s", a.status, a.body)
	}
	if a := b.post("/register/acme", form); !strings.Contains(a.body, "/factor?next=%2Fthere") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if users.registered != (identity.Registration{}) || b.whoami() != "" {
		t.Fatalf("registered before the factor: %+v", users.registered)
	}
	users.confirmingUsers.err = tooMany{}
	if a := b.finish(""); a.status != 409 || b.whoami() != "" {
		t.Errorf("a registration that is refused: %d %s", a.status, a.body)
	}
	users.confirmingUsers.err, users.registered = nil, identity.Registration{}
	a := b.finish("")
	if a.status != 200 || !strings.Contains(a.body, `"UserID":"","Next":"/login?signup=`) || !strings.Contains(a.body, `"Confirm":true`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	r := users.registered
	if r.Email != "new@lp.com" || r.Password != "correct horse" || r.EmailVerified || r.ProviderID != "acme" || users.next != "/there" {
		t.Errorf("%+v, next %q", r, users.next)
	}
	if told := s.told(); b.whoami() != "" || told != "login_failed" {
		t.Errorf("signed in as %q, told %s", b.whoami(), told)
	}
	users.registered = identity.Registration{}
	if a := b.get("/pending-login"); a.status != 409 {
		t.Errorf("the log-in waits still: %d %s", a.status, a.body)
	}
	if a := b.finish(""); a.status != 409 || users.registered != (identity.Registration{}) {
		t.Errorf("a second time: %d %s, %+v", a.status, a.body, users.registered)
	}
	if a := b.program().get("/connections/pending"); a.status != 200 || !strings.Contains(a.body, `"confirms":"new@lp.com"`) {
		t.Errorf("what waits: %d %s", a.status, a.body)
	}
}

// A sign-up is not registered when it is not known whether a second factor is due.
func TestSecurity39_SignUpToConfirmNeedsToKnowTheFactor(t *testing.T) {
	t.Parallel()
	users := &confirmingGuarded{confirmingUsers: &confirmingUsers{within: time.Hour}, err: errBroken}
	s := open(t, func(c *social.Config) {
		users.inConfig(c)
		c.Users = users
	})
	b := s.browser()
	b.flow("/login/acme", "1")
	if a := b.post("/register/acme", url.Values{"email": {"new@lp.com"}}); a.status != 409 || !strings.Contains(a.body, errBroken.Error()) || users.registered != (identity.Registration{}) {
		t.Errorf("%d %s, registered %+v", a.status, a.body, users.registered)
	}
}
