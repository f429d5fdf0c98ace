package providers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

func entry(t *testing.T, id string) providers.Entry {
	t.Helper()
	e, ok := providers.Find(id)
	if !ok {
		t.Fatalf("%s is not in the catalog", id)
	}
	return e
}

func make2(t *testing.T, id string, s providers.Settings) *oauth.OAuth2 {
	t.Helper()
	s.Credentials = []oauth.Credentials{credentials}
	p, err := entry(t, id).New(s)
	if err != nil {
		t.Fatal(err)
	}
	return p.(*oauth.OAuth2)
}

func TestSettingsReplaceWhatTheCatalogSays(t *testing.T) {
	t.Parallel()
	trust := false
	p := make2(t, "github", providers.Settings{
		ID: "work", Name: "Work", Scopes: []string{"repo"}, Issuer: "https://iss.test", TokenAuth: oauth.AuthBasic, ResponseMode: "form_post",
		TrustEmail: &trust, Profile: oauth.Mapping{DisplayName: "name"}, AuthParams: url.Values{"prompt": {"consent"}},
	})
	d := p.Description()
	if d.ID != "work" || d.Name != "Work" || d.Mark != "github" || !slices.Equal(d.Scopes, []string{"repo"}) || d.TrustEmail || !d.FormPost {
		t.Errorf("got %+v", d)
	}
	if p.Issuer != "https://iss.test" || p.TokenAuth != oauth.AuthBasic || p.Profile.DisplayName != "name" || p.Profile.Subject != "id" || p.AuthParams.Get("prompt") != "consent" {
		t.Errorf("got %+v", p)
	}
	if again := make2(t, "github", providers.Settings{}); again.AuthParams != nil || again.ID != "github" {
		t.Error("the catalog itself has changed")
	}
	google, err := entry(t, "google").New(providers.Settings{Credentials: []oauth.Credentials{credentials}, AuthParams: url.Values{"prompt": {"consent"}}})
	if err != nil {
		t.Fatal(err)
	}
	if a := google.(*oauth.OIDC).AuthParams; a.Get("access_type") != "offline" || a.Get("prompt") != "consent" {
		t.Errorf("got %v", a)
	}
}

// A token must not go to the catalog's hosts when it is another server's.
func TestSettingsMoveTheHostsOfTheToken(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		id        string
		endpoints oauth.Endpoints
		yes, no   []string
	}{
		"nothing": {"facebook", oauth.Endpoints{}, []string{"https://graph.facebook.com/x"}, []string{"https://facebook.com/"}},
		"api": {"facebook", oauth.Endpoints{API: "https://proxy.test/fb"},
			[]string{"https://proxy.test/x"}, []string{"https://graph.facebook.com/x"}},
		"user info": {"github", oauth.Endpoints{UserInfo: "https://ghe.test/api/v3/user"},
			[]string{"https://ghe.test/x"}, []string{"https://api.github.com/", "https://uploads.github.com/"}},
		"token": {"github", oauth.Endpoints{Token: "https://ghe.test/login/oauth/access_token", UserInfo: "https://ghe.test/user", API: "https://api.ghe.test"},
			[]string{"https://ghe.test/x", "https://api.ghe.test/"}, []string{"https://api.github.com/", "https://uploads.github.com/"}},
		"http, as in development": {"x", oauth.Endpoints{Token: "http://127.0.0.1:9/token", UserInfo: "http://127.0.0.1:9/me"},
			[]string{"http://127.0.0.1:9/api"}, []string{"https://api.x.com/", "http://127.0.0.1:8/"}},
		"version only": {"facebook", oauth.Endpoints{Token: "https://graph.facebook.com/v99.0/oauth/access_token", UserInfo: "https://graph.facebook.com/v99.0/me"},
			[]string{"https://graph.facebook.com/x"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := make2(t, tc.id, providers.Settings{Endpoints: tc.endpoints})
			c, err := p.Open(oauth.Env{})
			if err != nil {
				t.Fatal(err)
			}
			for i, address := range append(tc.yes, tc.no...) {
				u, _ := url.Parse(address)
				if c.Allows(t.Context(), u) != (i < len(tc.yes)) {
					t.Errorf("%s: %v", address, c.Allows(t.Context(), u))
				}
			}
		})
	}
	moved := make2(t, "facebook", providers.Settings{Endpoints: oauth.Endpoints{API: "https://proxy.test/fb/"}}).Endpoints
	if moved.UserInfo != "https://proxy.test/fb/v24.0/me" || moved.Revoke != "https://proxy.test/fb/v24.0/me/permissions" || moved.Token != "https://graph.facebook.com/v24.0/oauth/access_token" {
		t.Errorf("got %+v", moved)
	}
	dropped := make2(t, "github", providers.Settings{Endpoints: oauth.Endpoints{UserInfo: "https://ghe.test/user"}}).Endpoints
	if dropped.Emails != "" || dropped.Revoke != "" || dropped.API != "" {
		t.Errorf("got %+v", dropped)
	}
	// An address that the API's move does not reach stays behind.
	left := make2(t, "quickbooks", providers.Settings{Endpoints: oauth.Endpoints{Token: "https://proxy.test/token", API: "https://proxy.test/qb"}}).Endpoints
	if left.Revoke != "" || left.API != "https://proxy.test/qb" {
		t.Errorf("got %+v", left)
	}
	kept := make2(t, "facebook", providers.Settings{Endpoints: oauth.Endpoints{Authorize: "https://proxy.test/"}}).Endpoints
	if kept.Revoke == "" || kept.API == "" {
		t.Errorf("got %+v", kept)
	}
}

