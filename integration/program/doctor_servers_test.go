package program_test

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/internal/test/server"
)

// A strictServer is an OpenID Connect server that knows one application. Its functions
// say how it refuses.
type strictServer struct {
	redirectURI string

	// authorize answers the authorization request.
	authorize func(w http.ResponseWriter, r *http.Request, registered bool)
	// wrongSecret and wrongCode answer the token request.
	wrongSecret, wrongCode func(w http.ResponseWriter)
	more                   map[string]any // of the discovery document
	others                 map[string]http.HandlerFunc
	before                 string // its JSON, such as a byte order mark
	keys                   string // members of the key set
}

func (s *strictServer) start(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		doc := map[string]any{
			"issuer": srv.URL, "authorization_endpoint": srv.URL + "/auth", "token_endpoint": srv.URL + "/token", "jwks_uri": srv.URL + "/keys",
			"userinfo_endpoint": srv.URL + "/userinfo", "id_token_signing_alg_values_supported": []string{"RS256"},
			"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		}
		for name, value := range s.more {
			if text, ok := value.(string); ok {
				value = strings.ReplaceAll(text, "SERVER", srv.URL)
			}
			doc[name] = value
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(s.before))
		json.NewEncoder(w).Encode(doc)
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(s.before + `{"keys":[` + cmp.Or(s.keys, signingKey) + `]}`))
	})
	mux.HandleFunc("/userinfo", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) })
	mux.HandleFunc("/auth", func(w http.ResponseWriter, r *http.Request) {
		s.authorize(w, r, r.FormValue("client_id") == "app" && r.FormValue("redirect_uri") == s.redirectURI)
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if id, secret, _ := r.BasicAuth(); id != "app" || secret != "right" {
			s.wrongSecret(w)
			return
		}
		s.wrongCode(w)
	})
	for path, do := range s.others {
		mux.HandleFunc(path, do)
	}
	return srv.URL
}

const signingKey = `{"kty":"EC","crv":"P-256","use":"sig","kid":"1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`

func page(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	w.Write([]byte(text))
}

func tokenError(status int, code, description string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(map[string]string{"error": code, "error_description": description})
	}
}

// numbered answers with an error that has a number of its own each time.
func numbered(description string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(400)
		json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"code": "7", "message": description, "trace": rand.Text()}})
	}
}

// loginPage shows the log-in page, or refuses at once.
func loginPage(w http.ResponseWriter, _ *http.Request, registered bool) {
	if !registered {
		page(w, 400, "unregistered redirect_uri")
		return
	}
	page(w, 200, "log in")
}

