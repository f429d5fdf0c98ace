package program_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/internal/test/server"
)

// A machine client calls a provider's API through the proxy, and so does a person at the command
// line. Neither sees the token.
func TestProxy(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"gateway": true, "audit_log": true, "gateway_listen": server.FreeAddress(t)})
	s.user("matt@lp.com")
	owner := s.visitor()
	owner.post("/login", "email", "matt@lp.com", "password", password).to(303, "/profile")
	owner.through("/connect/hub", "matt")
	var mine struct{ User struct{ ID string } }
	owner.asJSON().get("/session").into(&mine)

	var made struct{ ID, Secret string }
	if err := json.Unmarshal([]byte(succeeds(t, "clients", "create", "jobs", "--scopes", "tenant:default provider:hub proxy connections:read",
		"--policy", `{"hub": {"paths": ["/user", "/echo"]}}`, "--json", "--config", s.file)), &made); err != nil {
		t.Fatal(err)
	}
	_, body := s.gateway(t, "POST", "/oauth/token", "", url.Values{"grant_type": {"client_credentials"}, "client_id": {made.ID}, "client_secret": {made.Secret}})
	bearer, _ := body["access_token"].(string)
	address, _ := s.configuration()["gateway_listen"].(string)
	call := func(path string) (*http.Response, string) {
		r, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+bearer)
		r.Header.Set("Social-User", mine.User.ID)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, string(text)
	}
	resp, text := call("/proxy/hub/user")
	connection := resp.Header.Get("Social-Connection")
	if resp.StatusCode != 200 || !strings.Contains(text, `"login"`) || connection == "" || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Fatalf("%d %v %s", resp.StatusCode, resp.Header, text)
	}
	if resp, text := call("/proxy/" + connection + "/other"); resp.StatusCode != 403 || !strings.Contains(text, "not_allowed") {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
	if resp, text := call("/proxy/hub/user/%2e%2e/%2e%2e/oauth/token"); resp.StatusCode != 400 || !strings.Contains(text, "bad_target") {
		t.Errorf("%d %s", resp.StatusCode, text)
	}

	if shown := succeeds(t, "proxy", connection, "/user", "--config", s.file); !strings.Contains(shown, `"login"`) {
		t.Errorf("%s", shown)
	}
	shown := succeeds(t, "proxy", connection, "/echo?a=%2F", "-X", "POST", "--data", "hello", "--header", "X-Note: yes", "--include", "--config", s.file)
	if !strings.HasPrefix(shown, "200 OK\n") || !strings.Contains(shown, "Social-Connection: "+connection) {
		t.Errorf("%s", shown)
	}
	for want, args := range map[string][]string{
		"400 Bad Request":    {connection, "/../x"},
		"404 Not Found":      {connection, "/nothing"},
		"no such connection": {"con_1", "/user"},
		"no header":          {connection, "/user", "--header", "x"},
		"no such file":       {connection, "/user", "--data", "@" + s.file + "x"},
	} {
		args = append(append([]string{"proxy"}, args...), "--config", s.file)
		if text := fails(t, nil, args...); !strings.Contains(text, want) {
			t.Errorf("%q: %s", args, text)
		}
	}
	if entries := succeeds(t, "audit", "list", "--event", "proxy_used", "--config", s.file); strings.Count(entries, "proxy_used") < 2 || !strings.Contains(entries, made.ID) {
		t.Errorf("%s", entries)
	}
}
