package providers_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// What providers answer to the most frequent mistakes, by their documentation and by what
// people report of it.
func TestMistakes(t *testing.T) {
	t.Parallel()
	const (
		token    = "token"     // the answer of the token endpoint
		profile  = "user info" // that of the user-info endpoint
		callback = "callback"
		page     = "page" // in place of the log-in
	)
	for _, tt := range []struct {
		id, at string
		status int
		answer string
		want   oauth.Mistake
	}{
		{"google", token, 401, `{"error":"invalid_client","error_description":"The provided client secret is invalid."}`, oauth.WrongClient},
		{"google", token, 400, `{"error":"redirect_uri_mismatch","error_description":"Bad Request"}`, oauth.RedirectNotRegistered},
		{"google", token, 400, `{"error":"invalid_grant","error_description":"Malformed auth code."}`, ""},
		{"google", page, 400, `<p>You can’t sign in because this app sent an invalid request.</p><p>Error 400: redirect_uri_mismatch</p>`, oauth.RedirectNotRegistered},
		{"google", page, 401, `<p>The OAuth client was not found.</p><p>Error 401: invalid_client</p>`, oauth.WrongClient},
		{"google", page, 200, `<form action="/signin">`, ""},

		{"microsoft", token, 401, `{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.","error_codes":[7000215]}`, oauth.WrongClient},
		{"microsoft", token, 401, `{"error":"invalid_client","error_description":"AADSTS7000222: The provided client secret keys are expired.","error_codes":[7000222]}`, oauth.WrongClient},
		{"microsoft", token, 400, `{"error":"invalid_scope","error_description":"AADSTS70011: The provided value for the input parameter 'scope' isn't valid.","error_codes":[70011]}`, oauth.ScopeNotAllowed},
		{"microsoft", token, 400, `{"error":"unauthorized_client","error_description":"AADSTS700016: Application with identifier 'x' was not found in the directory 'Contoso'.","error_codes":[700016]}`, oauth.WrongTenant},
		{"microsoft", token, 400, `{"error":"invalid_request","error_description":"AADSTS90002: Tenant 'contoso' not found.","error_codes":[90002]}`, oauth.WrongTenant},
		{"microsoft", callback, 0, "error=invalid_request&error_description=AADSTS50194%3A+Application+%27x%27%28y%29+is+not+configured+as+a+multi-tenant+application.", oauth.WrongTenant},
		{"microsoft", callback, 0, "error=access_denied&error_description=AADSTS65004%3A+User+declined+to+consent+to+access+the+app.", ""},
		{"microsoft", callback, 0, "error=access_denied&error_description=AADSTS50105%3A+The+signed+in+user+is+not+assigned+to+a+role+for+the+application.", oauth.TestMode},
		{"microsoft", page, 200, `<script>$Config={"strServiceExceptionMessage":"AADSTS50011: The redirect URI 'https://app.test' specified in the request does not match"}</script>`, oauth.RedirectNotRegistered},

		{"github", token, 200, `{"error":"incorrect_client_credentials","error_description":"The client_id and/or client_secret passed are incorrect."}`, oauth.WrongClient},
		{"github", token, 200, `{"error":"redirect_uri_mismatch","error_description":"The redirect_uri MUST match the registered callback URL for this application."}`, oauth.RedirectNotRegistered},
		{"github", token, 200, `{"error":"bad_verification_code","error_description":"The code passed is incorrect or expired."}`, ""},
		{"github", callback, 0, "error=redirect_uri_mismatch&error_description=The+redirect_uri+MUST+match", oauth.RedirectNotRegistered},

		{"facebook", token, 400, `{"error":{"message":"Error validating client secret.","type":"OAuthException","code":1}}`, oauth.WrongClient},
		{"facebook", token, 400, `{"error":{"message":"Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request","type":"OAuthException","code":100}}`, oauth.RedirectNotRegistered},
		{"facebook", token, 400, `{"error":{"message":"Invalid verification code format.","type":"OAuthException","code":100}}`, ""},
		{"facebook", page, 200, `<div>URL Blocked: This redirect failed because the redirect URI is not whitelisted in the app’s Client OAuth Settings.</div>`, oauth.RedirectNotRegistered},
		{"facebook", page, 200, `<div>App Not Setup: This app is still in development mode, and you don't have access to it.</div>`, oauth.TestMode},
		{"facebook", page, 200, `<div>Invalid Scopes: manage_pages.</div>`, oauth.ScopeNotAllowed},

		{"apple", token, 400, `{"error":"invalid_client"}`, oauth.WrongClient},
		{"apple", page, 403, `<p>invalid_request</p><p>Invalid web redirect url.</p>`, oauth.RedirectNotRegistered},
		{"apple", page, 200, `<p>invalid_client</p>`, oauth.WrongClient},

		{"x", token, 401, `{"error":"unauthorized_client","error_description":"Missing valid authorization header"}`, oauth.WrongClient},
		{"twitter", token, 403, `{"errors":[{"code":415,"message":"Callback URL not approved for this client application."}]}`, oauth.RedirectNotRegistered},
		{"twitter", token, 401, `{"errors":[{"code":32,"message":"Could not authenticate you."}]}`, oauth.WrongClient},

		{"linkedin", token, 401, `{"error":"invalid_client","error_description":"Client authentication failed"}`, oauth.WrongClient},
		{"linkedin", callback, 0, "error=unauthorized_scope_error&error_description=Scope+%26quot%3Br_liteprofile%26quot%3B+is+not+authorized+for+your+application", oauth.ScopeNotAllowed},
		{"linkedin", callback, 0, "error=user_cancelled_login", ""},
		{"linkedin", page, 200, `<h1>Bummer, something went wrong.</h1><p>The redirect_uri does not match the registered value</p>`, oauth.RedirectNotRegistered},

		{"discord", token, 401, `{"error":"invalid_client"}`, oauth.WrongClient},
		{"discord", token, 400, `{"error":"invalid_grant","error_description":"Invalid \"redirect_uri\" in request."}`, oauth.RedirectNotRegistered},
		{"discord", token, 400, `{"error":"invalid_grant","error_description":"Invalid \"code\" in request."}`, ""},
		{"discord", callback, 0, "error=invalid_scope&error_description=The+requested+scope+is+invalid%2C+unknown%2C+or+malformed.", oauth.ScopeNotAllowed},

		{"slack", token, 200, `{"ok":false,"error":"bad_client_secret"}`, oauth.WrongClient},
		{"slack", token, 200, `{"ok":false,"error":"bad_redirect_uri"}`, oauth.RedirectNotRegistered},
		{"slack", callback, 0, "error=invalid_scope", oauth.ScopeNotAllowed},
		{"slack", page, 200, `<p>redirect_uri did not match any configured URIs. Passed URI: https://app.test</p>`, oauth.RedirectNotRegistered},
		{"slack", page, 200, `<p>Error details</p><p>invalid_team_for_non_distributed_app</p>`, oauth.TestMode},

		{"gitlab", token, 401, `{"error":"invalid_client","error_description":"Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method."}`, oauth.WrongClient},
		{"gitlab", page, 200, `<pre>The redirect URI included is not valid.</pre>`, oauth.RedirectNotRegistered},
		{"gitlab", page, 401, `<pre>Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.</pre>`, oauth.WrongClient},
		{"gitlab", page, 200, `<p>An error has occurred</p><p>The requested scope is invalid, unknown, or malformed.</p>`, oauth.ScopeNotAllowed},

		{"gitea", token, 400, `{"error":"unauthorized_client","error_description":"invalid client secret"}`, oauth.WrongClient},
		{"gitea", token, 400, `{"error":"unauthorized_client","error_description":"client is not authorized"}`, ""},
		{"gitea", page, 400, `<p>Error: unauthorized_client</p><p>Client ID not registered</p>`, oauth.WrongClient},
		{"forgejo", page, 400, `<p>Error: invalid_request</p><p>Unregistered Redirect URI</p>`, oauth.RedirectNotRegistered},
		{"keycloak", token, 401, `{"error":"unauthorized_client","error_description":"Invalid client or Invalid client credentials"}`, oauth.WrongClient},
		{"keycloak", page, 400, `<p class="instruction">Invalid parameter: redirect_uri</p>`, oauth.RedirectNotRegistered},
		{"keycloak", page, 400, `<p class="instruction">Client not found.</p>`, oauth.WrongClient},
		{"authentik", page, 400, `<p>The request fails due to a missing, invalid, or mismatching redirection URI (redirect_uri).</p>`, oauth.RedirectNotRegistered},
		{"authentik", page, 400, `<p>The client identifier (client_id) is missing or invalid.</p>`, oauth.WrongClient},
		{"authelia", callback, 0, "error=invalid_request&error_description=The+request+is+malformed.+The+%27redirect_uri%27+parameter+does+not+match+any+of+the+OAuth+2.0+Client%27s+pre-registered+%27redirect_uris%27.", oauth.RedirectNotRegistered},
		{"ory", page, 400, `<p>Hint: The &#34;redirect_uri&#34; parameter does not match any of the OAuth 2.0 Client&#39;s pre-registered redirect urls.</p>`, oauth.RedirectNotRegistered},
		{"zitadel", page, 400, `{"error":"invalid_request","error_description":"The requested redirect_uri is missing in the client configuration."}`, oauth.RedirectNotRegistered},
		{"okta", page, 400, `<p>Description: The &#39;redirect_uri&#39; parameter must be a Login redirect URI in the client app settings: https://x</p>`, oauth.RedirectNotRegistered},
		{"okta", callback, 0, "error=invalid_scope&error_description=One+or+more+scopes+are+not+configured", oauth.ScopeNotAllowed},
		{"auth0", page, 403, `<h1>Callback URL mismatch.</h1><p>The provided redirect_uri is not in the list of allowed callback URLs.</p>`, oauth.RedirectNotRegistered},
		{"auth0", token, 401, `{"error":"access_denied","error_description":"Unauthorized"}`, oauth.WrongClient},
		{"auth0", token, 403, `{"error":"access_denied","error_description":"Unauthorized"}`, ""},
		{"zoom", page, 400, `{"status":false,"errorCode":4700,"errorMessage":"Invalid redirect url","result":null}`, oauth.RedirectNotRegistered},
		{"zoom", page, 400, `<p>Invalid redirect: https://app.test/callback (4,700)</p>`, oauth.RedirectNotRegistered},

		{"spotify", token, 400, `{"error":"invalid_client","error_description":"Invalid client secret"}`, oauth.WrongClient},
		{"spotify", page, 400, `INVALID_CLIENT: Invalid redirect URI`, oauth.RedirectNotRegistered},
		{"spotify", page, 400, `INVALID_CLIENT: Invalid client`, oauth.WrongClient},
		{"spotify", profile, 403, `User not registered in the Developer Dashboard`, oauth.TestMode},
		{"spotify", profile, 403, `{"error":{"status":403,"message":"User not registered in the Developer Dashboard"}}`, oauth.TestMode},
		{"spotify", profile, 403, `{"error":{"status":403,"message":"Insufficient client scope"}}`, ""},

		{"twitch", token, 403, `{"status":403,"message":"invalid client secret"}`, oauth.WrongClient},
		{"twitch", token, 400, `{"status":400,"message":"invalid client"}`, oauth.WrongClient},
		{"twitch", token, 400, `{"status":400,"message":"Parameter redirect_uri does not match registered URI"}`, oauth.RedirectNotRegistered},
		{"twitch", token, 400, `{"status":400,"message":"Invalid authorization code"}`, ""},
		{"twitch", callback, 0, "error=redirect_mismatch&error_description=Parameter+redirect_uri+does+not+match+registered+URI", oauth.RedirectNotRegistered},

		{"amazon", token, 401, `{"error":"invalid_client","error_description":"Client authentication failed"}`, oauth.WrongClient},
		{"amazon", callback, 0, "error=invalid_scope&error_description=An+unknown+scope+was+requested", oauth.ScopeNotAllowed},
		{"amazon", page, 400, `<h3>400 Bad Request</h3>The redirect URI you provided has not been whitelisted for your application.`, oauth.RedirectNotRegistered},

		{"line", token, 400, `{"error":"invalid_client","error_description":"client_assertion or client_secret is invalid"}`, oauth.WrongClient},
		{"line", token, 400, `{"error":"invalid_grant","error_description":"redirect_uri does not match"}`, oauth.RedirectNotRegistered},
		{"line", page, 400, `<h1>400 Bad Request</h1><p>Invalid redirect_uri value. Check if it is registered in a LINE developers site.</p>`, oauth.RedirectNotRegistered},
		{"line", page, 400, `<h1>400 Bad Request</h1><p>This channel is now developing status. User need to have developer role.</p>`, oauth.TestMode},

		{"kakao", token, 401, `{"error":"invalid_client","error_description":"Bad client credentials","error_code":"KOE010"}`, oauth.WrongClient},
		{"kakao", token, 400, `{"error":"invalid_grant","error_description":"Redirect URI mismatch.","error_code":"KOE303"}`, oauth.RedirectNotRegistered},
		{"kakao", token, 400, `{"error":"invalid_grant","error_description":"authorization code not found for code=x","error_code":"KOE320"}`, ""},
		{"kakao", page, 200, `<p>Admin Settings Issue (KOE006)</p>`, oauth.RedirectNotRegistered},
		{"kakao", page, 200, `<p>Service Settings Error (KOE205)</p>`, oauth.ScopeNotAllowed},
		{"kakao", page, 200, `<p>Test app (KOE005)</p>`, oauth.TestMode},
	} {
		p, err := providers.New(tt.id, settings(tt.id))
		if err != nil {
			t.Fatal(err)
		}
		var got oauth.Mistake
		if tt.at == page {
			got = mistakesOf(p).OfPage(&url.URL{Scheme: "https", Host: "provider.test"}, tt.status, []byte(tt.answer))
		} else {
			got = mistakeIn(t, p, tt.at, tt.status, tt.answer)
		}
		if got != tt.want {
			t.Errorf("%s: %s %d %s: %q, not %q", tt.id, tt.at, tt.status, tt.answer, got, tt.want)
		}
	}
}

