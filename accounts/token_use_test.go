package accounts_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/keyring"
)

// A tokenStore counts what is asked about tokens and sessions, and can fail.
type tokenStore struct {
	accounts.Store
	mu    sync.Mutex
	reads int
	used  chan time.Time
	fails bool
}

func (s *tokenStore) TokenUser(ctx context.Context, tenant string, hash [32]byte, now time.Time) (apitoken.Token, accounts.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reads++; s.fails {
		return apitoken.Token{}, accounts.User{}, errors.New("the database is away")
	}
	return s.Store.TokenUser(ctx, tenant, hash, now)
}

func (s *tokenStore) SessionUser(ctx context.Context, tenant string, hash [32]byte, now time.Time) (accounts.Session, accounts.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	return s.Store.SessionUser(ctx, tenant, hash, now)
}

func (s *tokenStore) UseToken(ctx context.Context, tenant string, hash [32]byte, at time.Time) error {
	if ends, ok := ctx.Deadline(); !ok || time.Until(ends) > 10*time.Second {
		s.used <- time.Time{}
		return errors.New("the write may take for ever")
	}
	err := s.Store.UseToken(ctx, tenant, hash, at)
	s.used <- at
	return err
}

func (s *tokenStore) during(f func()) int {
	s.mu.Lock()
	s.reads = 0
	s.mu.Unlock()
	f()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads
}

func countedSite(t *testing.T, configure ...func(*accounts.Config)) (*site, *tokenStore) {
	store := &tokenStore{used: make(chan time.Time, 100)}
	s := newSite(t, "http", append(configure, func(c *accounts.Config) { store.Store, c.Store = c.Store, store })...)
	return s, store
}

// A token cannot do what asks for a recent proof, nor prove anything, nor change how its
// user logs in: the way out is a session. Ending sessions is no such thing.
func TestAccounts10_NeverFresh(t *testing.T) {
	t.Parallel()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	check(t, err)
	s := newMailSite(t, withTokens, func(c *accounts.Config) { c.Keys = keys })
	b, u := s.signedIn(t, "matt@lp.com")
	bearer, token := s.tokenFor(t, u, "read", "write")
	visit := func(f func(w http.ResponseWriter, r *http.Request) error) (err error) {
		r := httptest.NewRequest("POST", "/", nil)
		r.Header.Set("Authorization", bearer)
		w := httptest.NewRecorder()
		s.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { err = f(w, r) })).ServeHTTP(w, r)
		if len(w.Header().Values("Set-Cookie")) > 0 {
			t.Errorf("a cookie: %v", w.Header())
		}
		return err
	}
	b.askEmail("new@lp.com")
	change := strings.TrimPrefix(s.path(t, "change_email", "new@lp.com"), "/change-email/")
	for what, f := range map[string]func(w http.ResponseWriter, r *http.Request) error{
		"CreateToken": func(_ http.ResponseWriter, r *http.Request) error {
			_, _, err := s.CreateToken(r, accounts.NewToken{Name: "another"})
			return err
		},
		"CreateToken with what is wrong": func(_ http.ResponseWriter, r *http.Request) error {
			_, _, err := s.CreateToken(r, accounts.NewToken{})
			return err
		},
		"DeleteToken":    func(_ http.ResponseWriter, r *http.Request) error { return s.DeleteToken(r, token.ID) },
		"ChangePassword": func(_ http.ResponseWriter, r *http.Request) error { return s.ChangePassword(r, "", "another password") },
		"with the old one": func(_ http.ResponseWriter, r *http.Request) error {
			return s.ChangePassword(r, password, "another password")
		},
		"RequestEmailChange": func(_ http.ResponseWriter, r *http.Request) error { return s.RequestEmailChange(r, "x@lp.com", "") },
		"ChangeUsername":     func(_ http.ResponseWriter, r *http.Request) error { return s.ChangeUsername(r, "other") },
		"SetUpTOTP":          func(_ http.ResponseWriter, r *http.Request) error { _, err := s.SetUpTOTP(r); return err },
		"PendingTOTP":        func(_ http.ResponseWriter, r *http.Request) error { _, err := s.PendingTOTP(r); return err },
		"ConfirmTOTP": func(w http.ResponseWriter, r *http.Request) error {
			_, err := s.ConfirmTOTP(w, r, "123456")
			return err
		},
		"RemoveTOTP":       func(_ http.ResponseWriter, r *http.Request) error { return s.RemoveTOTP(r) },
		"NewRecoveryCodes": func(_ http.ResponseWriter, r *http.Request) error { _, err := s.NewRecoveryCodes(r); return err },
		"Reauthenticate":   func(_ http.ResponseWriter, r *http.Request) error { return s.Reauthenticate(r, password) },
		"with a wrong one": func(_ http.ResponseWriter, r *http.Request) error { return s.Reauthenticate(r, "wrong") },
		"ReauthenticateFactor": func(_ http.ResponseWriter, r *http.Request) error {
			return s.ReauthenticateFactor(r, accounts.FactorAnswer{Kind: accounts.FactorTOTP, Shown: "123456"})
		},
		"ProveSession": func(_ http.ResponseWriter, r *http.Request) error { return s.ProveSession(r.Context(), "google") },
	} {
		wantErr(t, what, visit(f), accounts.ErrNotFresh)
	}
	wantErr(t, "ChangeEmail", visit(func(_ http.ResponseWriter, r *http.Request) error { return s.ChangeEmail(r, change) }), accounts.ErrNotSignedIn)
	check(t, visit(func(_ http.ResponseWriter, r *http.Request) error {
		ctx := r.Context()
		if s.IsFresh(ctx) || !s.FreshUntil(ctx).IsZero() || accounts.CurrentSession(ctx) != nil || accounts.LimitedSession(ctx) != nil {
			t.Error("a token is fresh, or has a session")
		}
		if s.CurrentUser(ctx) != u.ID || accounts.CurrentToken(ctx).ID != token.ID || !s.ByToken(ctx) {
			t.Error("a token has no user")
		}
		if goesOn, err := s.LockSession(ctx); goesOn || err != nil {
			t.Errorf("a session of a token goes on: %v", err)
		}
		return nil
	}))
	for _, accept := range []string{"application/json", "*/*", ""} {
		r := b.do("POST", "/fresh", nil, "Authorization", bearer, "Accept", accept)
		if r.status != http.StatusUnauthorized || !strings.Contains(r.body, "reauthentication_required") {
			t.Errorf("RequireFresh with Accept %q: %d %s", accept, r.status, r.body)
		}
	}
	if r := b.do("POST", "/fresh", nil, "Authorization", bearer, "Accept", "text/html"); r.status != http.StatusUnauthorized {
		t.Errorf("RequireFresh for a page: %d", r.status)
	}
	if b.whoami().Email != "matt@lp.com" {
		t.Error("the session has ended")
	}
	check(t, visit(func(_ http.ResponseWriter, r *http.Request) error {
		n, err := s.EndSessions(r.Context(), identity.SessionFilter{UserID: u.ID, KeepCurrent: true})
		if n != 1 {
			t.Errorf("%d sessions end, want 1", n)
		}
		return err
	}))
	if b.whoami().Email != "" {
		t.Error("the session goes on")
	}
	wantUser(t, "the token after all this", b.askWith(bearer), "matt@lp.com", "deploy")
}

