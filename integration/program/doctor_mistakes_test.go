package program_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/internal/test/server"
)

// A forge of the test: a Gitea or GitLab by what it says of itself, that treats
// applications as the test wants.
func forge(t *testing.T, gitLab bool, authorize, token http.HandlerFunc) string {
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	mux.HandleFunc("/", http.NotFound)
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		claims := ""
		if gitLab {
			claims = `"https://gitlab.org/claims/groups/owner"`
		}
		w.Write([]byte(`{"issuer":"` + s.URL + `","authorization_endpoint":"` + s.URL + `/login/oauth/authorize","token_endpoint":"` + s.URL + `/login/oauth/access_token","claims_supported":[` + claims + `]}`))
	})
	if !gitLab {
		mux.HandleFunc("GET /api/v1/version", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"version":"1.24.5"}`)) })
	}
	for _, path := range []string{"/oauth/authorize", "/login/oauth/authorize"} {
		mux.HandleFunc("GET "+path, authorize)
	}
	for _, path := range []string{"/oauth/token", "/login/oauth/access_token"} {
		mux.HandleFunc("POST "+path, token)
	}
	for _, path := range []string{"/api/v4/user", "/api/v1/user", "/login/oauth/userinfo"} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	}
	return s.URL
}

func answers(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		w.Write([]byte(text))
	}
}

// otherwise shows the log-in page, and answers in its way to the redirect URI of nobody.
func otherwise(answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.FormValue("redirect_uri"), ".invalid/") {
			answer(w, r)
			return
		}
		answers(200, "<form>")(w, r)
	}
}

// The doctor names the mistake that a provider's page, redirect or answer shows, and what to
// do about it.
func TestDoctorNamesMistakes(t *testing.T) {
	t.Parallel()
	logIn, refuses := answers(200, "<form>"), answers(400, `{"error":"invalid_grant"}`)
	for name, c := range map[string]struct {
		authorize, token http.HandlerFunc
		level, says      string
	}{
		"none":                       {logIn, refuses, "ok", "token endpoint accepts the credentials"},
		"none yet":                   {logIn, refuses, "note", "authorization endpoint answers, but not whether http://localhost:9/callback/gitlab is registered"},
		"registered":                 {otherwise(answers(400, "not yours")), refuses, "ok", "authorization endpoint accepts http://localhost:9/callback/gitlab"},
		"unknown, for a failure":     {otherwise(answers(503, "")), refuses, "note", "authorization endpoint answers; whether http://localhost:9/callback/gitlab is registered could not be checked, since a request with another one failed: it answers 503"},
		"unknown, for a limit":       {otherwise(answers(429, "")), refuses, "note", "could not be checked, since a request with another one failed: it answers 429"},
		"unknown, without an answer": {otherwise(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), refuses, "note", "could not be checked, since a request with another one failed: EOF"},
		"busy":                       {answers(503, ""), refuses, "wrong", "authorization endpoint: it answers 503"},
		"a page":                     {answers(200, "<pre>The redirect URI included is not valid.</pre>"), refuses, "wrong", "authorization endpoint: redirect_uri_not_registered: register the redirect URI http://localhost:9/callback/gitlab at "},
		"another page":               {answers(401, "Client authentication failed due to unknown client, no client authentication included"), refuses, "wrong", "authorization endpoint: wrong_client: enter the client ID and the secret"},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.FormValue("redirect_uri")+"?error=invalid_scope&state="+r.FormValue("state"), http.StatusFound)
		}, refuses, "wrong", "authorization endpoint: scope_not_allowed: allow the application the scopes (read_user)"},
		"a secret": {logIn, answers(401, `{"error":"invalid_client"}`), "wrong", "token endpoint: the consumer key or secret is refused (status 401, invalid_client): enter the client ID and the secret as they are at "},
		"a scope":  {logIn, answers(400, `{"error":"invalid_scope"}`), "wrong", "token endpoint: scope_not_allowed: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, r := doctorOf(t, "gitlab", settings{"client_id": "app", "client_secret": "right", "instance": forge(t, true, c.authorize, c.token)})
			if !r.has("gitlab", c.level, c.says) {
				t.Errorf("it does not say %q:\n%s%s", c.says, out.Stdout, out.Stderr)
			}
		})
	}
}

// Parameters are checked: what the server at the address is, and whether it answers.
func TestDoctorChecksInstances(t *testing.T) {
	t.Parallel()
	logIn, refuses := answers(200, "<form>"), answers(400, `{"error":"invalid_grant"}`)
	gitLab, gitea := forge(t, true, logIn, refuses), forge(t, false, logIn, refuses)
	nothing := "http://" + server.FreeAddress(t)
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	for _, c := range []struct{ id, instance, level, says string }{
		{"gitlab", gitLab, "ok", "instance: " + gitLab + " is GitLab"},
		{"gitea", gitea, "ok", "instance: " + gitea + " is Gitea 1.24.5"},
		{"gitlab", gitea, "wrong", "instance: " + gitea + " is Gitea 1.24.5, not GitLab: set type to gitea"},
		{"gitea", gitLab, "wrong", " is GitLab, not Gitea: set type to gitlab"},
		{"gitlab", nothing, "wrong", "cannot be reached: "},
		{"gitlab", other.URL, "note", "instance: " + other.URL + " does not say that it is GitLab: is the address right?"},
	} {
		out, r := doctorOf(t, c.id, settings{"client_id": "app", "client_secret": "right", "instance": c.instance})
		if !r.has(c.id, c.level, c.says) {
			t.Errorf("%s at %s: it does not say %q:\n%s%s", c.id, c.instance, c.says, out.Stdout, out.Stderr)
		}
		if c.instance == nothing && len(r.Findings) > 0 && r.has(c.id, "wrong", "authorization endpoint") {
			t.Errorf("it goes on without a server:\n%s", out.Stdout)
		}
	}
	for _, c := range []struct {
		id, want string
		p        settings
	}{
		{"keycloak", "providers.keycloak.instance is missing: the server's address, like https://", settings{"realm": "main"}},
		{"gitea", "providers.gitea.instance must be like https://git.example.org, without a slash at the end", settings{"instance": "https://git.example.org/"}},
		{"gitea", "unknown key providers.gitea.instanze: did you mean providers.gitea.instance?", settings{"instanze": "https://git.example.org"}},
	} {
		c.p["client_id"], c.p["client_secret"] = "app", "right"
		if out, _ := doctorOf(t, c.id, c.p); out.Code != 1 || !strings.Contains(out.Stderr, c.want) {
			t.Errorf("it does not say %q: status %d\n%s", c.want, out.Code, out.Stderr)
		}
	}
}

// What is to be registered is all there: redirect URI, scopes, parameters and what to know.
func TestDoctorSaysWhatToRegister(t *testing.T) {
	t.Parallel()
	gitLab := forge(t, true, answers(200, "<form>"), answers(400, `{"error":"invalid_grant"}`))
	out, r := doctorOf(t, "gitlab", settings{"client_id": "app", "client_secret": "right", "instance": gitLab})
	if len(r.Register) != 1 {
		t.Fatalf("status %d\n%s%s", out.Code, out.Stdout, out.Stderr)
	}
	got := r.Register[0]
	if got.At != gitLab+"/-/user_settings/applications" || strings.Join(got.Scopes, " ") != "read_user" || !strings.HasPrefix(got.About, "GitLab, OAuth 2.0") ||
		len(got.Parameters) != 1 || got.Parameters[0].Name != "instance" || got.Parameters[0].Value != gitLab || got.Parameters[0].Help != "the server's address" {
		t.Errorf("%+v", got)
	}
}

// The providers that are named are checked, and no others.
func TestDoctorOfOneProvider(t *testing.T) {
	t.Parallel()
	gitLab := forge(t, true, answers(200, "<form>"), answers(400, `{"error":"invalid_grant"}`))
	s := &site{T: t, file: filepath.Join(t.TempDir(), "social.json")}
	s.write(settings{"app_url": "http://localhost:9", "keys": []string{sealingKey}, "database": "sqlite::memory:", "allow_private_addresses": true, "timeout": "2s", "providers": settings{
		"gitlab":    settings{"client_id": "app", "client_secret": "right", "instance": gitLab},
		"microsoft": settings{"client_id": "app", "client_secret": "right", "tenant": "contoso.test", "endpoints": settings{"authorize": gitLab + "/oauth/authorize", "token": gitLab + "/oauth/token", "keys": gitLab + "/keys"}},
	}})
	out := program.Run(t, nil, "", "doctor", "--config", s.file, "gitlab")
	if out.Code != 0 || !strings.Contains(out.Stdout, "ok     gitlab: ") || strings.Contains(out.Stdout, "microsoft") || !strings.Contains(out.Stdout, "    with instance             "+gitLab+" (the server's address)\n") ||
		!strings.Contains(out.Stdout, "    scopes to allow           read_user\n") {
		t.Errorf("status %d\n%s%s", out.Code, out.Stdout, out.Stderr)
	}
	out = program.Run(t, nil, "", "doctor", "--config", s.file, "microsoft")
	if !strings.Contains(out.Stdout, "    with tenant               contoso.test (who may sign in: ") || strings.Contains(out.Stdout, "GitLab") {
		t.Errorf("status %d\n%s%s", out.Code, out.Stdout, out.Stderr)
	}
	if out = program.Run(t, nil, "", "doctor", "--config", s.file, "google"); out.Code != 1 || !strings.Contains(out.Stderr, "there is no provider google") {
		t.Errorf("status %d\n%s%s", out.Code, out.Stdout, out.Stderr)
	}
}
