package program_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/program"
)

// Tokens of another program are sealed and work. Importing them again changes
// nothing.
func TestConnectionsImport(t *testing.T) {
	t.Parallel()
	s := serve(t)
	hub := s.pretend.Provider("hub")
	matt := s.signedIn("matt@lp.com")
	token := hub.Grant("site-hub", "matt", "read", "email")
	line := func(change map[string]any) string {
		fields := map[string]any{"user": "matt@lp.com", "provider_id": "hub", "provider_user_id": hub.User("matt").Subject,
			"access_token": token.Access.Reveal(), "refresh_token": token.Refresh.Reveal(), "scopes": []string{"read", "email"}, "display_name": "old name"}
		for name, value := range change {
			fields[name] = value
		}
		text, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		return string(text) + "\n"
	}
	file := filepath.Join(t.TempDir(), "old.jsonl")
	if err := os.WriteFile(file, []byte(line(nil)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1 imported, 0 existed already, 0 failed", "0 imported, 1 existed already, 0 failed"} {
		if text := succeeds(t, "connections", "import", file, "--config", s.file); !strings.Contains(text, want) {
			t.Errorf("says %s, want %s", text, want)
		}
	}
	client := func() (id string) {
		s.query(&id, `SELECT client_id FROM social_connections WHERE provider_id = 'hub'`)
		return id
	}
	if id := client(); id != "site-hub" {
		t.Errorf("granted to the client %q, want the first", id)
	}
	c := matt.only("hub")
	matt.asJSON().post("/connections/" + c.ID + "/check").is(200)
	if out := program.Run(t, nil, "", "connections", "refresh", c.ID, "--config", s.file); out.Code != 0 {
		t.Error(out.Stdout)
	}

	s.exec(`DELETE FROM social_connections`)
	if out := program.Run(t, nil, line(map[string]any{"client_id": "earlier"}), "connections", "import", "--config", s.file); out.Code != 0 || client() != "earlier" {
		t.Errorf("status %d, %s; granted to the client %q", out.Code, out.Stderr, client())
	}

	bad := line(map[string]any{"user": "nobody@lp.com"}) + line(map[string]any{"token": "x"}) + line(map[string]any{"provider_id": "none"}) +
		line(map[string]any{"access_token": "", "refresh_token": "", "provider_user_id": "2"}) + "{\n" +
		strings.TrimSpace(line(map[string]any{"provider_user_id": "4"})) + line(map[string]any{"provider_user_id": "5"}) +
		line(map[string]any{"provider_user_id": "3"})
	out := program.Run(t, nil, bad, "connections", "import", "--config", s.file)
	if out.Code != 1 || !strings.Contains(out.Stdout, "1 imported, 0 existed already, 6 failed") || strings.Count(out.Stderr, "line ") < 6 {
		t.Errorf("status %d, %s%s", out.Code, out.Stdout, out.Stderr)
	}
	if strings.Contains(out.Stdout+out.Stderr, token.Access.Reveal()) {
		t.Error("a token is printed")
	}
}
