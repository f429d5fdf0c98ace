package accounts_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/secret"
)

// Somebody with a copy of the cookie is signed out by a proof of the user's, and by a
// change of their password or name: neither do they become fresh, nor do they stay.
func TestSecurity25_ACopiedCookieEndsWithAProof(t *testing.T) {
	t.Parallel()
	const other secret.Text = "another long password"
	for name, tt := range map[string]struct {
		factor bool
		act    func(v *visitor, app authenticator, r *http.Request) error
	}{
		"password": {act: func(v *visitor, _ authenticator, r *http.Request) error { return v.Reauthenticate(r, password) }},
		"provider": {act: func(v *visitor, _ authenticator, r *http.Request) error { return v.ProveSession(r.Context(), "google") }},
		"factor": {true, func(v *visitor, app authenticator, r *http.Request) error {
			return v.ReauthenticateFactor(r, accounts.FactorAnswer{Kind: accounts.FactorTOTP, Shown: secret.Text(app.code())})
		}},
		"change of the password": {act: func(v *visitor, _ authenticator, r *http.Request) error { return v.ChangePassword(r, password, other) }},
		"change of the username": {act: func(v *visitor, _ authenticator, r *http.Request) error { return v.ChangeUsername(r, "matthew") }},
	} {
		for _, remember := range []bool{false, true} {
			s := factorSite(t)
			owner := s.newVisitor(t)
			check(t, owner.do(func(w http.ResponseWriter, r *http.Request) error {
				return s.LogIn(w, r, "matt@lp.com", password, remember)
			}))
			var app authenticator
			if tt.factor {
				app = owner.enroll()
				s.clock.Advance(time.Minute) // a code is taken once
			}
			began := owner.session()
			thief := s.newVisitor(t)
			thief.cookies = maps.Clone(owner.cookies)
			thief.want("matt@lp.com")
			check(t, owner.do(func(_ http.ResponseWriter, r *http.Request) error {
				err := tt.act(owner, app, r)
				if now := accounts.CurrentSession(r.Context()); now == nil || now.Hash == began.Hash || s.CurrentUser(r.Context()) == "" {
					t.Errorf("%s: the request goes on with %+v", name, now)
				}
				return err
			}))
			thief.want("")
			owner.want("matt@lp.com")
			now := owner.session()
			if lasts := owner.cookies["session"].MaxAge; lasts > 0 != remember {
				t.Errorf("%s: the cookie lasts for %d seconds", name, lasts)
			}
			if now.Remember != remember || !now.CreatedAt.Equal(began.CreatedAt) || now.Via != identity.ViaPassword || !now.ExpiresAt.Equal(began.ExpiresAt) || now.UserAgent != began.UserAgent {
				t.Errorf("%s: it was %+v and is %+v", name, began, now)
			}
			list, err := s.Sessions(t.Context(), now.UserID)
			if err != nil || len(list) != 1 {
				t.Errorf("%s: %d sessions, %v", name, len(list), err)
			}
			s.clock.Advance(2 * time.Minute) // what is older than the key of a remembered one
			owner.want("matt@lp.com")
			thief.want("")
			owner.want("matt@lp.com")
		}
	}
}

