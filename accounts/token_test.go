package accounts_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
)

const hour, day = time.Hour, 24 * time.Hour

func withTokens(c *accounts.Config) {
	c.APITokens, c.TokenScopes = true, map[string]string{"read": "read your notes", "write": "write notes"}
}

// tokenFor makes an API token of a user.
func (s *site) tokenFor(t *testing.T, u accounts.User, scopes ...string) (bearer string, token apitoken.Token) {
	t.Helper()
	text, token, err := s.CreateTokenFor(tenant.With(t.Context(), u.Tenant), u.ID, accounts.NewToken{Name: "deploy", Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	return "Bearer " + text.Reveal(), token
}

// askWith asks who somebody is who sends the headers Authorization, besides the browser's
// cookies.
func (b *browser) askWith(authorization ...string) answer {
	b.t.Helper()
	var headers []string
	for _, a := range authorization {
		headers = append(headers, "Authorization", a)
	}
	return b.do("GET", "/whoami", nil, headers...)
}

func form(pairs ...string) url.Values {
	f := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

// wantUser checks who is signed in, and by which token.
func wantUser(t *testing.T, what string, r answer, email, token string) {
	t.Helper()
	var p presence
	if err := json.Unmarshal([]byte(r.body), &p); err != nil || r.status != http.StatusOK || p.Email != email || p.Token != token {
		t.Errorf("%s: %d %s, want %q by %q", what, r.status, r.body, email, token)
	}
}

// wantRefused checks an answer to a token that is not good.
func wantRefused(t *testing.T, what string, r answer) {
	t.Helper()
	if r.status != http.StatusUnauthorized || r.header.Get("WWW-Authenticate") != `Bearer error="invalid_token"` ||
		r.header.Get("Content-Type") != "application/problem+json" || !strings.Contains(r.body, `"code":"invalid_token"`) ||
		r.header.Get("Cache-Control") != "no-store" || strings.Contains(r.body, "soc_") {
		t.Errorf("%s: %d %v %s", what, r.status, r.header, r.body)
	}
}

// A token signs its user in, without a session and without a cookie.
func TestAccounts10_ATokenSignsIn(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", withTokens)
	u := s.user(t, "matt@lp.com", "")
	bearer, token := s.tokenFor(t, u, "read")
	b := s.browser(t)
	wantUser(t, "a token", b.askWith(bearer), "matt@lp.com", "deploy")
	r := b.do("GET", "/private", nil, "Authorization", bearer)
	wantUser(t, "RequireLogin", r, "matt@lp.com", "deploy")
	if len(r.header.Values("Set-Cookie")) > 0 || b.whoami().Email != "" {
		t.Errorf("a cookie: %v", r.header)
	}
	if list, err := s.Sessions(t.Context(), u.ID); err != nil || len(list) > 0 {
		t.Errorf("%d sessions, %v", len(list), err)
	}
	list, err := s.Tokens(t.Context(), u.ID)
	if err != nil || len(list) != 1 || list[0].ID != token.ID || list[0].Name != "deploy" || !slices.Equal(list[0].Scopes, []string{"read"}) ||
		!list[0].ExpiresAt.Equal(s.clock.Now().Add(90*day)) || !list[0].CreatedAt.Equal(s.clock.Now()) {
		t.Errorf("%+v, %v", list, err)
	}
	s.clock.Advance(90*day - time.Second)
	wantUser(t, "in its last second", b.askWith(bearer), "matt@lp.com", "deploy")
	s.clock.Advance(time.Second)
	wantRefused(t, "when it has expired", b.askWith(bearer))
}

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

// A store that fails is no reason to take a request with a token for one of nobody.
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

// A token is its tenant's, and its user's.
func TestAccounts10_TenantsAndUsers(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", withTokens)
	ctx := tenant.With(t.Context(), "acme")
	u, err := s.Create(ctx, accounts.NewUser{Email: "matt@lp.com", Password: password})
	check(t, err)
	other := s.user(t, "joe@lp.com", "")
	bearer, token := s.tokenFor(t, u)
	b := s.browser(t)
	wantRefused(t, "in another tenant", b.askWith(bearer))
	wantUser(t, "in its own", b.do("GET", "/whoami", nil, "Authorization", bearer, "Tenant", "acme"), "matt@lp.com", "deploy")
	wantUser(t, "in a handler's other tenant", b.do("GET", "/whoami", nil, "Authorization", bearer, "Tenant", "acme", "Inner-Tenant", "x"), "", "")
	wantErr(t, "ending it in another tenant", s.EndToken(t.Context(), u.ID, token.ID), accounts.ErrNoToken)
	wantErr(t, "ending another user's", s.EndToken(ctx, other.ID, token.ID), accounts.ErrNoToken)
	wantErr(t, "ending none", s.EndToken(ctx, u.ID, ""), accounts.ErrNoToken)
	if n, err := s.EndTokens(t.Context(), u.ID); n != 0 || err != nil {
		t.Errorf("%d tokens of another tenant end, %v", n, err)
	}
	wantUser(t, "after all", b.do("GET", "/whoami", nil, "Authorization", bearer, "Tenant", "acme"), "matt@lp.com", "deploy")
	check(t, s.EndToken(ctx, u.ID, token.ID))
	wantErr(t, "ending it again", s.EndToken(ctx, u.ID, token.ID), accounts.ErrNoToken)
	// The token that these Accounts know is no other Accounts' user.
	elsewhere := newSite(t, "http", withTokens)
	joes, _ := s.tokenFor(t, other)
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", joes)
	s.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if !s.ByToken(r.Context()) || elsewhere.ByToken(r.Context()) || elsewhere.HasScope(r.Context(), "read") {
			t.Error("the token counts elsewhere")
		}
	})).ServeHTTP(httptest.NewRecorder(), r)
}

