package providers_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
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

// HubSpot says by introspection that a token is none any more.
func TestHubSpotTokenThatIsNotActive(t *testing.T) {
	t.Parallel()
	p := newPretend(t)
	p.gives("POST api.hubapi.com/oauth/2026-03/token/introspect", `{"active":false,"token_type":"access_token"}`, nil)
	var f *oauth.ProviderError
	if _, err := p.open(fromCatalog(t, "hubspot")).Profile(t.Context(), oauth.Token{Access: "at-1"}); !errors.As(err, &f) || f.Kind != oauth.Rejected {
		t.Errorf("a token that is not active: %v", err)
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

// How providers say at the callback that the user said no, beside access_denied.
func TestDenials(t *testing.T) {
	t.Parallel()
	for _, denial := range []struct{ id, name, value string }{
		{"linkedin", "error", "user_cancelled_login"},
		{"linkedin", "error", "user_cancelled_authorize"},
		{"apple", "error", "user_cancelled_authorize"},
		{"facebook", "error_reason", "user_denied"},
		{"instagram", "error_reason", "user_denied"},
		{"threads", "error_reason", "user_denied"},
		{"", "error", "user_denied"},
	} {
		answer := url.Values{"state": {state}, "error": {"anything"}}
		answer.Set(denial.name, denial.value)
		known := map[string]oauth.Provider{}
		if denial.id != "" {
			p, err := providers.New(denial.id, settings(denial.id))
			if err != nil {
				t.Fatal(err)
			}
			known[denial.id] = p
		}
		// Any provider of which nothing else is known may be one of these.
		for _, kind := range []string{"oauth2", "oidc"} {
			p, err := providers.Custom(kind, providers.Settings{
				ID: "any", Credentials: []oauth.Credentials{credentials}, Issuer: "https://op.test",
				Endpoints: oauth.Endpoints{Authorize: "https://op.test/a", Token: "https://op.test/t", UserInfo: "https://op.test/u", Keys: "https://op.test/k"},
			})
			if err != nil {
				t.Fatal(err)
			}
			known[kind] = p
		}
		for name, p := range known {
			c := newPretend(t).open(p)
			pending, err := c.Begin(t.Context(), oauth.Request{RedirectURI: redirectURI, State: state})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Complete(t.Context(), pending, answer); !errors.Is(err, oauth.ErrDenied) {
				t.Errorf("%s: the user said no by %s=%s, and it is %v", name, denial.name, denial.value, err)
			}
		}
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
