package accounts_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
	"github.com/gosocial/social/internal/tenant"
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