func TestSettingsOfOpenIDConnect(t *testing.T) {
	t.Parallel()
	p, err := entry(t, "google").New(providers.Settings{
		Credentials: []oauth.Credentials{credentials}, Issuer: "http://127.0.0.1:9", LogoutAtProvider: true, Profile: oauth.Mapping{ImageURL: "avatar"},
	})
	if err != nil {
		t.Fatal(err)
	}
	g := p.(*oauth.OIDC)
	if g.Issuer != "http://127.0.0.1:9" || g.Endpoints != (oauth.Endpoints{}) || g.MatchIssuer != nil || g.APIHosts != nil || !g.LogoutAtProvider {
		t.Errorf("the usual place is not left: %+v", g.Endpoints)
	}
	if g.Profile.ImageURL != "avatar" || g.Profile.Email != "email" || g.Profile.EmailVerified != "email_verified" {
		t.Errorf("got %+v", g.Profile)
	}
	same, err := entry(t, "google").New(providers.Settings{Credentials: []oauth.Credentials{credentials}, Issuer: "https://accounts.google.com"})
	if err != nil || same.(*oauth.OIDC).Endpoints.Token == "" || same.(*oauth.OIDC).MatchIssuer == nil {
		t.Errorf("its own issuer changed it: %v", err)
	}
	m, err := entry(t, "microsoft").New(providers.Settings{Credentials: []oauth.Credentials{credentials}, Tenant: "contoso.test"})
	if err != nil || !strings.Contains(m.(*oauth.OIDC).Endpoints.Token, "contoso.test") {
		t.Errorf("tenant: %v", err)
	}
}

func TestSettingsReplacedEmailIsNoLongerVerified(t *testing.T) {
	t.Parallel()
	s := providers.Settings{ID: "acme", Credentials: []oauth.Credentials{credentials}, Endpoints: oauth.Endpoints{Authorize: "https://a.test/", Token: "https://a.test/t", UserInfo: "https://a.test/u"}}
	s.Profile.Email = "contact.mail"
	p, err := providers.Custom("oauth2", s)
	if err != nil || p.(*oauth.OAuth2).Profile.EmailVerified != "" || p.Description().VerifiedEmail {
		t.Errorf("verified by another address's word: %v", err)
	}
	s.Profile.EmailVerified = "contact.ok"
	if p, err = providers.Custom("oauth2", s); err != nil || p.(*oauth.OAuth2).Profile.EmailVerified != "contact.ok" {
		t.Errorf("got %v", err)
	}
}

