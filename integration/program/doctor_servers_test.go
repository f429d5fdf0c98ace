package program_test

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

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
			doc[name] = strings.ReplaceAll(toText(value), "SERVER", srv.URL)
			if b, ok := value.(bool); ok {
				doc[name] = b
			}
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

func toText(value any) string {
	text, _ := value.(string)
	return text
}

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

// Keys that are for something else verify no ID token.
func TestDoctorCountsSigningKeys(t *testing.T) {
	t.Parallel()
	for keys, want := range map[string]string{
		signingKey + "," + strings.ReplaceAll(signingKey, `"sig"`, `"enc"`): "1 signing keys",
		strings.ReplaceAll(signingKey, `"sig"`, `"enc"`):                    "keys: none of the 1 ",
		`{"kty":"oct","k":"AAAA"}`:                                          "keys: none of the 1 ",
	} {
		s := &strictServer{redirectURI: "http://localhost:9/callback/op", authorize: loginPage, wrongSecret: tokenError(401, "invalid_client", ""), wrongCode: tokenError(400, "invalid_grant", ""), keys: keys}
		out, r := doctor(t, settings{"app_url": "http://localhost:9", "keys": []string{sealingKey}, "database": "sqlite::memory:", "allow_private_addresses": true,
			"providers": settings{"op": settings{"type": "oidc", "issuer": s.start(t), "client_id": "app", "client_secret": "right"}}})
		if level := map[bool]string{true: "ok", false: "wrong"}[out.Code == 0]; !r.has("op", level, want) || (level == "ok") != strings.HasPrefix(want, "1") {
			t.Errorf("status %d\n%s", out.Code, out.Stdout)
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

// A report is the output of doctor --json, with the fields that are documented.
type report struct {
	OK       bool `json:"ok"`
	Findings []struct {
		Of    string `json:"of"`
		Level string `json:"level"`
		Text  string `json:"text"`
	} `json:"findings"`
	Register []struct {
		ID                string   `json:"id"`
		Name              string   `json:"name"`
		At                string   `json:"at"`
		RedirectURIs      []string `json:"redirect_uris"`
		PostLogout        string   `json:"post_logout_redirect_uri"`
		BackchannelLogout string   `json:"backchannel_logout_uri"`
	} `json:"register"`
}

func (r *report) has(of, level, text string) bool {
	for _, f := range r.Findings {
		if f.Of == of && f.Level == level && strings.Contains(f.Text, text) {
			return true
		}
	}
	return false
}

// doctor runs doctor --json on a configuration.
func doctor(t *testing.T, c settings) (program.Output, report) {
	t.Helper()
	s := &site{T: t, file: filepath.Join(t.TempDir(), "social.json")}
	s.write(c)
	out := program.Run(t, nil, "", "doctor", "--json", "--config", s.file)
	var r report
	decoder := json.NewDecoder(strings.NewReader(out.Stdout))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		t.Fatalf("%v: %s%s", err, out.Stdout, out.Stderr)
	}
	if strings.Contains(out.Stdout+out.Stderr, "SECRET-CANARY") {
		t.Error("the output has a secret")
	}
	return out, r
}
