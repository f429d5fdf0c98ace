package program_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/program"
)

// A Mastodon of the test, which registers applications.
func mastodon(t *testing.T) *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v2/instance", func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte(`{"domain":"social.example.org","version":"4.5.2","source_url":"https://github.com/mastodon/mastodon"}`))
	})
	mux.HandleFunc("POST /api/v1/apps", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("redirect_uris") != "https://app.example.com/callback/people" || r.FormValue("scopes") != "read:accounts" || r.FormValue("client_name") != "app.example.com" {
			t.Errorf("registered with %v", r.Form)
		}
		w.Write([]byte(`{"client_id":"TWhM","client_secret":"c0ns"}`))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

func TestDiscover(t *testing.T) {
	t.Parallel()
	server := mastodon(t)
	if text := fails(t, nil, "providers", "discover", server.URL); !strings.Contains(text, "not public") {
		t.Errorf("a private address: %s", text)
	}
	text := succeeds(t, "providers", "discover", server.URL, "--allow-private-addresses")
	for _, want := range []string{"Mastodon 4.5.2 (in the catalog as mastodon)", "    type: mastodon\n", "    instance: " + server.URL + "\n", "--register"} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
	var found struct {
		ID, Type      string
		RedirectURI   string `json:"redirect_uri"`
		Configuration map[string]string
	}
	text = succeeds(t, "providers", "discover", server.URL, "--allow-private-addresses", "--json", "--register", "--id", "people", "--app-url", "https://app.example.com")
	if err := json.Unmarshal([]byte(text), &found); err != nil || found.ID != "people" || found.Configuration["consumer_key"] != "TWhM" || found.Configuration["consumer_secret"] != "c0ns" || found.Configuration["token_auth"] != "post" {
		t.Errorf("%v\n%s", err, text)
	}
	// What it prints is a configuration.
	text = succeeds(t, "providers", "discover", server.URL, "--allow-private-addresses", "--register", "--id", "people", "--app-url", "https://app.example.com")
	_, yaml, ok := strings.Cut(text, "Configuration:\n\n")
	yaml, _, _ = strings.Cut(yaml, "\n\n")
	path := filepath.Join(t.TempDir(), "social.yaml")
	if err := os.WriteFile(path, []byte("keys: ["+strings.TrimSpace(succeeds(t, "keys", "new"))+"]\napp_url: https://app.example.com\nallow_private_addresses: true\n"+yaml+"\n"), 0o600); err != nil || !ok {
		t.Fatalf("%v:\n%s", err, text)
	}
	out := program.Run(t, nil, "", "doctor", "--config", path, "--json")
	if !strings.Contains(out.Stdout, `"people"`) || strings.Contains(out.Stderr, "unknown key") {
		t.Errorf("the doctor says of it:\n%s%s", out.Stdout, out.Stderr)
	}
	if text := succeeds(t, "providers", "discover", "github.com"); !strings.Contains(text, "github:\n    consumer_key: …") {
		t.Errorf("of a host in the catalog:\n%s", text)
	}
	if text := succeeds(t, "providers", "discover", "discogs.com"); !strings.Contains(text, "discogs:\n    user_agent: …\n    consumer_key: …\n    consumer_secret: …\n\nRegister the application at https://www.discogs.com/") {
		t.Errorf("of one that needs a parameter:\n%s", text)
	}
	text = succeeds(t, "providers", "discover", server.URL, "--allow-private-addresses", "--url-prefix", "/social", "--app-url", "https://App.example.com/")
	if !strings.Contains(text, "  https://app.example.com/social/callback/") {
		t.Errorf("below a prefix:\n%s", text)
	}
	for _, args := range [][]string{{}, {"a", "b"}, {"exämple.org"}, {"github.com", "--id", "No"}, {"github.com", "--register"}} {
		fails(t, nil, append([]string{"providers", "discover"}, args...)...)
	}
}

// hostileProvider is an OpenID provider of an attacker.
func hostileProvider(t *testing.T, clientID, clientSecret string) *httptest.Server {
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	answer := func(pattern string, document map[string]any) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) { json.NewEncoder(w).Encode(document) })
	}
	answer("GET /.well-known/openid-configuration", map[string]any{
		"issuer": server.URL, "authorization_endpoint": server.URL + "/authorize", "token_endpoint": server.URL + "/token", "jwks_uri": server.URL + "/keys",
		"registration_endpoint": server.URL + "/register", "scopes_supported": []string{"openid", "\x1b[2J\nproviders:"},
	})
	answer("POST /register", map[string]any{"client_id": clientID, "client_secret": clientSecret})
	return server
}

