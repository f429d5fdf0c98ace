package providers_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// fromCatalog makes a provider that has no function of its own.
func fromCatalog(t *testing.T, id string) oauth.Provider {
	t.Helper()
	p, err := entry(t, id).New(providers.Settings{Credentials: []oauth.Credentials{credentials}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTwitch(t *testing.T) {
	t.Parallel()
	p := newPretend(t)
	p.givesToken("POST id.twitch.tv/oauth2/token",
		`{"access_token":"at-1","expires_in":14124,"refresh_token":"rt-1","scope":["user:read:email"],"token_type":"bearer"}`, true, inForm)
	helix := func(r *http.Request) string {
		if r.Header.Get("Client-Id") != "key" {
			return "no Client-Id"
		}
		return bearer(r)
	}
	p.gives("GET api.twitch.tv/helix/users", `{"data":[{
		"id":"141981764","login":"twitchdev","display_name":"TwitchDev","type":"","broadcaster_type":"partner","description":"x",
		"profile_image_url":"https://static-cdn.jtvnw.net/jtv_user_pictures/8a6381c7-profile_image-300x300.png",
		"offline_image_url":"","view_count":5980557,"email":"not-real@email.com","created_at":"2016-12-14T20:32:28Z"}]}`, helix)
	var revoked []url.Values
	p.HandleFunc("POST id.twitch.tv/oauth2/revoke", func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		if revoked = append(revoked, r.PostForm); len(revoked) > 1 {
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, `{"status":400,"message":"Invalid token"}`)
		}
	})
	c := p.open(fromCatalog(t, "twitch"))
	g := p.logIn(c, nil)
	sameProfile(t, g.Profile, oauth.Profile{
		Subject: "141981764", DisplayName: "TwitchDev", FullName: "TwitchDev", Email: "not-real@email.com", EmailVerified: true,
		ProfileURL: "https://twitch.tv/twitchdev", ImageURL: "https://static-cdn.jtvnw.net/jtv_user_pictures/8a6381c7-profile_image-300x300.png",
	})
	if !slices.Equal(g.Token.Scopes, []string{"user:read:email"}) {
		t.Errorf("scopes %q", g.Token.Scopes)
	}
	for range 2 { // the second finds none
		if err := c.(oauth.Revoker).Revoke(t.Context(), g.Token); err != nil {
			t.Error(err)
		}
	}
	if f := revoked[0]; len(revoked) != 2 || f.Get("token") != "at-1" || f.Get("client_id") != "key" || f.Has("client_secret") {
		t.Errorf("revoked with %v", revoked)
	}
}

func TestStrava(t *testing.T) {
	t.Parallel()
	p := newPretend(t)
	p.givesToken("POST www.strava.com/oauth/token",
		`{"token_type":"Bearer","expires_at":1568775134,"expires_in":21600,"refresh_token":"rt-1","access_token":"at-1","athlete":{"id":227615}}`, true, inForm)
	p.gives("GET www.strava.com/api/v3/athlete", `{
		"id":227615,"username":"marianne_v","resource_state":3,"firstname":"Marianne","lastname":"V.","city":"San Francisco",
		"profile_medium":"https://xxxxxx.cloudfront.net/pictures/athletes/227615/41555/3/medium.jpg",
		"profile":"https://xxxxxx.cloudfront.net/pictures/athletes/227615/41555/3/large.jpg"}`, bearer)
	var revoked []string
	p.gives("POST www.strava.com/oauth/revoke", ``, func(r *http.Request) string {
		revoked = append(revoked, r.PostForm.Get("token"))
		if id, secret, _ := r.BasicAuth(); id != "key" || secret != "secret" {
			return "no basic authentication"
		}
		return ""
	})
	c := p.open(fromCatalog(t, "strava"))
	g := p.logIn(c, url.Values{"scope": {"read"}})
	sameProfile(t, g.Profile, oauth.Profile{
		Subject: "227615", DisplayName: "Marianne V.", FullName: "Marianne V.",
		ProfileURL: "https://www.strava.com/athletes/227615", ImageURL: "https://xxxxxx.cloudfront.net/pictures/athletes/227615/41555/3/large.jpg",
	})
	if p.asked.Get("approval_prompt") != "auto" || !slices.Equal(g.Token.Scopes, []string{"read"}) {
		t.Errorf("asked %v, granted %q", p.asked, g.Token.Scopes)
	}
	if err := c.(oauth.Revoker).Revoke(t.Context(), g.Token); err != nil || !slices.Equal(revoked, []string{"rt-1", "at-1"}) {
		t.Errorf("revoked %q, %v", revoked, err)
	}
}

func TestHubSpot(t *testing.T) {
	t.Parallel()
	p := newPretend(t)
	p.givesToken("POST api.hubapi.com/oauth/2026-03/token",
		`{"access_token":"at-1","expires_in":1800,"refresh_token":"rt-1","token_type":"bearer","hub_id":62515,"user_id":293199,"scopes":["oauth"]}`, true, inForm)
	active := true
	p.HandleFunc("POST api.hubapi.com/oauth/2026-03/token/introspect", func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		if why := inForm(r); why != "" || r.PostForm.Get("token") != "at-1" || r.PostForm.Get("token_type_hint") != "access_token" {
			t.Errorf("%s: %v", why, r.PostForm)
		}
		answer := map[string]any{"active": active, "token_type": "access_token"}
		if active {
			answer["user_id"], answer["hub_id"], answer["user"], answer["hub_domain"] = 293199, 62515, "jane@example.com", "meowmix.com"
		}
		json.NewEncoder(w).Encode(answer)
	})
	var revoked []string
	p.gives("POST api.hubapi.com/oauth/2026-03/token/revoke", ``, func(r *http.Request) string {
		revoked = append(revoked, r.PostForm.Get("token"))
		return inForm(r)
	})
	c := p.open(fromCatalog(t, "hubspot"))
	g := p.logIn(c, nil)
	sameProfile(t, g.Profile, oauth.Profile{Subject: "293199", DisplayName: "jane@example.com", Email: "jane@example.com"})
	if err := c.(oauth.Revoker).Revoke(t.Context(), g.Token); err != nil || !slices.Equal(revoked, []string{"rt-1"}) {
		t.Errorf("revoked %q, %v", revoked, err)
	}
	active = false
	var f *oauth.ProviderError
	if _, err := c.Profile(t.Context(), g.Token); !errors.As(err, &f) || f.Kind != oauth.Rejected {
		t.Errorf("a token that is not active: %v", err)
	}
}