// Servers refuse a redirect URI and credentials, and accept them, in different ways. The
// behaviours are those of servers that were tried.
func TestDoctorWithServersOfDifferentManners(t *testing.T) {
	t.Parallel()
	invalidClient, invalidGrant := tokenError(401, "invalid_client", "bad client secret"), tokenError(400, "invalid_grant", "no such code")
	elsewhere := "http://" + server.FreeAddress(t)
	for name, s := range map[string]*strictServer{
		"refuses after a redirect": {
			authorize: func(w http.ResponseWriter, r *http.Request, _ bool) {
				http.SetCookie(w, &http.Cookie{Name: "began", Value: "1"})
				http.Redirect(w, r, "/auth/local?"+r.URL.RawQuery, http.StatusFound)
			},
			others: map[string]http.HandlerFunc{
				"/auth/local": func(w http.ResponseWriter, r *http.Request) {
					if _, err := r.Cookie("began"); err != nil || r.FormValue("redirect_uri") != elsewhere+"/callback/op" {
						page(w, 400, "Unregistered redirect_uri")
						return
					}
					http.Redirect(w, r, "/auth/local/login", http.StatusSeeOther)
				},
				"/auth/local/login": func(w http.ResponseWriter, _ *http.Request) { page(w, 200, "log in") },
			},
			wrongSecret: invalidClient, wrongCode: tokenError(400, "invalid_request", "Invalid or expired code parameter."),
		},
		"refuses by a page of errors": {
			authorize: func(w http.ResponseWriter, r *http.Request, registered bool) {
				if !registered {
					http.Redirect(w, r, "/oauth2/fallbacks/error?error=invalid_request&error_description=redirect_uri", http.StatusSeeOther)
					return
				}
				http.Redirect(w, r, "https://login.example/?login_challenge=x", http.StatusFound)
			},
			others:      map[string]http.HandlerFunc{"/oauth2/fallbacks/error": func(w http.ResponseWriter, _ *http.Request) { page(w, 200, "an error") }},
			wrongSecret: invalidClient, wrongCode: invalidGrant, more: map[string]any{"backchannel_logout_supported": true, "end_session_endpoint": "SERVER/userinfo"},
		},
		"refuses by a page elsewhere": {
			authorize: func(w http.ResponseWriter, r *http.Request, registered bool) {
				if !registered {
					http.Redirect(w, r, "https://login.example/error#error=invalid_request", http.StatusSeeOther)
					return
				}
				http.Redirect(w, r, "https://login.example/", http.StatusFound)
			},
			wrongSecret: invalidClient, wrongCode: invalidGrant,
		},
		"log-in page of status 401": {
			authorize: func(w http.ResponseWriter, r *http.Request, registered bool) {
				if !registered {
					page(w, 400, "no")
					return
				}
				http.Redirect(w, r, "/login", http.StatusFound)
			},
			others:      map[string]http.HandlerFunc{"/login": func(w http.ResponseWriter, _ *http.Request) { page(w, 401, "log in") }},
			wrongSecret: invalidClient, wrongCode: invalidGrant,
		},
		"redirects in a circle": {
			authorize: func(w http.ResponseWriter, r *http.Request, registered bool) {
				if !registered {
					page(w, 400, "no")
					return
				}
				http.Redirect(w, r, "/auth?"+r.URL.RawQuery, http.StatusFound)
			},
			wrongSecret: invalidClient, wrongCode: invalidGrant,
		},
		"unauthorized_client for a code": {
			authorize: loginPage, wrongSecret: tokenError(400, "unauthorized_client", "invalid client secret"), wrongCode: tokenError(400, "unauthorized_client", "client is not authorized"),
		},
		"a number of the request in each answer": {
			authorize: loginPage, wrongSecret: numbered("invalid client secret"), wrongCode: numbered("client is not authorized"),
		},
		"a byte order mark": {authorize: loginPage, wrongSecret: invalidClient, wrongCode: invalidGrant, before: "\ufeff"},
		"401 for a code": {
			authorize: loginPage, wrongSecret: invalidClient, wrongCode: tokenError(401, "invalid_grant", "invalid code"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.redirectURI = elsewhere + "/callback/op"
			issuer := s.start(t)
			check := func(appURL, secret string) (program.Output, report) {
				t.Helper()
				return doctor(t, settings{"app_url": appURL, "keys": []string{sealingKey}, "database": "sqlite::memory:", "allow_private_addresses": true,
					"providers": settings{"op": settings{"type": "oidc", "issuer": issuer, "client_id": "app", "client_secret": secret}}})
			}
			out, r := check(elsewhere, "right")
			if out.Code != 0 || !r.OK || !r.has("op", "ok", "authorization endpoint accepts "+elsewhere+"/callback/op") || !r.has("op", "ok", "token endpoint accepts the credentials") {
				t.Errorf("what is registered: status %d\n%s", out.Code, out.Stdout)
			}
			out, r = check("http://localhost:9", "right")
			if out.Code != 1 || r.OK || !r.has("op", "wrong", "authorization endpoint: ") {
				t.Errorf("another redirect URI: status %d\n%s", out.Code, out.Stdout)
			}
			out, r = check(elsewhere, "SECRET-CANARY")
			if out.Code != 1 || !r.has("op", "wrong", "token endpoint: the consumer key or secret is refused") {
				t.Errorf("a wrong secret: status %d\n%s", out.Code, out.Stdout)
			}
			if len(r.Register) != 1 || (r.Register[0].BackchannelLogout != "") != (s.more != nil) {
				t.Errorf("registers %+v", r.Register)
			}
		})
	}
}

// good is a server that takes the application app with the secret right.
func good() *strictServer {
	return &strictServer{
		redirectURI: "http://localhost:9/callback/op", authorize: loginPage,
		wrongSecret: tokenError(401, "invalid_client", ""), wrongCode: tokenError(400, "invalid_grant", ""),
	}
}

// examine runs the doctor on a configuration with the server, and more keys of the
// provider.
func (s *strictServer) examine(t *testing.T, more settings) (program.Output, report) {
	t.Helper()
	op := settings{"type": "oidc", "issuer": s.start(t), "client_id": "app", "client_secret": "right"}
	for name, value := range more {
		op[name] = value
	}
	return doctor(t, settings{"app_url": "http://localhost:9", "keys": []string{sealingKey}, "database": "sqlite::memory:", "allow_private_addresses": true,
		"providers": settings{"op": op}})
}