// A host cannot make the configuration say more than its credentials, nor read what the
// operator keeps.
func TestDiscoverAHostileHost(t *testing.T) {
	t.Parallel()
	for _, secrets := range [][2]string{{"c", "file:/etc/passwd"}, {"c", "env:HOME"}, {"env:HOME", "s"}, {"c\nsignup:\tauto", "s"}, {"c", "s\x1b[2J"}} {
		text := fails(t, nil, "providers", "discover", hostileProvider(t, secrets[0], secrets[1]).URL, "--allow-private-addresses", "--register")
		if strings.Contains(text, "consumer_secret:") || strings.ContainsAny(text, "\x1b\t") {
			t.Errorf("%q:\n%s", secrets, text)
		}
	}
	for _, word := range []string{"0x1F", "1e3", "~", "-", "?", "x:", "No", "a: b", "it's", `"`, `\`, "#", "&a", "*a", "<<", "[a", "{a", "!a", "2026-01-02", "1:30", ".inf"} {
		server := hostileProvider(t, word, word)
		text := succeeds(t, "providers", "discover", server.URL, "--allow-private-addresses", "--register", "--id", "oidc")
		if strings.Contains(text, "\x1b") || !strings.Contains(text, "Registers at  "+server.URL+"/register") {
			t.Errorf("it prints %q", text)
		}
		// In double quotes YAML reads what Go writes.
		want := fmt.Sprintf("providers:\n  oidc:\n    type: oidc\n    issuer: %s\n    consumer_key: %q\n    consumer_secret: %q\n\n", server.URL, word, word)
		if !strings.Contains(text, want) {
			t.Errorf("of %q:\n%s", word, text)
		}
	}
}

// Where a client ID is the address of a document, the program serves it, and no other.
func TestClientDocument(t *testing.T) {
	t.Parallel()
	const id = "https://app.example.com/client-metadata/"
	s := serve(t, settings{
		"app_url": "https://app.example.com",
		"providers": settings{
			"files": settings{"type": "oidc", "issuer": "https://op.example.com", "consumer_key": id + "files", "token_auth": "none"},
			"mail":  settings{"type": "oidc", "issuer": "https://op.example.com", "consumer_key": id + "files", "token_auth": "none"},
		},
	})
	answer := s.visitor().get("/client-metadata/files")
	answer.is(200)
	var document struct {
		ID        string   `json:"client_id"`
		Redirects []string `json:"redirect_uris"`
		Auth      string   `json:"token_endpoint_auth_method"`
	}
	if err := json.Unmarshal([]byte(answer.body), &document); err != nil || document.ID != id+"files" || document.Auth != "none" || len(document.Redirects) != 1 || document.Redirects[0] != "https://app.example.com/callback/files" {
		t.Errorf("%v: %s", err, answer.body)
	}
	for _, other := range []string{"mail", "github", "x%2Fy"} {
		s.visitor().get("/client-metadata/" + other).is(404)
	}
}

// A parameter whose addresses the configuration replaces is nothing to register.
func TestDoctorAsksForNoParameterThatIsNotNeeded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "social.yaml")
	writeFile(t, path, "keys: ["+sealingKey+"]\ndatabase: 'sqlite::memory:'\nallow_private_addresses: true\nproviders:\n  okta: {consumer_key: k, consumer_secret: s, issuer: 'http://127.0.0.1:9'}\n")
	if text := program.Run(t, nil, "", "doctor", "--config", path).Stdout; !strings.Contains(text, "/callback/okta") || strings.Contains(text, "with domain") {
		t.Errorf("it says\n%s", text)
	}
}