func TestDeviantArt(t *testing.T) {
	t.Parallel()
	p := newPretend(t)
	p.givesToken("POST www.deviantart.com/oauth2/token",
		`{"expires_in":3600,"status":"success","access_token":"at-1","token_type":"Bearer","refresh_token":"rt-1","scope":"user"}`, true, inForm)
	p.gives("GET www.deviantart.com/api/v1/oauth2/user/whoami", `{
		"userid":"09A4052E-88B2-65CB-CEC9-B1E31C18B940","username":"justgalym",
		"usericon":"https://a.deviantart.net/avatars/j/u/justgalym.gif","type":"admin"}`, bearer)
	var revoked []string
	p.gives("POST www.deviantart.com/oauth2/revoke", `{"status":"success"}`, func(r *http.Request) string {
		revoked = append(revoked, r.PostForm.Get("token"))
		return ""
	})
	provider := fromCatalog(t, "deviantart")
	c := p.open(provider)
	g := p.logIn(c, nil)
	sameProfile(t, g.Profile, oauth.Profile{
		Subject: "09A4052E-88B2-65CB-CEC9-B1E31C18B940", DisplayName: "justgalym",
		ProfileURL: "https://www.deviantart.com/justgalym", ImageURL: "https://a.deviantart.net/avatars/j/u/justgalym.gif",
	})
	if err := c.(oauth.Revoker).Revoke(t.Context(), g.Token); err != nil || revoked[0] != "rt-1" || !provider.Description().EndsGrant {
		t.Errorf("revoked %q, %v", revoked, err)
	}
}