func TestErrorsNameTheKey(t *testing.T) {
	t.Parallel()
	full := providers.Settings{
		ID: "acme", Credentials: []oauth.Credentials{credentials}, Issuer: "https://op.test",
		Endpoints: oauth.Endpoints{RequestToken: "https://a.test/r", Authorize: "https://a.test/", Token: "https://a.test/t", UserInfo: "https://a.test/u"},
	}
	for _, tc := range []struct {
		kind, want string
		change     func(*providers.Settings)
	}{
		{"oidc", "issuer is missing", func(s *providers.Settings) { s.Issuer = "" }},
		{"oauth2", "endpoints.authorize is missing", func(s *providers.Settings) { s.Endpoints.Authorize = "" }},
		{"oauth2", "endpoints.token is missing", func(s *providers.Settings) { s.Endpoints.Token = "" }},
		{"oauth2", "endpoints.userinfo is missing", func(s *providers.Settings) { s.Endpoints.UserInfo = "" }},
		{"oauth2", "consumer_key is missing", func(s *providers.Settings) { s.Credentials = nil }},
		{"oauth2", "consumer_secret is missing", func(s *providers.Settings) { s.Credentials = []oauth.Credentials{{ClientID: "key"}} }},
		{"oidc", "consumer_secret is missing", func(s *providers.Settings) { s.Credentials = []oauth.Credentials{{ClientID: "key"}} }},
		{"oauth2", "private_key is missing", func(s *providers.Settings) { s.TokenAuth = oauth.AuthPrivateKeyJWT }},
		{"oauth2", "credentials 2: consumer_secret is missing", func(s *providers.Settings) {
			s.Credentials = []oauth.Credentials{credentials, {ClientID: "key"}}
		}},
		{"oauth1", "private_key", func(s *providers.Settings) {
			s.Issuer, s.Credentials = "", []oauth.Credentials{{ClientID: "key", ClientSecret: "secret", PrivateKey: "pem"}}
		}},
		{"oauth2", "token_auth", func(s *providers.Settings) { s.TokenAuth = "magic" }},
		{"oauth2", "response_mode", func(s *providers.Settings) { s.ResponseMode = "fragment" }},
		{"oauth2", "tenant", func(s *providers.Settings) { s.Tenant = "x" }},
		{"oidc", "team_id", func(s *providers.Settings) { s.TeamID = "x" }},
		{"oauth2", "logout_at_provider", func(s *providers.Settings) { s.LogoutAtProvider = true }},
		{"oidc", "profile.id", func(s *providers.Settings) { s.Profile.Subject = "id" }},
		{"oauth2", "token_auth: none", func(s *providers.Settings) { s.Credentials = []oauth.Credentials{{ClientID: "key"}} }},
		{"oauth2", "profile_from: token", func(s *providers.Settings) { s.Endpoints.UserInfo = "" }},
		{"oauth2", "profile_from must", func(s *providers.Settings) { s.ProfileFrom = "callback" }},
		{"oauth2", "assertion_audience", func(s *providers.Settings) { s.AssertionAudience = "me" }},
		{"oauth2", "subject", func(s *providers.Settings) { s.SubjectClaim = "oid" }},
		{"oauth2", "algorithms", func(s *providers.Settings) { s.Algorithms = []string{"HS256"} }},
		{"oauth2", "trusted_audiences", func(s *providers.Settings) { s.TrustedAudiences = []string{"x"} }},
		{"oauth2", "clock_skew", func(s *providers.Settings) { s.ClockSkew = time.Second }},
		{"oauth2", "logout_without_exp", func(s *providers.Settings) { s.LogoutWithoutExp = true }},
		{"oauth1", "pkce", func(s *providers.Settings) { s.Issuer, s.PKCE = "", new(bool) }},
		{"oauth1", "subject", func(s *providers.Settings) { s.Issuer, s.SubjectClaim = "", "id" }},
		{"saml", "saml", func(*providers.Settings) {}},
		{"oauth2", "needs an ID", func(s *providers.Settings) { s.ID = "" }},
	} {
		s := full
		tc.change(&s)
		_, err := providers.Custom(tc.kind, s)
		if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "secret\"") {
			t.Errorf("%s: want %q, got %v", tc.kind, tc.want, err)
		}
	}
	for _, key := range []string{"team_id", "key_id", "private_key", "consumer_key"} {
		s := settings("apple")
		switch key {
		case "team_id":
			s.TeamID = ""
		case "key_id":
			s.Credentials[0].KeyID = ""
		case "private_key":
			s.Credentials[0].PrivateKey = ""
		case "consumer_key":
			s.Credentials = nil
		}
		if _, err := entry(t, "apple").New(s); err == nil || !strings.Contains(err.Error(), key+" is missing") {
			t.Errorf("apple without %s: %v", key, err)
		}
	}
	for _, kind := range []string{"oidc", "oauth2"} {
		p, err := providers.Custom(kind, full)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Open(oauth.Env{}); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if d := p.Description(); d.ID != "acme" || d.Name != "acme" {
			t.Errorf("%s: %+v", kind, d)
		}
	}
}

