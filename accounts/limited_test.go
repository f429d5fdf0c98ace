package accounts_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
)

// limitedSession adds a session that is limited, and returns its cookie.
func (s *site) limitedSession(t *testing.T, userID, to string) (accounts.Session, string) {
	t.Helper()
	token := make([]byte, 32)
	rand.Read(token)
	v := accounts.Session{Hash: sha256.Sum256(token), UserID: userID, LimitedTo: to, CreatedAt: s.clock.Now(), LastSeenAt: s.clock.Now(), ExpiresAt: s.clock.Now().Add(time.Hour)}
	check(t, s.store.InsertSession(t.Context(), v))
	return v, base64.RawURLEncoding.EncodeToString(token)
}

// A session that is limited to one thing signs no user in, however it is asked.
func TestLimitedSessionSignsNobodyIn(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	u := s.user(t, "matt@lp.com", "")
	for to, page := range map[string]string{
		accounts.LimitedToFactor: "/two-factor", accounts.LimitedToSetup: "/security/totp", accounts.LimitedToDeletion: "/account/", accounts.LimitedToTrust: "", "other": "",
	} {
		v, cookie := s.limitedSession(t, u.ID, to)
		b := s.with(t, "session", cookie)
		if b.signedIn() {
			t.Errorf("%s signs in", to)
		}
		for _, path := range []string{"/private", "/admin"} {
			r := b.do("GET", path, nil)
			if to := r.header.Get("Location"); r.status != http.StatusSeeOther || strings.HasPrefix(to, "/login?") != (page == "") || !strings.HasPrefix(to, page) {
				t.Errorf("%s is %d, to %s", path, r.status, to)
			}
		}
		if r := b.do("GET", "/anonymous", nil); r.status != http.StatusOK {
			t.Errorf("%s: /anonymous is %d", to, r.status)
		}
		s.visit(func(_ http.ResponseWriter, r *http.Request) error {
			ctx := r.Context()
			if accounts.Current(ctx) != nil || accounts.CurrentSession(ctx) != nil || s.CurrentUser(ctx) != "" || s.IsFresh(ctx) {
				t.Errorf("%s: somebody is signed in", to)
			}
			if ok, err := s.LockSession(ctx); ok || err != nil {
				t.Errorf("%s: LockSession: %v, %v", to, ok, err)
			}
			got := accounts.LimitedSession(ctx)
			if want := to != accounts.LimitedToTrust; (got != nil) != want || want && *got != v {
				t.Errorf("%s: the limited session is %+v", to, got)
			}
			return nil
		}, &http.Cookie{Name: "session", Value: cookie})
		if list, err := s.Sessions(t.Context(), u.ID); len(list) != 0 || err != nil {
			t.Errorf("%s: is listed: %v, %v", to, list, err)
		}
	}
	s.visit(func(_ http.ResponseWriter, r *http.Request) error {
		if got := accounts.LimitedSession(r.Context()); got != nil {
			t.Errorf("without a session: %+v", got)
		}
		return nil
	})
	b := s.browser(t).logInFor("")
	s.visit(func(_ http.ResponseWriter, r *http.Request) error {
		if got := accounts.LimitedSession(r.Context()); got != nil {
			t.Errorf("with a whole session: %+v", got)
		}
		return nil
	}, &http.Cookie{Name: "session", Value: b.cookie()})
}

// Use does not prolong a limited session, and logging in or out ends it.
func TestLimitedSessionEnds(t *testing.T) {
	t.Parallel()
	s, store := prolongSite(t)
	u, err := s.Find(t.Context(), "matt@lp.com")
	check(t, err)
	v, cookie := s.limitedSession(t, u.ID, accounts.LimitedToFactor)
	whole := s.browser(t).logInFor("")
	s.clock.Advance(30 * time.Minute)
	s.with(t, "session", cookie).do("GET", "/whoami", nil)
	if !whole.signedIn() {
		t.Error("not signed in")
	}
	if <-store.done; len(store.done) > 0 {
		t.Errorf("the limited session was prolonged: %+v", <-store.done)
	}
	if got, _, err := store.SessionUser(t.Context(), "", v.Hash, s.clock.Now()); err != nil || got != v {
		t.Errorf("the limited session is %+v, %v", got, err)
	}
	left := func() int {
		list, err := store.Sessions(t.Context(), "", u.ID, s.clock.Now())
		check(t, err)
		n := 0
		for _, v := range list {
			if v.LimitedTo != "" {
				n++
			}
		}
		return n
	}
	s.with(t, "session", cookie).do("POST", "/logout", nil)
	if n := left(); n != 0 {
		t.Errorf("%d outlive the log-out", n)
	}
	_, cookie = s.limitedSession(t, u.ID, accounts.LimitedToFactor)
	s.with(t, "session", cookie).logInFor("")
	if n := left(); n != 0 {
		t.Errorf("%d outlive a log-in", n)
	}
	s.limitedSession(t, u.ID, accounts.LimitedToFactor)
	check(t, s.SetPassword(t.Context(), u.ID, password))
	if n := left(); n != 0 {
		t.Errorf("%d outlive a change of the password", n)
	}
}