// A proof in a transaction that is not committed leaves the browser its cookie.
func TestSecurity25_AProofThatIsUndoneChangesNoCookie(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	v := s.newVisitor(t).logIn("matt")
	before := v.session()
	undone := errors.New("undone")
	err := v.do(func(_ http.ResponseWriter, r *http.Request) error {
		return s.store.InTx(r.Context(), func(ctxOfTx context.Context) error {
			if err := s.ProveSession(ctxOfTx, "google"); err != nil {
				return err
			}
			return undone
		})
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	v.want("matt@lp.com")
	if now := v.session(); now.Hash != before.Hash {
		t.Error("the session changed")
	}
	check(t, v.do(func(_ http.ResponseWriter, r *http.Request) error {
		return s.store.InTx(r.Context(), func(ctxOfTx context.Context) error { return s.ProveSession(ctxOfTx, "google") })
	}))
	v.want("matt@lp.com")
	if now := v.session(); now.Hash == before.Hash {
		t.Error("the session is the same")
	}
}

// Where the store has no transactions the browser gets its cookie as well.
func TestSecurity25_AProofWithoutTransactions(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	s := factorSite(t, func(c *accounts.Config) { c.Store = struct{ accounts.Store }{store} })
	for name, act := range map[string]func(r *http.Request) error{
		"a proof":  func(r *http.Request) error { return s.ProveSession(r.Context(), "google") },
		"a change": func(r *http.Request) error { return s.ChangeUsername(r, "matthew") },
	} {
		v := s.newVisitor(t).logIn("matt@lp.com")
		before := v.session()
		check(t, v.do(func(_ http.ResponseWriter, r *http.Request) error { return act(r) }))
		if now := v.want("matt@lp.com").session(); now.Hash == before.Hash {
			t.Errorf("%s: the session is the same", name)
		}
	}
}

// A session that gets another token is used at that moment, and its key is new. One that is
// not remembered has none.
func TestAProofRenewsAllOfASession(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.SessionLifetime, c.RememberLifetime = 24*time.Hour, 48*time.Hour })
	s.user(t, "matt@lp.com", "")
	for remember, lasts := range map[bool]time.Duration{false: 24 * time.Hour, true: 48 * time.Hour} {
		v := s.newVisitor(t)
		check(t, v.do(func(w http.ResponseWriter, r *http.Request) error {
			return s.LogIn(w, r, "matt@lp.com", password, remember)
		}))
		began := v.session()
		s.clock.Advance(5 * time.Minute)
		check(t, v.do(func(_ http.ResponseWriter, r *http.Request) error { return s.Reauthenticate(r, password) }))
		now := v.session()
		if !now.LastSeenAt.Equal(s.clock.Now()) || !now.ExpiresAt.Equal(s.clock.Now().Add(lasts)) {
			t.Errorf("remembered %t: seen %v, ends %v", remember, now.LastSeenAt, now.ExpiresAt)
		}
		if now.KeyHash != "" != remember || remember && now.KeyHash == began.KeyHash {
			t.Errorf("remembered %t: the key %q, before %q", remember, now.KeyHash, began.KeyHash)
		}
		if !remember {
			continue
		}
		s.clock.Advance(25 * time.Hour)
		if v.want("matt@lp.com"); v.session().OldKeyHash != now.KeyHash {
			t.Error("the key is not replaced after a day")
		}
		check(t, v.do(func(_ http.ResponseWriter, r *http.Request) error { return s.Reauthenticate(r, password) }))
		if now := v.session(); now.OldKeyHash != "" || !now.RotatedAt.Equal(s.clock.Now()) {
			t.Errorf("the key before is %q, replaced %v", now.OldKeyHash, now.RotatedAt)
		}
	}
}

// A session that gets another token is used at that moment, and lasts from then on.
func TestAProofCountsAsUseOfTheSession(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.SessionLifetime = 24 * time.Hour })
	s.user(t, "matt@lp.com", "")
	v := s.newVisitor(t).logIn("matt@lp.com")
	s.clock.Advance(23 * time.Hour)
	check(t, v.do(func(_ http.ResponseWriter, r *http.Request) error { return s.Reauthenticate(r, password) }))
	s.clock.Advance(2 * time.Hour)
	v.want("matt@lp.com")
}

// A change of another user leaves one's own session as it is, and a program gets none.
func TestAChangeOfAnotherUserRenewsNothing(t *testing.T) {
	t.Parallel()
	s := factorSite(t, withTokens)
	joe, err := s.Find(t.Context(), "joe@lp.com")
	check(t, err)
	v := s.newVisitor(t).logIn("matt")
	before := v.session()
	set := func(_ http.ResponseWriter, r *http.Request) error {
		return s.SetPassword(r.Context(), joe.ID, "another password")
	}
	check(t, v.do(set))
	if now := v.want("matt@lp.com").session(); now.Hash != before.Hash {
		t.Error("the session is another")
	}
	matt, err := s.Find(t.Context(), "matt")
	check(t, err)
	bearer, _ := s.tokenFor(t, matt)
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Authorization", bearer)
	w := httptest.NewRecorder()
	s.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { check(t, set(w, r)) })).ServeHTTP(w, r)
	if list, err := s.Sessions(t.Context(), matt.ID); len(list) != 1 || err != nil || len(w.Header().Values("Set-Cookie")) > 0 {
		t.Errorf("%d sessions, %v, %v", len(list), err, w.Header())
	}
}

// In a request with an API token the browser's cookie is ignored: a log-in does not end
// its session.
func TestAccounts10_SignInByATokensRequest(t *testing.T) {
	t.Parallel()
	s := factorSite(t, withTokens)
	joe := s.newVisitor(t).logIn("joe@lp.com")
	matt, err := s.Find(t.Context(), "matt")
	check(t, err)
	bearer, _ := s.tokenFor(t, matt)
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Authorization", bearer)
	for _, c := range joe.cookies {
		r.AddCookie(c)
	}
	s.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		check(t, s.SignIn(w, r, identity.SignIn{UserID: matt.ID, Via: "google"}))
	})).ServeHTTP(httptest.NewRecorder(), r)
	joe.want("joe@lp.com")
}
