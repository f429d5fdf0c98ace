package accounts_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/secret"
)

// A forgetfulStore cannot track log-ins while fails is set.
type forgetfulStore struct {
	*memstore.Store
	fails atomic.Bool
}

func (s *forgetfulStore) TrackLogin(ctx context.Context, l accounts.TrackedLogin) error {
	if s.fails.Load() {
		return errors.New("the disk is full")
	}
	return s.Store.TrackLogin(ctx, l)
}

func TestLogInIsOneTransaction(t *testing.T) {
	t.Parallel()
	store := &forgetfulStore{Store: memstore.New()}
	s := newSite(t, "http", func(c *accounts.Config) { c.Store = store })
	u := s.user(t, "matt@lp.com", "matt")
	b := s.browser(t)
	if r := b.logIn("matt", password); r.status != 200 || b.whoami().Tracking.Count != 1 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	store.fails.Store(true)
	before := b.cookie()
	if r := b.logIn("matt", password); r.status != 500 {
		t.Errorf("%d %s", r.status, r.body)
	}
	if b.cookie() != before || b.whoami().Email == "" {
		t.Error("the session before ended")
	}
	store.fails.Store(false)
	if ss, err := s.Sessions(t.Context(), u.ID); len(ss) != 1 || err != nil {
		t.Errorf("%d sessions, %v", len(ss), err)
	}
	if r := b.logIn("matt", password); r.status != 200 || b.cookie() == before || s.with(t, "session", before).whoami().Email != "" {
		t.Errorf("%d %s", r.status, r.body)
	}
	check(t, s.SetPassword(t.Context(), u.ID, "another password"))
	if b.whoami().Email != "" {
		t.Error("the session outlived the password")
	}
}

// A registration does not hash in its transaction, and counts as an attempt when the
// transaction is rolled back.
func TestPreparedRegistrationInTransaction(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	s := newSite(t, "http", func(c *accounts.Config) {
		c.Store = store
		c.Throttle.NetworkRegistrations = accounts.Limit{Count: 2, Per: time.Hour}
	})
	var inside, hashed atomic.Bool
	s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
		return func(p, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
			hashed.Store(true)
			if inside.Load() {
				t.Error("hashing inside the transaction")
			}
			return derive(p, salt, time, memory, threads, length)
		}
	})
	failure := errors.New("no connection")
	s.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		for range 2 {
			ctx, err := s.PrepareRegister(r.Context(), identity.Registration{Email: "matt@lp.com", Username: "matt", Password: password})
			if err != nil {
				t.Error(err)
				return
			}
			inside.Store(true)
			err = store.InTx(ctx, func(ctx context.Context) error {
				if _, err := s.Register(ctx, identity.Registration{Email: "matt@lp.com", Username: "matt", Password: password, EmailVerified: true}); err != nil {
					return err
				}
				return failure
			})
			inside.Store(false)
			if !errors.Is(err, failure) {
				t.Error(err)
			}
		}
		var throttled *accounts.ThrottledError
		if _, err := s.PrepareRegister(r.Context(), identity.Registration{Email: "matt@lp.com", Username: "matt", Password: password}); !errors.As(err, &throttled) {
			t.Errorf("the attempts were not counted: %v", err)
		}
	})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil))
	if !hashed.Load() {
		t.Error("nothing was hashed")
	}
	ctx, err := s.PrepareRegister(t.Context(), identity.Registration{Email: "matt@lp.com", Password: password})
	check(t, err)
	for _, register := range []struct {
		email string
		p     secret.Text
	}{{"other@lp.com", password}, {"joe@lp.com", "another password"}, {"matt@lp.com", password}} {
		if _, err := s.Register(ctx, identity.Registration{Email: register.email, Password: register.p}); err != nil {
			t.Error(err)
		}
		if r := s.browser(t).logIn(register.email, register.p); r.status != 200 {
			t.Errorf("%s: %d %s", register.email, r.status, r.body)
		}
	}
}

// A log-in whose transaction is undone and tried again ends the session of the cookie.
func TestLogInThatIsTriedAgainEndsTheSessionBefore(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	v := s.newVisitor(t).logIn("matt")
	u, err := s.Find(t.Context(), "matt")
	check(t, err)
	undone := errors.New("undone")
	check(t, v.do(func(w http.ResponseWriter, r *http.Request) error {
		for _, end := range []error{undone, nil} {
			err := s.store.InTx(r.Context(), func(ctx context.Context) error {
				check(t, s.SignIn(w, r.WithContext(ctx), identity.SignIn{UserID: u.ID, Via: "google"}))
				return end
			})
			if !errors.Is(err, end) {
				t.Error(err)
			}
		}
		return nil
	}))
	if list, err := s.Sessions(t.Context(), u.ID); len(list) != 1 || err != nil {
		t.Errorf("%d sessions, %v", len(list), err)
	}
	v.want("matt@lp.com")
}