// Any other provider may be made with software that is known.
func TestMistakesOfUnknownProviders(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"oidc", "oauth2"} {
		p, err := providers.Custom(kind, providers.Settings{
			ID: "any", Credentials: []oauth.Credentials{credentials}, Issuer: "https://op.test",
			Endpoints: oauth.Endpoints{Authorize: "https://op.test/a", Token: "https://op.test/t", UserInfo: "https://op.test/u"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := mistakesOf(p).OfPage(&url.URL{}, 400, []byte("<p>Invalid parameter: redirect_uri</p>")); got != oauth.RedirectNotRegistered {
			t.Errorf("%s: %q", kind, got)
		}
	}
}

func mistakesOf(p oauth.Provider) oauth.Mistakes {
	switch p := p.(type) {
	case *oauth.OAuth1:
		return p.Mistakes
	case *oauth.OAuth2:
		return p.Mistakes
	}
	return p.(*oauth.OIDC).Mistakes
}

// mistakeIn returns what a flow makes of an answer.
func mistakeIn(t *testing.T, p oauth.Provider, at string, status int, answer string) oauth.Mistake {
	t.Helper()
	server := roundTrip(func(r *http.Request) (int, string) {
		switch {
		case strings.Contains(r.URL.Path, "/.well-known/"):
			issuer, host := p.(*oauth.OIDC).Issuer, "https://"+r.URL.Host
			return 200, `{"issuer":"` + issuer + `","authorization_endpoint":"` + host + `/a","token_endpoint":"` + host + `/t","jwks_uri":"` + host + `/k"}`
		case at == "user info" && r.Method == http.MethodPost:
			return 200, `{"access_token":"at-1"}`
		}
		return status, answer
	})
	c, err := p.Open(oauth.Env{HTTP: &http.Client{Transport: server}})
	if err != nil {
		t.Fatal(err)
	}
	pending, err := c.Begin(t.Context(), oauth.Request{RedirectURI: redirectURI, State: state})
	if err == nil {
		back := url.Values{"code": {"the-code"}}
		if at == "callback" {
			back, _ = url.ParseQuery(answer)
		}
		back.Set("state", state)
		_, err = c.Complete(t.Context(), pending, back)
	}
	var failure *oauth.ProviderError
	switch {
	case errors.Is(err, oauth.ErrDenied):
	case !errors.As(err, &failure):
		t.Errorf("%s: %v", answer, err)
	default:
		return failure.Mistake
	}
	return ""
}

type roundTrip func(*http.Request) (int, string)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := f(r)
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader([]byte(body))), Request: r}, nil
}
