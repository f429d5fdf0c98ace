package program_test

import (
	"net/http"
	"strings"
	"testing"
)

// bearing sends a request with an authorization and no cookie, and returns the status and
// the header WWW-Authenticate.
func (s *site) bearing(t *testing.T, authorization, method, path string) (status int, challenge string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", authorization)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode, resp.Header.Get("WWW-Authenticate")
}

// A user makes an API token in the browser, and an operator at the command line; both see
// and end them. Neither the database nor the log has a token.
func TestAPITokens(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"api_tokens": true, "token_scopes": []string{"notes.read=read your notes"}})
	s.user("matt@lp.com")
	owner := s.visitor()
	owner.post("/login", "email", "matt@lp.com", "password", password).to(303, "/profile")
	var made struct{ ID, Token string }
	owner.asJSON().post("/security/tokens", "name", "deploy", "scopes", "notes.read", "expires_in", "720h").is(201).into(&made)
	text := strings.TrimSpace(succeeds(t, "tokens", "create", "matt@lp.com", "--name", "by hand", "--config", s.file))
	for _, token := range []string{made.Token, text} {
		if status, _ := s.bearing(t, "Bearer "+token, "GET", "/session"); status != 200 {
			t.Errorf("%d", status)
		}
		if status, _ := s.bearing(t, "Bearer "+token, "POST", "/security/tokens"); status != 401 {
			t.Errorf("a token made a token: %d", status)
		}
		for file, content := range s.files() {
			if strings.Contains(string(content), token) {
				t.Errorf("%s has the token", file)
			}
		}
		if strings.Contains(s.process.Log(), token) {
			t.Error("the log has the token")
		}
	}
	if list := succeeds(t, "tokens", "list", "matt@lp.com", "--config", s.file); !strings.Contains(list, "deploy") || !strings.Contains(list, "by hand") || !strings.Contains(list, "notes.read") {
		t.Errorf("%s", list)
	}
	fails(t, nil, "tokens", "create", "matt@lp.com", "--name", "x", "--scope", "admin", "--config", s.file)
	fails(t, nil, "tokens", "revoke", "matt@lp.com", "--config", s.file)
	succeeds(t, "tokens", "revoke", "matt@lp.com", made.ID, "--config", s.file)
	if status, challenge := s.bearing(t, "Bearer "+made.Token, "GET", "/session"); status != 401 || challenge != `Bearer error="invalid_token"` {
		t.Errorf("a revoked one: %d %s", status, challenge)
	}
	succeeds(t, "users", "deactivate", "matt@lp.com", "--config", s.file)
	succeeds(t, "users", "activate", "matt@lp.com", "--config", s.file)
	if status, _ := s.bearing(t, "Bearer "+text, "GET", "/session"); status != 401 {
		t.Errorf("after a deactivation: %d", status)
	}
}