// A scope is asked of tokens alone.
func TestAccounts10_Scopes(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", withTokens)
	u := s.user(t, "matt@lp.com", "")
	reads, _ := s.tokenFor(t, u, "write", "read", "read")
	writes, _ := s.tokenFor(t, u, "write")
	none, _ := s.tokenFor(t, u)
	b := s.browser(t)
	get := func(bearer string) answer { return b.do("GET", "/scope", nil, "Authorization", bearer) }
	wantUser(t, "with the scope", get(reads), "matt@lp.com", "deploy")
	for _, bearer := range []string{writes, none} {
		r := get(bearer)
		if r.status != http.StatusForbidden || r.header.Get("WWW-Authenticate") != `Bearer error="insufficient_scope", scope="read"` ||
			!strings.Contains(r.body, `"code":"insufficient_scope"`) {
			t.Errorf("without the scope: %d %v %s", r.status, r.header, r.body)
		}
	}
	wantRefused(t, "a bad one", get("Bearer x"))
	wantStatus(t, "nobody", b.do("GET", "/scope", nil), http.StatusSeeOther)
	b.logIn("matt@lp.com", password)
	wantUser(t, "in a session", b.do("GET", "/scope", nil), "matt@lp.com", "")
	if got := s.TokenScopes(); !slices.Equal(got, []string{"read", "write"}) || s.TokenScopeText("read") != "read your notes" {
		t.Errorf("the scopes are %q", got)
	}
}

// A user who has to have a second factor and has none can do nothing by a token, as in a
// session.
func TestAccounts10_RequiredFactor(t *testing.T) {
	t.Parallel()
	s := factorSite(t, withTokens, func(c *accounts.Config) { c.TwoFactorRoles = []string{"admin"} })
	u, err := s.Find(t.Context(), "matt")
	check(t, err)
	bearer, _ := s.tokenFor(t, u)
	check(t, s.CreateRole(t.Context(), accounts.Role{Name: "admin"}))
	b := s.browser(t)
	wantUser(t, "before", b.askWith(bearer), "matt@lp.com", "deploy")
	phone := s.newVisitor(t).logIn("matt")
	check(t, s.Grant(t.Context(), u.ID, "admin"))
	r := b.askWith(bearer)
	if r.status != http.StatusForbidden || !strings.Contains(r.body, `"code":"two_factor_required"`) {
		t.Errorf("without a factor: %d %s", r.status, r.body)
	}
	_, _, err = s.CreateTokenFor(t.Context(), u.ID, accounts.NewToken{Name: "x"})
	wantErr(t, "another token", err, accounts.ErrFactorRequired)
	phone.enroll()
	wantUser(t, "with a factor", b.askWith(bearer), "matt@lp.com", "deploy")
	check(t, s.ResetFactors(t.Context(), u.ID))
	wantStatus(t, "without it", b.askWith(bearer), http.StatusForbidden)
	check(t, s.Revoke(t.Context(), u.ID, "admin"))
	wantUser(t, "without the role", b.askWith(bearer), "matt@lp.com", "deploy")
}

// What belongs to a user who was deactivated, or is to be deleted, opens nothing, also where
// the token was not ended.
func TestAccounts10_InactiveUsers(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", withTokens)
	u := s.user(t, "matt@lp.com", "")
	bearer, _ := s.tokenFor(t, u)
	u.Active = false
	check(t, s.store.UpdateUser(t.Context(), u))
	wantRefused(t, "an inactive user", s.browser(t).askWith(bearer))
	u.Version, u.Active, u.DeletionAt = u.Version+1, true, s.clock.Now().Add(hour)
	check(t, s.store.UpdateUser(t.Context(), u))
	wantRefused(t, "one who is to be deleted", s.browser(t).askWith(bearer))
	u.Version, u.DeletionAt = u.Version+1, time.Time{}
	check(t, s.store.UpdateUser(t.Context(), u))
	wantUser(t, "one who is neither", s.browser(t).askWith(bearer), "matt@lp.com", "deploy")
}

// An export has the user's tokens, without what opens them.
func TestAccounts10_Export(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", withTokens)
	u := s.user(t, "matt@lp.com", "")
	s.tokenFor(t, s.user(t, "joe@lp.com", ""), "write")
	bearer, token := s.tokenFor(t, u, "read")
	e, err := s.Export(t.Context(), u.ID)
	check(t, err)
	text, err := json.Marshal(e)
	check(t, err)
	if len(e.APITokens) != 1 || e.APITokens[0].Name != "deploy" || !slices.Equal(e.APITokens[0].Scopes, []string{"read"}) ||
		!e.APITokens[0].ExpiresAt.Equal(token.ExpiresAt) || e.APITokens[0].LastUsedAt != nil || strings.Contains(string(text), bearer[7:]) {
		t.Errorf("%s", text)
	}
}