// Keys count when a log-in could use them.
func TestDoctorCountsSigningKeys(t *testing.T) {
	t.Parallel()
	for keys, want := range map[string]string{
		signingKey + "," + strings.ReplaceAll(signingKey, `"sig"`, `"enc"`): "1 signing keys",
		signingKey + `,{"kty":5},null,"x"`:                                  "1 signing keys",
		strings.ReplaceAll(signingKey, `"sig"`, `["sig"]`):                  "keys: none of those ",
		strings.ReplaceAll(signingKey, `"sig"`, `"enc"`):                    "keys: none of those ",
		strings.ReplaceAll(signingKey, `"sig"`, `"sig","alg":"ECDH-ES"`):    "keys: none of those ",
		strings.ReplaceAll(signingKey, `"x":"f83`, `"x":"g83`):              "keys: none of those ", // not on the curve
		`{"kty":"RSA","e":"AQAB","n":"sTUy3p7O0ichAU9SCZleS_BCPdHIYR7i"}`:   "keys: none of those ", // too short
		`{"kty":"oct","k":"AAAA"}`:                                          "keys: none of those ",
		`{`:                                                                 "keys: http",
	} {
		s := good()
		s.keys = keys
		out, r := s.examine(t, nil)
		if level := map[bool]string{true: "ok", false: "wrong"}[out.Code == 0]; !r.has("op", level, want) || (level == "ok") != strings.HasPrefix(want, "1") {
			t.Errorf("%s: status %d\n%s", keys, out.Code, out.Stdout)
		}
	}
}

// The doctor reads a discovery document as a log-in does.
func TestDoctorReadsDiscoveryAsLogInsDo(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		more     map[string]any
		settings settings
		wrong    string // "" when nothing is
	}{
		"true as text":              {more: map[string]any{"backchannel_logout_supported": "true"}},
		"addresses of another type": {more: map[string]any{"revocation_endpoint": nil, "end_session_endpoint": 5}},
		"another issuer":            {more: map[string]any{"issuer": "SERVER/"}, wrong: "the document is of issuer"},
		"issuer of another type":    {more: map[string]any{"issuer": 5}, wrong: `the document is of issuer ""`},
		"HS256 alone":               {more: map[string]any{"id_token_signing_alg_values_supported": []string{"HS256"}}, wrong: "signs them by HS256, which is not allowed: name one in algorithms"},
		"HS256 alone, named": {more: map[string]any{"id_token_signing_alg_values_supported": []string{"HS256"}},
			settings: settings{"algorithms": []string{"HS256"}, "client_secret": "a-secret-of-more-than-thirty-two-bytes"}},
		"RS256 alone, another named": {settings: settings{"algorithms": []string{"ES256"}}, wrong: "signs them by RS256, which is not allowed"},
		"HS256 and RS256":            {more: map[string]any{"id_token_signing_alg_values_supported": []string{"HS256", "RS256"}}},
		"of another type":            {more: map[string]any{"id_token_signing_alg_values_supported": "HS256"}},
	} {
		s := good()
		s.more = test.more
		out, r := s.examine(t, test.settings)
		named := test.settings["client_secret"] != nil // it is not the server's
		if !named && (out.Code == 0) != (test.wrong == "") || r.has("op", "wrong", "ID tokens: ") != strings.Contains(test.wrong, "which is not allowed") ||
			test.wrong != "" && !r.has("op", "wrong", test.wrong) {
			t.Errorf("%s: status %d\n%s", name, out.Code, out.Stdout)
		}
		for _, one := range r.Register {
			if one.BackchannelLogout != "" {
				t.Errorf("%s: registers %+v", name, one)
			}
		}
	}
}

// Without an algorithm that needs a key nothing is discovered for the keys' sake.
func TestDoctorWithoutAKeySet(t *testing.T) {
	t.Parallel()
	s := good()
	at := s.start(t)
	out, r := doctor(t, settings{"app_url": "http://localhost:9", "keys": []string{sealingKey}, "database": "sqlite::memory:", "allow_private_addresses": true,
		"providers": settings{"op": settings{"type": "oidc", "issuer": "http://" + server.FreeAddress(t), "client_id": "app", "client_secret": "a-secret-of-more-than-thirty-two-bytes",
			"algorithms": []string{"HS256"}, "endpoints": settings{"authorize": at + "/auth", "token": at + "/token", "userinfo": at + "/userinfo"}}}})
	if r.has("op", "wrong", "discovery") || r.has("op", "wrong", "keys") || !r.has("op", "ok", "user-info endpoint answers") {
		t.Errorf("status %d\n%s", out.Code, out.Stdout)
	}
}