// A log-out, and a log-in, by a request with a token leave the session of a cookie beside
// it.
func TestAccounts10_CookiesBesideATokenStay(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", withTokens)
	matt := s.user(t, "matt@lp.com", "")
	s.user(t, "joe@lp.com", "")
	bearer, _ := s.tokenFor(t, matt)
	b := s.browser(t)
	b.logIn("joe@lp.com", password)
	wantUser(t, "a log-out", b.do("POST", "/logout", nil, "Authorization", bearer), "matt@lp.com", "deploy")
	wantUser(t, "the cookie", b.askWith(), "joe@lp.com", "")
	wantUser(t, "the token", b.askWith(bearer), "matt@lp.com", "deploy")
	joe := s.with(t, "session", b.cookie())
	r := b.logIn("matt@lp.com", password, "Authorization", bearer)
	if r.status != http.StatusOK || strings.Contains(r.body, "deploy") {
		t.Errorf("a log-in: %d %s", r.status, r.body)
	}
	wantUser(t, "the cookie of before", joe.askWith(), "joe@lp.com", "")
	wantUser(t, "the cookie of the log-in", b.askWith(), "matt@lp.com", "")
}

// The use of a token is written every five minutes at most, and the request does not wait
// for that.
func TestAccounts10_UseIsWrittenBesideTheRequest(t *testing.T) {
	t.Parallel()
	s, store := countedSite(t, withTokens)
	u := s.user(t, "matt@lp.com", "")
	bearer, _ := s.tokenFor(t, u)
	b := s.browser(t)
	for range 2 {
		wantUser(t, "a use", b.askWith(bearer), "matt@lp.com", "deploy")
		if at := <-store.used; !at.Equal(s.clock.Now()) {
			t.Errorf("used at %v", at)
		}
		s.clock.Advance(5*time.Minute - time.Second)
		wantUser(t, "another use", b.askWith(bearer), "matt@lp.com", "deploy")
		if len(store.used) > 0 {
			t.Error("written again")
		}
		list, err := s.Tokens(t.Context(), u.ID)
		if err != nil || !list[0].LastUsedAt.Equal(s.clock.Now().Add(time.Second-5*time.Minute)) {
			t.Errorf("%v, %v", list[0].LastUsedAt, err)
		}
		s.clock.Advance(time.Second)
	}
}

// A store that fails is no reason to treat a request with a token as an anonymous one.
func TestAccounts10_StoreFails(t *testing.T) {
	t.Parallel()
	s, store := countedSite(t, withTokens)
	u := s.user(t, "matt@lp.com", "")
	bearer, _ := s.tokenFor(t, u)
	b := s.browser(t)
	b.logIn("matt@lp.com", password)
	store.fails = true
	r := b.askWith(bearer)
	if r.status != http.StatusServiceUnavailable || r.header.Get("Retry-After") != "5" || !strings.Contains(s.log.String(), "the database is away") {
		t.Errorf("%d %s %v", r.status, r.body, r.header)
	}
}