func TestCustomOAuth2LogIn(t *testing.T) {
	t.Parallel()
	p := newPretend(t)
	p.givesToken("POST intranet.test/token", `{"access_token":"at-1"}`, true, func(*http.Request) string { return "" })
	p.gives("GET intranet.test/me", `{"id":17,"mail":"matt@lp.com","display":{"name":"Matt"},"avatar_url":"https://intranet.test/m.png"}`, bearer)
	custom, err := providers.Custom("oauth2", providers.Settings{
		ID: "intranet", Credentials: []oauth.Credentials{credentials},
		Endpoints: oauth.Endpoints{Authorize: "https://intranet.test/authorize", Token: "https://intranet.test/token", UserInfo: "https://intranet.test/me"},
		Profile:   oauth.Mapping{Subject: "id", Email: "mail", FullName: "display.name", ImageURL: "avatar_url"},
	})
	if err != nil {
		t.Fatal(err)
	}
	sameProfile(t, p.logIn(p.open(custom), nil).Profile, oauth.Profile{
		Subject: "17", DisplayName: "Matt", FullName: "Matt", Email: "matt@lp.com", ImageURL: "https://intranet.test/m.png",
	})
}

// What the library can do with OpenID Connect, a configuration can say.
func TestSettingsReachEveryFieldOfOpenIDConnect(t *testing.T) {
	t.Parallel()
	off := false
	p, err := providers.Custom("oidc", providers.Settings{
		ID: "acme", Issuer: "https://op.test", Credentials: []oauth.Credentials{{ClientID: "key"}}, TokenAuth: oauth.AuthNone,
		AssertionAudience: oauth.AudienceIssuer, ProfileFrom: "token", Algorithms: []string{"ES256"}, TrustedAudiences: []string{"229182"},
		SubjectClaim: "oid", ClockSkew: 2 * time.Minute, LogoutWithoutExp: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	o := p.(*oauth.OIDC)
	if o.TokenAuth != oauth.AuthNone || o.AssertionAudience != oauth.AudienceIssuer || o.UserInfo != oauth.UserInfoNever ||
		!slices.Equal(o.Algorithms, []string{"ES256"}) || !slices.Equal(o.TrustedAudiences, []string{"229182"}) || o.SubjectClaim != "oid" ||
		o.ClockSkew != 2*time.Minute || !o.LogoutWithoutExp {
		t.Errorf("got %+v", o)
	}
	if _, err := o.Open(oauth.Env{}); err != nil {
		t.Error(err)
	}
	p, err = providers.Custom("oidc", providers.Settings{
		ID: "acme", Issuer: "https://op.test", Credentials: []oauth.Credentials{credentials}, PKCE: &off, ProfileFrom: "userinfo",
	})
	if err != nil || !p.(*oauth.OIDC).WithoutPKCE || p.(*oauth.OIDC).UserInfo != oauth.UserInfoAlways {
		t.Errorf("got %+v, %v", p, err)
	}
	// The tenant is part of Microsoft's subject, unless another claim is named.
	m, err := entry(t, "microsoft").New(providers.Settings{Credentials: []oauth.Credentials{credentials}, SubjectClaim: "sub"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Open(oauth.Env{}); err != nil {
		t.Error(err)
	}
}

func TestAnEntryTwice(t *testing.T) {
	t.Parallel()
	p, err := providers.Custom("google", providers.Settings{ID: "work", Name: "Work", Credentials: []oauth.Credentials{credentials}})
	if err != nil {
		t.Fatal(err)
	}
	if d := p.Description(); d.ID != "work" || d.Name != "Work" || p.(*oauth.OIDC).Issuer != "https://accounts.google.com" {
		t.Errorf("got %+v", d)
	}
}

// Requests say for what the tokens are (RFC 8707 §2), beside what the catalog sends.
func TestSettingsNameTheResource(t *testing.T) {
	t.Parallel()
	p := make2(t, "shopify", providers.Settings{Resource: "https://mcp.test/mcp", Parameters: map[string]string{"shop": "acme"}})
	for name, params := range map[string]url.Values{"authorization": p.AuthParams, "token": p.TokenParams, "refresh": p.RefreshParams} {
		if params.Get("resource") != "https://mcp.test/mcp" {
			t.Errorf("the %s request says %v", name, params)
		}
	}
	if p.TokenParams.Get("expiring") != "1" {
		t.Errorf("the token request has lost the catalog's: %v", p.TokenParams)
	}
	_, err := entry(t, "twitter").New(providers.Settings{Credentials: []oauth.Credentials{credentials}, Resource: "https://mcp.test"})
	if err == nil || !strings.Contains(err.Error(), "resource means nothing") {
		t.Errorf("of OAuth 1.0a: %v", err)
	}
}
