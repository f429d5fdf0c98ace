package accounts_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/secret"
)

// stolen is a checker that knows some passwords, and says what it was asked.
type stolen struct {
	mu    sync.Mutex
	known map[secret.Text]bool
	err   error
	asked []string
	then  func() // called by Breached
}

func (s *stolen) Breached(_ context.Context, password secret.Text) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, password.Reveal())
	if s.then != nil {
		s.then()
	}
	return s.known[password], s.err
}

// want checks what was asked since the last time.
func (s *stolen) want(t *testing.T, what string, want ...string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if got := strings.Join(s.asked, ", "); got != strings.Join(want, ", ") {
		t.Errorf("%s: asked about %q, want %q", what, got, want)
	}
	s.asked = nil
}

func breached(err error) bool {
	var field *accounts.FieldError
	return errors.As(err, &field) && field.Field() == identity.FieldPassword && field.Code() == accounts.CodePasswordBreached
}

func TestAccounts4_BreachedPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	const bad, wide = secret.Text("pass the salt"), secret.Text("ｐass the salt") // the same in NFKC
	checker := &stolen{known: map[secret.Text]bool{bad: true}}
	s := newMailSite(t, func(c *accounts.Config) { c.Breached = checker })
	ctx := t.Context()
	u, err := s.Create(ctx, accounts.NewUser{Email: "matt@lp.com", Password: password, EmailVerified: true})
	check(t, err)
	checker.want(t, "Create", password.Reveal())

	for _, p := range []secret.Text{bad, wide} {
		_, creating := s.Create(ctx, accounts.NewUser{Email: "joe@lp.com", Password: p})
		_, registering := s.Register(ctx, identity.Registration{Email: "joe@lp.com", Password: p})
		_, taken := s.Register(ctx, identity.Registration{Email: "matt@lp.com", Password: p})
		for what, err := range map[string]error{
			"Create": creating, "Register": registering, "Register of a taken address": taken, "SetPassword": s.SetPassword(ctx, u.ID, p),
		} {
			if !breached(err) {
				t.Errorf("%s: %v", what, err)
			}
		}
		checker.want(t, "the refused", bad.Reveal(), bad.Reveal(), bad.Reveal(), bad.Reveal())
	}

	b := s.browser(t)
	b.logIn("matt@lp.com", password)
	checker.want(t, "a log-in")
	if r := b.changePassword(password, bad); !strings.Contains(r.body, "Password on breached list") {
		t.Errorf("a change: %d %s", r.status, r.body)
	}
	checker.want(t, "a change", bad.Reveal())
	b.changePassword("another one", bad)
	checker.want(t, "a change without the right password")

	s.browser(t).askReset("matt@lp.com")
	path := s.path(t, mail.KindReset, "matt@lp.com")
	if r := s.browser(t).reset(path, bad); !strings.Contains(r.body, "Password on breached list") {
		t.Errorf("a reset: %d %s", r.status, r.body)
	}
	checker.want(t, "a reset", bad.Reveal())
	s.browser(t).reset("/reset/none", bad)
	checker.want(t, "a reset without a link")
	wantStatus(t, "the link afterwards", s.browser(t).reset(path, another), 200)
	checker.want(t, "a reset", another.Reveal())
}

// What other rules refuse, what is no password, and what visitors try beyond the limit is
// not asked about.
func TestAccounts4_BreachedIsAskedLast(t *testing.T) {
	t.Parallel()
	checker := &stolen{}
	s := newSite(t, "http", func(c *accounts.Config) { c.Breached, c.Throttle.NetworkRegistrations.Count = checker, 1 })
	ctx := t.Context()
	for _, r := range []identity.Registration{
		{Email: "joe@lp.com", Password: "short"}, {Email: "joe", Password: password}, {Email: "joe@lp.com", Password: "joe@lp.com"},
		{Email: "joe@lp.com", Password: "password"}, {Email: "joe@lp.com", Username: "-", Password: password},
	} {
		if _, err := s.Register(ctx, r); err == nil {
			t.Errorf("%+v is registered", r)
		}
	}
	_, err := s.Create(ctx, accounts.NewUser{Email: "demo@lp.com", Password: "password", AllowWeakPassword: true})
	check(t, err)
	u, err := s.Create(ctx, accounts.NewUser{Email: "none@lp.com"})
	check(t, err)
	check(t, s.SetPassword(ctx, u.ID, ""))
	check(t, s.CheckRegistration(identity.Registration{Email: "joe@lp.com", Password: password}))
	_, err = s.Import(ctx, accounts.ImportedUser{Email: "old@lp.com", Password: password})
	check(t, err)
	checker.want(t, "the refused and the old")
	for i, want := range []string{password.Reveal(), ""} {
		_, _, err := s.visit(func(_ http.ResponseWriter, r *http.Request) error {
			_, err := s.Register(r.Context(), identity.Registration{Email: "joe@lp.com", Password: password})
			return err
		})
		if full := (*accounts.ThrottledError)(nil); errors.As(err, &full) != (i == 1) {
			t.Errorf("registration %d: %v", i, err)
		}
		if want == "" {
			checker.want(t, "beyond the limit")
		} else {
			checker.want(t, "within", want)
		}
	}
}

// A service that cannot be reached stops nobody. It is in the log, and an event.
func TestAccounts4_BreachedFails(t *testing.T) {
	t.Parallel()
	var es events
	down := errors.New("no route to host")
	checker := &stolen{err: down}
	s := newSite(t, "http", es.collect, func(c *accounts.Config) { c.Breached = checker })
	ctx := tenant.With(t.Context(), "blue")
	id, err := s.Register(ctx, identity.Registration{Email: "joe@lp.com", Password: password})
	check(t, err)
	check(t, s.SetPassword(ctx, id, another))
	blue := accounts.Subject{Tenant: "blue"}
	about := accounts.Subject{Tenant: "blue", UserID: id}
	es.want(t, "the events", accounts.PasswordUnchecked{Subject: blue, Err: down}, accounts.Registered{Subject: about},
		accounts.PasswordUnchecked{Subject: about, Err: down}, accounts.PasswordChanged{Subject: about})
	if log := s.log.String(); strings.Count(log, "no route to host") != 2 || strings.Contains(log, password.Reveal()) || strings.Contains(log, another.Reveal()) {
		t.Errorf("log: %s", log)
	}

	// A client that hangs up is not an outage.
	ended, end := context.WithCancel(ctx)
	checker.then = end
	if err := s.SetPassword(ended, id, password); !errors.Is(err, context.Canceled) || strings.Count(s.log.String(), "no route to host") != 2 {
		t.Errorf("%v, log: %s", err, s.log)
	}
	es.want(t, "who hangs up")
}

// A client that is gone cannot set a password that was not checked.
func TestAccounts4_GoneWhileItIsLookedFor(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := newSite(t, "http", func(c *accounts.Config) {
		c.Breached = &stolen{err: errors.New("interrupted"), then: cancel}
	})
	if _, err := s.PrepareRegister(ctx, identity.Registration{Email: "matt@lp.com", Password: password}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if log := s.log.String(); log != "" {
		t.Errorf("log %s", log)
	}
}