func TestSalesforce(t *testing.T) {
	t.Parallel()
	s := serve(t, map[string]any{
		"iss": "https://login.salesforce.com", "aud": "key",
		"sub":  "https://login.salesforce.com/id/00D50000000IZ3ZEAW/00550000001fg5OAAQ",
		"name": "Jane Doe", "email": "jane@example.com", "email_verified": true,
		"profile": "https://example.my.salesforce.com/00550000001fg5OAAQ", "picture": "https://example.my.salesforce.com/profilephoto/005/F",
	})
	p := fromCatalog(t, "salesforce").(*oauth.OIDC)
	p.Endpoints.Authorize = "https://login.salesforce.com/services/oauth2/authorize" // as discovered
	g, u, err := s.login(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	sameProfile(t, g.Profile, oauth.Profile{
		Subject:     "https://login.salesforce.com/id/00D50000000IZ3ZEAW/00550000001fg5OAAQ",
		DisplayName: "Jane Doe", FullName: "Jane Doe", Email: "jane@example.com", EmailVerified: true,
		ProfileURL: "https://example.my.salesforce.com/00550000001fg5OAAQ", ImageURL: "https://example.my.salesforce.com/profilephoto/005/F",
	})
	if u.Query().Get("scope") != "openid profile email refresh_token" || s.forms[0].Get("client_secret") != "secret" {
		t.Errorf("asked %s, %v", u, s.forms[0])
	}
}

// How the token endpoints of providers say that a refresh token is dead.
var deadRefreshTokens = []struct {
	id, host string // of the catalog; "" where it has no entry
	status   int
	body     string
}{
	{"twitch", "id.twitch.tv/oauth2/token", 400, `{"status":400,"message":"Invalid refresh token"}`},
	{"strava", "www.strava.com/oauth/token", 400,
		`{"message":"Bad Request","errors":[{"resource":"RefreshToken","field":"refresh_token","code":"invalid"}]}`},
	{"hubspot", "api.hubapi.com/oauth/2026-03/token", 400, `{"status":"BAD_REFRESH_TOKEN","message":"missing or invalid refresh token"}`},
	{"deviantart", "www.deviantart.com/oauth2/token", 400,
		`{"error":"invalid_request","error_description":"The refresh_token is invalid.","status":"error"}`},
	{"salesforce", "login.salesforce.com/services/oauth2/token", 400, `{"error":"inactive_user","error_description":"user is inactive"}`},
	{"x", "api.x.com/2/oauth2/token", 400,
		`{"error":"invalid_request","error_description":"Value passed for the token was invalid."}`},
	{"github", "github.com/login/oauth/access_token", 200, `{"error":"bad_refresh_token","error_description":"x"}`},
	{"", "", 200, `{"ok":false,"error":"invalid_refresh_token"}`},
	{"", "", 200, `{"ok":false,"error":"token_revoked"}`},
	{"", "", 200, `{"error":"invalid_code"}`},                                                                                                  // Zoho
	{"", "", 403, `{"error":"unauthorized_client","error_description":"refresh_token is invalid"}`},                                            // Atlassian
	{"", "", 400, `{"errors":[{"errorType":"invalid_grant","message":"Refresh token invalid: x. Visit the documentation."}],"success":false}`}, // Fitbit
	{"", "", 401, `{"errors":[{"errorType":"invalid_grant","message":"x"}],"success":false}`},
	{"", "", 400, `{"error":"invalid_grant"}`},
}

// refreshAt refreshes at a token endpoint that answers so.
func refreshAt(t *testing.T, provider oauth.Provider, host string, status int, body string) *oauth.ProviderError {
	t.Helper()
	p := newPretend(t)
	p.HandleFunc("POST "+host, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, body)
	})
	p.HandleFunc("GET login.salesforce.com/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		const at = "https://login.salesforce.com/services/oauth2/"
		json.NewEncoder(w).Encode(map[string]string{
			"issuer": "https://login.salesforce.com", "authorization_endpoint": at + "authorize", "token_endpoint": at + "token",
			"jwks_uri": "https://login.salesforce.com/id/keys", "userinfo_endpoint": at + "userinfo",
		})
	})
	_, err := p.open(provider).(oauth.Refresher).Refresh(t.Context(), oauth.Token{Refresh: "rt-1"})
	var f *oauth.ProviderError
	if !errors.As(err, &f) {
		t.Fatal(err)
	}
	return f
}

func TestVault09_DeadRefreshTokens(t *testing.T) {
	t.Parallel()
	for _, dead := range deadRefreshTokens {
		if dead.id != "" {
			f := refreshAt(t, fromCatalog(t, dead.id), dead.host, dead.status, dead.body)
			if f.Kind != oauth.Rejected || f.Code != "invalid_grant" {
				t.Errorf("%s: %v", dead.id, f)
			}
		}
		// Any provider of which nothing else is known may be one of these.
		const issuer, endpoint = "https://op.test", "op.test/token"
		e := oauth.Endpoints{
			Authorize: issuer + "/a", Token: issuer + "/token", UserInfo: issuer + "/u", Keys: issuer + "/keys",
		}
		for _, kind := range []string{"oauth2", "oidc"} {
			any, err := providers.Custom(kind, providers.Settings{
				ID: "any", Credentials: []oauth.Credentials{credentials}, Issuer: issuer, Endpoints: e,
			})
			if err != nil {
				t.Fatal(err)
			}
			if f := refreshAt(t, any, endpoint, dead.status, dead.body); f.Kind != oauth.Rejected {
				t.Errorf("%s: %s: %v", kind, dead.body, f)
			}
		}
	}
	// The same words mean nothing where they are not the provider's.
	f := refreshAt(t, fromCatalog(t, "strava"), "www.strava.com/oauth/token", 400, `{"status":400,"message":"Invalid refresh token"}`)
	if f.Kind == oauth.Rejected {
		t.Errorf("Twitch's words of Strava: %v", f)
	}
}

// A code of which only the provider knows the meaning.
func TestVault09_OwnWordsOfTheConfiguration(t *testing.T) {
	t.Parallel()
	s := providers.Settings{
		ID: "any", Credentials: []oauth.Credentials{credentials},
		Endpoints:   oauth.Endpoints{Authorize: "https://op.test/a", Token: "https://op.test/token", UserInfo: "https://op.test/u"},
		DeadRefresh: []oauth.Condition{"error=gone_for_good", "400 message=No such token"},
	}
	p, err := providers.Custom("oauth2", s)
	if err != nil {
		t.Fatal(err)
	}
	for body, kind := range map[string]oauth.Kind{
		`{"error":"gone_for_good"}`: oauth.Rejected, `{"message":"No such token"}`: oauth.Rejected,
		`{"message":"Invalid refresh token"}`: oauth.Rejected, // what was known stays known
		`{"error":"something_else"}`:          oauth.Operator,
	} {
		if f := refreshAt(t, p, "op.test/token", 400, body); f.Kind != kind {
			t.Errorf("%s: %v", body, f)
		}
	}
	s.DeadRefresh = []oauth.Condition{"400"}
	if _, err := providers.Custom("oauth2", s); err == nil {
		t.Error("a status alone was accepted")
	}
}
