package program_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/internal/test/server"
)

// gateway sends a request to the site's gateway: a form where there is one, with a bearer
// token where there is one.
func (s *site) gateway(t *testing.T, method, path, token string, form url.Values) (status int, body map[string]any) {
	t.Helper()
	address, _ := s.configuration()["gateway_listen"].(string)
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+address+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &body); err != nil {
			t.Errorf("%s %s: %q", method, path, raw)
		}
	}
	if strings.HasPrefix(path, "/v1/") || path == "/oauth/token" {
		asDescribed(t, resp, raw)
	}
	return resp.StatusCode, body
}

// An operator makes a machine client; it gets a user's access token, and never a refresh
// token, and sees the user's connection. It ends when it is deleted.
func TestGateway(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"gateway": true, "audit_log": true, "gateway_listen": server.FreeAddress(t)})
	s.user("matt@lp.com")
	owner := s.visitor()
	owner.post("/login", "email", "matt@lp.com", "password", password).to(303, "/profile")
	owner.through("/connect/hub", "matt")
	var mine struct{ User struct{ ID string } }
	owner.asJSON().get("/session").into(&mine)

	var made struct{ ID, Secret string }
	if err := json.Unmarshal([]byte(succeeds(t, "clients", "create", "jobs", "--scopes", "tenant:default provider:* token connections:read", "--json", "--config", s.file)), &made); err != nil {
		t.Fatal(err)
	}
	exchange := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "client_id": {made.ID}, "client_secret": {made.Secret},
		"subject_token": {mine.User.ID}, "subject_token_type": {"urn:gosocial:user-id"}, "audience": {"hub"}}
	status, body := s.gateway(t, "POST", "/oauth/token", "", exchange)
	if token, _ := body["access_token"].(string); status != 200 || token == "" || body["refresh_token"] != nil {
		t.Fatalf("%d %v", status, body)
	}
	status, body = s.gateway(t, "POST", "/oauth/token", "", url.Values{"grant_type": {"client_credentials"}, "client_id": {made.ID}, "client_secret": {made.Secret}})
	bearer, _ := body["access_token"].(string)
	if status != 200 {
		t.Fatalf("%d %v", status, body)
	}
	status, body = s.gateway(t, "GET", "/v1/connections?user="+mine.User.ID, bearer, nil)
	if list, _ := body["connections"].([]any); status != 200 || len(list) != 1 {
		t.Errorf("%d %v", status, body)
	}
	for file, content := range s.files() {
		if strings.Contains(string(content), made.Secret) || strings.Contains(string(content), bearer) {
			t.Errorf("%s has the secret or the token", file)
		}
	}
	if strings.Contains(s.process.Log(), made.Secret) || strings.Contains(s.process.Log(), bearer) {
		t.Error("the log has the secret or the token")
	}
	if list := succeeds(t, "clients", "list", "--config", s.file); !strings.Contains(list, made.ID) || !strings.Contains(list, "provider:*") || strings.Contains(list, made.Secret) {
		t.Errorf("%s", list)
	}
	if shown := succeeds(t, "clients", "update", made.ID, "--name", "night jobs", "--policy", `{"hub": {"methods": ["GET"]}}`, "--config", s.file); !strings.Contains(shown, "night jobs") || !strings.Contains(shown, "hub: methods GET, paths all") {
		t.Errorf("%s", shown)
	}
	// What happens is told to a webhook.
	hooks := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var event struct{ Type string }
		json.NewDecoder(r.Body).Decode(&event)
		if r.Header.Get("webhook-signature") != "" {
			hooks <- event.Type
		}
	}))
	t.Cleanup(receiver.Close)
	var hook struct{ ID, Secret string }
	if err := json.Unmarshal([]byte(succeeds(t, "webhooks", "create", receiver.URL, "--events", "connection.*", "--json", "--config", s.file)), &hook); err != nil || hook.Secret == "" {
		t.Fatal(hook, err)
	}
	owner.through("/connect/acme", "matt")
	select {
	case kind := <-hooks:
		if kind != "connection.created" {
			t.Errorf("got %s", kind)
		}
	case <-time.After(time.Minute):
		t.Error("the webhook got nothing")
	}
	if status, body := s.gateway(t, "GET", "/v1/events", bearer, nil); status != 200 || !strings.Contains(fmt.Sprint(body), "connection.created") {
		t.Errorf("%d %v", status, body)
	}
	for _, step := range []struct {
		want string
		args []string
	}{
		{hook.ID, []string{"list"}}, {"connection.*", []string{"show", hook.ID}}, {"connection.created", []string{"deliveries", hook.ID, "--state", "delivered"}},
		{"0 queued", []string{"redeliver", hook.ID, "--all"}}, {"whsec_", []string{"rotate", hook.ID}}, {"no", []string{"update", hook.ID, "--enabled=false"}},
		{"deleted", []string{"delete", hook.ID}},
	} {
		if text := succeeds(t, append(append([]string{"webhooks"}, step.args...), "--config", s.file)...); !strings.Contains(text, step.want) {
			t.Errorf("%q: %s", step.args, text)
		}
	}
	fails(t, nil, "webhooks", "show", hook.ID, "--config", s.file)
	var rotated struct{ Secret string }
	if err := json.Unmarshal([]byte(succeeds(t, "clients", "rotate", made.ID, "--json", "--config", s.file)), &rotated); err != nil {
		t.Fatal(err)
	}
	succeeds(t, "clients", "rotate", made.ID, "--retire", "--config", s.file)
	for secret, want := range map[string]int{made.Secret: 401, rotated.Secret: 200} {
		exchange.Set("client_secret", secret)
		if status, body := s.gateway(t, "POST", "/oauth/token", "", exchange); status != want {
			t.Errorf("%d %v, want %d", status, body, want)
		}
	}
	if entries := succeeds(t, "audit", "list", "--config", s.file); !strings.Contains(entries, "token_given") || !strings.Contains(entries, made.ID) {
		t.Errorf("%s", entries)
	}
	succeeds(t, "clients", "delete", made.ID, "--config", s.file)
	if status, _ := s.gateway(t, "POST", "/oauth/token", "", exchange); status != 401 {
		t.Errorf("a deleted client: %d", status)
	}
	for want, args := range map[string][]string{
		"is no scope":         {"create", "x", "--scopes", "everything"},
		"no such client":      {"show", "client_1"},
		"no JSON Web Key Set": {"create", "x", "--jwks", s.file},
		"no such file":        {"create", "x", "--jwks", s.file + "x"},
		"--policy":            {"create", "x", "--policy", "["},
		"needs a name":        {"create", " "},
	} {
		args = append(append([]string{"clients"}, args...), "--config", s.file)
		if text := fails(t, nil, args...); !strings.Contains(text, want) {
			t.Errorf("%q: %s", args, text)
		}
	}
}