// Clocks may differ by as much as the configuration allows. Only ID tokens have times.
func TestDoctorComparesClocks(t *testing.T) {
	t.Parallel()
	ahead := func(next func(http.ResponseWriter, *http.Request, bool)) func(http.ResponseWriter, *http.Request, bool) {
		return func(w http.ResponseWriter, r *http.Request, registered bool) {
			w.Header().Set("Date", time.Now().Add(3*time.Minute).UTC().Format(http.TimeFormat))
			next(w, r, registered)
		}
	}
	for name, test := range map[string]struct {
		settings settings
		level    string
	}{
		"by default":   {nil, "wrong"},
		"allowed":      {settings{"clock_skew": "5m"}, "note"},
		"not so much":  {settings{"clock_skew": "2m"}, "wrong"},
		"no ID tokens": {settings{"type": "oauth2"}, "note"},
	} {
		s := good()
		s.authorize = ahead(loginPage)
		at := s.start(t)
		op := settings{"type": "oidc", "issuer": at, "client_id": "app", "client_secret": "right",
			"endpoints": settings{"authorize": at + "/auth", "token": at + "/auth", "userinfo": at + "/auth", "keys": at + "/auth"}}
		for key, value := range test.settings {
			op[key] = value
		}
		_, r := doctor(t, settings{"app_url": "http://localhost:9", "keys": []string{sealingKey}, "database": "sqlite::memory:", "allow_private_addresses": true,
			"providers": settings{"op": op}})
		if !r.has("op", test.level, "clock: it is 3m") {
			t.Errorf("%s: %+v", name, r.Findings)
		}
	}
}

// What the guard of outbound requests refuses says what to do.
func TestDoctorWithoutPrivateAddresses(t *testing.T) {
	t.Parallel()
	for _, issuer := range []string{"http://127.0.0.1:1", "https://127.0.0.1:1"} {
		out, r := doctor(t, settings{"app_url": "http://localhost:9", "keys": []string{sealingKey}, "database": "sqlite::memory:",
			"providers": settings{"op": settings{"type": "oidc", "issuer": issuer, "client_id": "app", "client_secret": "right"}}})
		if out.Code != 1 || !r.has("op", "wrong", "set allow_private_addresses to true") || r.has("op", "wrong", "\n") || r.has("op", "wrong", "outbound") {
			t.Errorf("%s: status %d\n%s", issuer, out.Code, out.Stdout)
		}
	}
}

// What the doctor cannot know is a note: a server may answer every code alike.
func TestDoctorDoesNotGuess(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(http.ResponseWriter){
		"always the same":   tokenError(400, "unauthorized_client", "no"),
		"each time another": func(w http.ResponseWriter) { tokenError(400, "unauthorized_client", rand.Text())(w) },
	} {
		s := &strictServer{redirectURI: "http://localhost:9/callback/op", authorize: loginPage, wrongSecret: answer, wrongCode: answer}
		out, r := doctor(t, settings{"app_url": "http://localhost:9", "keys": []string{sealingKey}, "database": "sqlite::memory:", "allow_private_addresses": true,
			"providers": settings{"op": settings{"type": "oidc", "issuer": s.start(t), "client_id": "app", "client_secret": "right"}}})
		if out.Code != 0 || !r.has("op", "note", "does not show whether it accepts the credentials") {
			t.Errorf("%s: status %d\n%s", name, out.Code, out.Stdout)
		}
	}
}

// A log-out at a provider without an address for it ends nothing there.
func TestDoctorLogoutAtProvider(t *testing.T) {
	t.Parallel()
	for endpoint, wrong := range map[string]bool{"": true, "SERVER/userinfo": false} {
		s := &strictServer{redirectURI: "http://localhost:9/callback/op", authorize: loginPage, wrongSecret: tokenError(401, "invalid_client", ""), wrongCode: tokenError(400, "invalid_grant", "")}
		if endpoint != "" {
			s.more = map[string]any{"end_session_endpoint": endpoint}
		}
		out, r := doctor(t, settings{"app_url": "http://localhost:9", "keys": []string{sealingKey}, "database": "sqlite::memory:", "allow_private_addresses": true,
			"providers": settings{"op": settings{"type": "oidc", "issuer": s.start(t), "client_id": "app", "client_secret": "right", "logout_at_provider": true}}})
		if r.has("op", "wrong", "logout_at_provider: ") != wrong || (out.Code == 1) != wrong {
			t.Errorf("end_session %q: status %d\n%s", endpoint, out.Code, out.Stdout)
		}
		if len(r.Register) != 1 || r.Register[0].PostLogout != "http://localhost:9/" {
			t.Errorf("registers %+v", r.Register)
		}
	}
}
