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

// Lines as other programs' databases and languages write them.
func TestConnectionsImportOfOddLines(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	matt := s.signedIn("matt@lp.com")
	var id string
	s.query(&id, `SELECT id FROM social_users WHERE email = 'matt@lp.com'`)
	run := func(lines ...string) program.Output {
		return program.Run(t, nil, strings.Join(lines, "\n")+"\n", "connections", "import", "--config", s.file)
	}
	const hub, twitter = `{"user": "matt@lp.com", "provider_id": "hub", `, `{"user": "matt@lp.com", "provider_id": "twitter", `

	// Numbers and texts alike, every digit, and a byte order mark.
	out := run("\ufeff"+hub+`"provider_user_id": 12345678901234567890123, "access_token": 4711, "rank": "7", "expires_at": "1900000000", "scopes": "read email"}`,
		hub+`"provider_user_id": "2", "access_token": "a", "rank": 8, "expires_at": 1900000000, "created_at": "2020-01-02T03:04:05Z", "scopes": ["read", 5], "email": null}`,
		twitter+`"provider_user_id": 3, "access_token": "a", "secret": 99}`)
	if out.Code != 0 || !strings.Contains(out.Stdout, "3 imported, 0 existed already, 0 failed") || out.Stderr != "" {
		t.Fatalf("%d, %s%s", out.Code, out.Stdout, out.Stderr)
	}
	list := matt.connections()
	if len(list) != 3 || list[0].ProviderUserID != "12345678901234567890123" || list[0].Rank != 7 || strings.Join(list[0].Scopes, " ") != "read email" ||
		*list[0].ExpiresAt != "2030-03-17T17:46:40Z" || *list[1].ExpiresAt != *list[0].ExpiresAt || strings.Join(list[1].Scopes, " ") != "read 5" || list[2].ProviderUserID != "3" {
		t.Errorf("%+v", list)
	}

	// Addresses that a page must not link to are left out, and that is said.
	out = run(hub+`"provider_user_id": "4", "access_token": "a", "profile_url": "javascript:alert(1)", "image_url": "https://example.com/4.png"}`,
		hub+`"provider_user_id": "5", "access_token": "a", "image_url": "data:image/png;base64,AA"}`)
	if out.Code != 0 || !strings.Contains(out.Stdout, "2 imported, 0 existed already, 0 failed") ||
		!strings.Contains(out.Stderr, "line 1: profile_url was left out") || !strings.Contains(out.Stderr, "line 2: image_url was left out") || strings.Count(out.Stderr, "line ") != 2 {
		t.Errorf("%d, %s%s", out.Code, out.Stdout, out.Stderr)
	}
	if n := s.count(`SELECT count(*) FROM social_connections WHERE profile_url LIKE 'java%' OR image_url LIKE 'data%'`); n != 0 {
		t.Errorf("%d addresses were kept", n)
	}
	if n := s.count(`SELECT count(*) FROM social_connections WHERE image_url = 'https://example.com/4.png'`); n != 1 {
		t.Error("a good address was not kept")
	}

	// What cannot be imported is refused, each with its line and what to do.
	before := s.count(`SELECT count(*) FROM social_connections`)
	bad := map[string]string{
		twitter + `"provider_user_id": "6", "access_token": "a"}`:                                                              "secret is missing",
		twitter + `"provider_user_id": "6", "access_token": "a", "secret": ""}`:                                                "secret is missing",
		hub + `"provider_user_id": "6"}`:                                                                                       "access_token is missing",
		hub + `"access_token": "a"}`:                                                                                           "provider_user_id is missing",
		hub + `"access_token": "a", "provider_user_id": 0}`:                                                                    "no usable subject",
		hub + `"access_token": "a", "provider_user_id": 1.5}`:                                                                  "provider_user_id: want a text or a whole number",
		hub + `"access_token": {"t": 1}, "provider_user_id": "6"}`:                                                             "access_token: want a text or a whole number",
		hub + `"access_token": "a", "provider_user_id": "6", "rank": "first"}`:                                                 "rank: want a whole number",
		hub + `"access_token": "a", "provider_user_id": "6", "expires_at": "tomorrow"}`:                                        "expires_at: want a time",
		hub + `"access_token": "a", "provider_user_id": "6", "scopes": [["a"]]}`:                                               "scopes: want a text",
		hub + `"access_token": "a", "provider_user_id": "6", "acces_token": "b"}`:                                              `unknown field "acces_token"`,
		`{"user": "matt@lp.com", "provider_id": "none", "provider_user_id": "6"}`:                                              "add it to providers",
		`{"user": "nobody@lp.com", "provider_id": "hub", "provider_user_id": "6", "access_token": "a"}`:                        "create the user first",
		`{"user": "matt@lp.com", "user_id": "` + id + `", "provider_id": "hub", "provider_user_id": "6", "access_token": "a"}`: "leave one out",
		`["a"]`: "not a JSON object\n",
		`null`:  "not a JSON object\n",
		`"a"`:   "not a JSON object\n",
	}
	for line, want := range bad {
		out := run("", line)
		if out.Code != 1 || !strings.Contains(out.Stdout, "0 imported, 0 existed already, 1 failed") || !strings.Contains(out.Stderr, "line 2: ") || !strings.Contains(out.Stderr, want) {
			t.Errorf("%s: %d, %s%s, want %s", line, out.Code, out.Stdout, out.Stderr, want)
		}
	}
	out = run(hub+`"provider_user_id": "7", "access_token": "a"}`, `{"user": "`+strings.Repeat("x", 1<<20)+`"}`, hub+`"provider_user_id": "8", "access_token": "a"}`)
	if out.Code != 1 || !strings.Contains(out.Stdout, "1 imported") || !strings.Contains(out.Stderr, "line 2: ") {
		t.Errorf("too long: %d, %s%.300s", out.Code, out.Stdout, out.Stderr)
	}
	if n := s.count(`SELECT count(*) FROM social_connections`); n != before+1 {
		t.Errorf("%d connections, want %d", n, before+1)
	}
}
