package program_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/internal/test/server"
)

func TestHelp(t *testing.T) {
	t.Parallel()
	commands := []string{"demo", "serve", "doctor", "providers", "keys", "migrate", "users", "roles", "connections", "audit", "version", "completion"}
	for _, args := range [][]string{{}, {"--help"}, {"help"}} {
		text := succeeds(t, args...)
		for _, command := range commands {
			if !strings.Contains(text, "\n  "+command+" ") {
				t.Errorf("social %v does not list %s:\n%s", args, command, text)
			}
		}
	}
	for _, command := range append(commands, "providers list", "providers show", "providers discover", "keys new", "keys reseal", "users create", "users import", "users show", "users confirm", "users set-password", "users end-sessions", "users reset-factors", "users list", "users activate",
		"users deactivate", "users delete", "users undelete", "users export", "tokens list", "tokens create", "tokens revoke", "connections list", "connections add", "connections refresh", "connections check", "connections remove", "connections import", "audit list", "roles create", "roles list", "roles grant", "roles revoke") {
		if text := succeeds(t, append(strings.Fields(command), "--help")...); !strings.Contains(text, "Usage:\n  social "+command) {
			t.Errorf("social %s --help says:\n%s", command, text)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if text := succeeds(t, "completion", shell); !strings.Contains(text, "social") {
			t.Errorf("no completion for %s", shell)
		}
	}
	if ids := succeeds(t, "__complete", "providers", "show", ""); !strings.HasPrefix(ids, "apple\n") && !strings.Contains(ids, "\ngoogle\n") {
		t.Errorf("completes %s", ids)
	}
	for _, args := range [][]string{{"sevre"}, {"serve", "--confg", "x"}, {"serve", "x"}, {"providers", "show"}, {"users", "crate"}, {"keys", "newer"}} {
		fails(t, nil, args...)
	}
	if text := fails(t, nil, "sevre"); !strings.Contains(text, "serve") {
		t.Errorf("no suggestion: %s", text)
	}
	if text := succeeds(t, "version"); !strings.HasPrefix(text, "social ") || strings.Count(text, "\n") != 1 {
		t.Errorf("version says %q", text)
	}
}

func TestProviders(t *testing.T) {
	t.Parallel()
	type listing struct {
		ID, Name, Protocol     string
		Scopes                 []string
		Email, Refresh, Revoke bool
		VerifiedEmail          bool   `json:"verified_email"`
		RegisterURL            string `json:"register_url"`
		RedirectURI            string `json:"redirect_uri"`
		Parameters             []struct{ Name, Default, Example string }
	}
	var all []listing
	if err := json.Unmarshal([]byte(succeeds(t, "providers", "--json")), &all); err != nil {
		t.Fatal(err)
	}
	table := succeeds(t, "providers")
	found := map[string]listing{}
	for _, p := range all {
		found[p.ID] = p
		if p.Name == "" || p.Protocol == "" || p.Scopes == nil || p.Parameters == nil || !strings.HasPrefix(p.RegisterURL, "https://") {
			t.Errorf("%+v lacks something", p)
		}
		if p.RedirectURI != "http://localhost:8080/callback/"+p.ID {
			t.Errorf("%s has the redirect URI %s", p.ID, p.RedirectURI)
		}
		if !strings.Contains("\n"+table, "\n"+p.ID+" ") {
			t.Errorf("the table does not list %s:\n%s", p.ID, table)
		}
	}
	var one listing
	if err := json.Unmarshal([]byte(succeeds(t, "providers", "show", "twitch", "--json", "--app-url", "https://app.example.com/")), &one); err != nil {
		t.Fatal(err)
	}
	if one.Name != found["twitch"].Name || one.RedirectURI != "https://app.example.com/callback/twitch" {
		t.Errorf("show says %+v", one)
	}
	for id, want := range map[string]string{"google": "oidc", "twitter": "oauth1", "facebook": "oauth2", "foursquare": "oauth2", "x": "oauth2", "linkedin": "", "vk": "", "apple": "", "microsoft": ""} {
		if p, ok := found[id]; !ok || want != "" && p.Protocol != want {
			t.Errorf("%s: %+v", id, p)
		}
	}
	if g := found["google"]; !g.Email || !g.VerifiedEmail || !g.Refresh || !g.Revoke || strings.Join(g.Scopes, " ") != "openid email profile" && strings.Join(g.Scopes, " ") != "openid profile email" {
		t.Errorf("google: %+v", g)
	}
	if g := found["gitlab"].Parameters; len(g) != 1 || g[0].Name != "instance" || g[0].Default != "https://gitlab.com" {
		t.Errorf("gitlab's parameters: %+v", g)
	}
	if text := succeeds(t, "providers", "show", "keycloak"); !strings.Contains(text, "Key realm") || !strings.Contains(text, "master") {
		t.Errorf("show keycloak:\n%s", text)
	}
	for id, keys := range map[string][]string{"apple": {"Key team_id", "Key key_id", "Key private_key"}, "microsoft": {"Key tenant"}} {
		for _, key := range keys {
			if text := succeeds(t, "providers", "show", id); !strings.Contains(text, key) {
				t.Errorf("%s has no %s:\n%s", id, key, text)
			}
		}
	}
	text := succeeds(t, "providers", "show", "google")
	for _, want := range []string{"Google", "openid", "verified e-mail", "refresh", "revoke", "https://", "http://localhost:8080/callback/google"} {
		if !strings.Contains(text, want) {
			t.Errorf("show google does not say %s:\n%s", want, text)
		}
	}
	// What to know, and the keys that an entry does not work without.
	for id, want := range map[string]string{
		"google": "Kind            Social networks", "github": "  github:\n    consumer_key: …\n    consumer_secret: …\n", "ebay": "  ebay:\n    ru_name: …\n    consumer_key: …\n    consumer_secret: …\n",
		"apple": "  apple:\n    consumer_key: …\n    team_id: …\n    key_id: …\n    private_key: …\n", "logingov": "  logingov:\n    consumer_key: …\n    private_key: …\n", "vk": "  vk:\n    consumer_key: …\n",
		"stackexchange": "\n\nStack Exchange, OAuth 2.0. ", "microsoft": "  microsoft:\n    consumer_key: …\n    consumer_secret: …\n",
	} {
		if text := succeeds(t, "providers", "show", id); !strings.Contains(text, want) || strings.HasPrefix(want, "  ") && !strings.HasSuffix(text, want) {
			t.Errorf("%s: it does not say %q:\n%s", id, want, text)
		}
	}
	for _, c := range []struct{ words, want string }{
		{"hub", "github githubenterprise hubspot jupyterhub"}, {"GitHub Enterprise", "githubenterprise"}, {"shops stripe", "stripe"}, {"twitch", "twitch"},
	} {
		var ids []string
		var found []listing
		if err := json.Unmarshal([]byte(succeeds(t, append([]string{"providers", "list", "--json"}, strings.Fields(c.words)...)...)), &found); err != nil {
			t.Error(err)
		}
		for _, p := range found {
			ids = append(ids, p.ID)
		}
		if strings.Join(ids, " ") != c.want {
			t.Errorf("by %s it finds %s", c.words, ids)
		}
	}
	if text := succeeds(t, "providers", "list"); text != table {
		t.Errorf("all are\n%s", text)
	}
	if text := fails(t, nil, "providers", "list", "no-such"); !strings.Contains(text, "no-such") || !strings.Contains(text, "social providers discover HOST") {
		t.Errorf("none: %s", text)
	}
	for _, at := range [][]string{
		{"--app-url", "http://127.0.0.1:9", "http://127.0.0.1:9/callback/google"}, {"--app-url", "http://app.localhost", "http://app.localhost/callback/google"},
		{"--url-prefix", "/a/b", "http://localhost:8080/a/b/callback/google"},
	} {
		if text := succeeds(t, "providers", "show", "google", at[0], at[1]); !strings.Contains(text, at[2]+"\n") {
			t.Errorf("%v:\n%s", at, text)
		}
	}
	for _, at := range [][]string{
		{"--app-url", "app.example.com", "want an address such as"}, {"--app-url", "", "want an address such as"}, {"--app-url", "ftp://localhost", "want an address such as"}, {"--app-url", "https://", "want an address such as"},
		{"--app-url", "http://app.example.com", "want https, or http on localhost"}, {"--app-url", "http://localhost.example.com", "want https, or http on localhost"},
		{"--app-url", "https://app.example.com/x", "a path goes into --url-prefix"}, {"--app-url", "https://me@app.example.com", "more than scheme and host"},
		{"--app-url", "https://app.example.com?a", "more than scheme and host"}, {"--app-url", "https://app.example.com#a", "more than scheme and host"},
		{"--url-prefix", "social", "want a path such as /social"}, {"--url-prefix", "/social/", "want a path such as /social"}, {"--url-prefix", "/..", "want a path such as /social"},
	} {
		for _, command := range [][]string{{"providers"}, {"providers", "show", "google"}, {"providers", "discover", "github.com"}} {
			if text := fails(t, nil, append(command, at[:2]...)...); !strings.Contains(text, at[2]) {
				t.Errorf("%v %v: %s", command, at, text)
			}
		}
	}
	if text := fails(t, nil, "providers", "show", "myspace"); !strings.Contains(text, "myspace") {
		t.Error(text)
	}
}

func TestKeysNew(t *testing.T) {
	t.Parallel()
	a, b := strings.TrimSpace(succeeds(t, "keys", "new")), strings.TrimSpace(succeeds(t, "keys", "new"))
	key, err := base64.StdEncoding.DecodeString(a)
	if err != nil || len(key) != 32 || a == b {
		t.Errorf("keys %q and %q", a, b)
	}
}

// Keys are changed while the program serves: the old ones open, the new one seals, and
// after resealing the old ones can be removed.
func TestKeysReseal(t *testing.T) {
	t.Parallel()
	s := serve(t)
	v := s.signedIn("matt@lp.com")
	v.through("/connect/twitter", "matt").is(303)
	v.through("/connect/hub", "matt").is(303)
	c := s.configuration()
	fresh := strings.TrimSpace(succeeds(t, "keys", "new"))

	c["keys"] = []string{fresh}
	s.write(c)
	if text := fails(t, nil, "keys", "reseal", "--config", s.file); !strings.Contains(text, "2") {
		t.Errorf("two tokens that do not open: %s", text)
	}
	c["keys"] = []string{fresh, sealingKey}
	s.write(c)
	if text := succeeds(t, "keys", "reseal", "--config", s.file); !strings.Contains(text, "2") {
		t.Errorf("says %s", text)
	}
	succeeds(t, "keys", "reseal", "--config", s.file) // again, with nothing to do

	// The running process has only the old key. Start another with only the new one.
	c["keys"], c["listen"] = []string{fresh}, server.FreeAddress(t)
	s.write(c)
	next, _, err := program.Start(t, nil, "Social serves ", "serve", "--config", s.file)
	if err != nil {
		t.Fatal(err)
	}
	next.StopWithTest()
	for _, item := range v.connections() {
		v.asJSON().post("http://" + c["listen"].(string) + "/connections/" + item.ID + "/check").is(200)
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "social.yaml")
	database := filepath.Join(dir, "social.db")
	writeFile(t, file, "database: sqlite:"+database+"\nmigrate: false\nkeys: ["+sealingKey+"]\n")

	if plan := succeeds(t, "migrate", "--dry-run", "--config", file); !strings.Contains(plan, "CREATE TABLE social_connections") {
		t.Errorf("would do: %s", plan)
	}
	for _, args := range [][]string{{"serve"}, {"users", "list"}, {"roles", "list"}, {"keys", "reseal"}, {"migrate", "--status"}} {
		if text := fails(t, nil, append(args, "--config", file)...); !strings.Contains(text, "older") || !strings.Contains(text, "social migrate") {
			t.Errorf("%v without a schema: %s", args, text)
		}
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if out := program.Run(t, nil, "", "migrate", "--config", file); out.Code != 0 {
				t.Errorf("one of four: %s", out.Stderr)
			}
		})
	}
	group.Wait()
	for _, args := range [][]string{{"migrate"}, {"migrate", "--status"}, {"migrate", "--dry-run"}} {
		if text := succeeds(t, append(args, "--config", file)...); !strings.Contains(text, "up to date") {
			t.Errorf("%v says %s", args, text)
		}
	}
	fails(t, nil, "migrate", "--status", "--dry-run", "--config", file)
	succeeds(t, "users", "list", "--config", file)

	s := &site{T: t, data: database}
	s.exec(`INSERT INTO social_schema (version_id, is_applied) VALUES (99999, 1)`)
	for _, args := range [][]string{{"migrate"}, {"migrate", "--status"}, {"migrate", "--dry-run"}, {"serve"}, {"users", "list"},
		{"roles", "list"}, {"keys", "reseal"}} {
		if text := fails(t, nil, append(args, "--config", file)...); !strings.Contains(text, "newer") {
			t.Errorf("%v with a newer schema: %s", args, text)
		}
	}
	if text := fails(t, []string{"SOCIAL_MIGRATE=true"}, "serve", "--config", file); !strings.Contains(text, "newer") {
		t.Errorf("serve with a newer schema: %s", text)
	}
}

// The script of migrate --dry-run works in the database's own client, and printing it
// changes nothing.
func TestMigrateByHand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, database := filepath.Join(dir, "social.yaml"), filepath.Join(dir, "social.db")
	writeFile(t, file, "database: sqlite:"+database+"\ntable_prefix: app_\nsqlite_pragmas: [synchronous=FULL]\ndatabase_connections: 2\nmigrate: false\nkeys: ["+sealingKey+"]\n")
	plan := succeeds(t, "migrate", "--dry-run", "--config", file)
	fails(t, nil, "migrate", "--status", "--config", file)
	if _, err := os.Stat(database); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the database is there: %v", err)
	}
	s := &site{T: t, data: database}
	s.exec(plan)
	if text := succeeds(t, "migrate", "--status", "--config", file); !strings.Contains(text, "up to date") {
		t.Errorf("says %s", text)
	}
	succeeds(t, "roles", "create", "admin", "--config", file)
	s.exec(`INSERT INTO app_roles (tenant, name, description) VALUES ('', 'editor', '')`)
	if text := succeeds(t, "roles", "list", "--config", file); !strings.Contains(text, "admin") || !strings.Contains(text, "editor") {
		t.Errorf("lists %s", text)
	}
	for want, variable := range map[string]string{
		"prefix":         "SOCIAL_TABLE_PREFIX=x y",
		"sqlite_pragmas": "SOCIAL_SQLITE_PRAGMAS=synchronous",
		"no pragma":      "SOCIAL_SQLITE_PRAGMAS=synchronuos=FULL",
		"whole number":   "SOCIAL_DATABASE_CONNECTIONS=many",
	} {
		if text := fails(t, []string{variable}, "roles", "list", "--config", file); !strings.Contains(text, want) {
			t.Errorf("%s: %s", variable, text)
		}
	}
}

func TestUsersAndRoles(t *testing.T) {
	t.Parallel()
	s := serve(t)
	admin := func(stdin string, args ...string) program.Output {
		return program.Run(t, nil, stdin, append(args, "--config", s.file)...)
	}
	ok := func(out program.Output) string {
		t.Helper()
		if out.Code != 0 {
			t.Fatal(out.Stderr)
		}
		return out.Stdout
	}
	ok(admin("", "roles", "create", "admin", "--description", "may do all"))
	ok(admin("", "roles", "create", "editor"))
	if text := ok(admin("", "roles", "list")); !strings.Contains(text, "admin") || !strings.Contains(text, "may do all") || !strings.Contains(text, "editor") {
		t.Errorf("roles: %s", text)
	}
	if text := ok(admin(password+"\n", "users", "create", "ada@example.org", "--username", "ada", "--role", "admin")); !strings.Contains(text, "ada@example.org") {
		t.Errorf("says %s", text)
	}
	ok(admin("", "users", "create", "--email", "bob@example.org", "--password", password, "--inactive"))
	ok(admin("", "users", "create", "cyd@example.org", "--no-password"))
	list := ok(admin("", "users", "list"))
	for _, want := range []string{"ada@example.org", "ada", "admin", "bob@example.org", "false", "cyd@example.org"} {
		if !strings.Contains(list, want) {
			t.Errorf("the list does not say %s:\n%s", want, list)
		}
	}
	for want, out := range map[string]program.Output{
		"already":        admin(password+"\n", "users", "create", "ADA@example.org"),
		"Ada is already": admin(password+"\n", "users", "create", "other@example.org", "--username", "Ada"),
		"valid":          admin(password+"\n", "users", "create", "no address"),
		"Password":       admin("short\n", "users", "create", "short@example.org"),
		"empty":          admin("\n", "users", "create", "empty@example.org"),
		"no such role":   admin(password+"\n", "users", "create", "role@example.org", "--role", "nobody"),
		"missing":        admin("", "users", "create"),
		"user":           admin("", "roles", "grant", "nobody@example.org", "admin"),
		"role":           admin("", "roles", "grant", "ada", "nothing"),
		"exists":         admin("", "roles", "create", "admin"),
	} {
		if out.Code != 1 || !strings.Contains(out.Stderr, want) || strings.Contains(out.Stderr, password) {
			t.Errorf("status %d, want %q in %s", out.Code, want, out.Stderr)
		}
	}

	v := s.visitor()
	v.post("/login", "email", "bob@example.org", "password", password).is(200).says("Account is disabled")
	v.asJSON().post("/login", "email", "bob@example.org", "password", password).problem(401, "inactive")
	ok(admin("", "users", "activate", "bob@example.org"))
	v.post("/login", "email", "bob@example.org", "password", password).is(303)
	ok(admin("", "users", "deactivate", "bob@example.org"))
	if v.user() != "" {
		t.Error("the session of a deactivated user is still valid")
	}

	v = s.visitor()
	v.post("/login", "email", "ada", "password", password).is(303)
	v.get("/session").says(`"roles":["admin"]`)
	ok(admin("", "roles", "grant", "ada", "editor"))
	v.get("/session").says(`"roles":["admin","editor"]`)
	ok(admin("", "roles", "revoke", "ada@example.org", "admin"))
	v.get("/session").says(`"roles":["editor"]`)
}

func TestDemo(t *testing.T) {
	t.Parallel()
	s := &site{T: t}
	listen, database := server.FreeAddress(t), "sqlite:"+filepath.Join(t.TempDir(), "demo.db")
	for round := range 2 { // the second uses the database of the first
		p, address, err := program.Start(t, nil, "Social demo: ", "demo", "--listen", listen, "--providers-listen", "127.0.0.1:0", "--database", database)
		if err != nil {
			t.Fatal(err)
		}
		s.url = address
		if address != "http://"+listen {
			t.Errorf("prints %s, listens at %s", address, listen)
		}
		v := s.visitor()
		v.get("/login?next=/x", "header:Host", strings.Replace(listen, "127.0.0.1", "localhost", 1)).to(307, "/login?next=/x").saysNot("Sign in")
		v.get("/login", "header:Host", "evil.example").is(200)
		page := v.get("/login").is(200)
		for _, id := range []string{"facebook", "twitter", "foursquare", "google", "acme"} {
			page.says(`action="/login/` + id + `"`)
		}
		v.post("/login", "email", "matt@lp.com", "password", "password").to(303, "/profile")
		v.get("/profile").is(200).says("Hello matt@lp.com")
		if round == 0 {
			for _, id := range []string{"facebook", "twitter", "foursquare", "google", "acme"} {
				v.through("/connect/"+id, "matt").to(303, "/profile")
			}
			v.post("/demo/post", "text", "hello").to(303, "/profile")
			v.get("/profile").says("Posted to Twitter", "hello")
		} else if n := len(v.connections()); n != 5 {
			t.Errorf("%d connections, want 5", n)
		}
		s.visitor().through("/login/google", "matt").to(303, "/profile")
		if err := p.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	if text := fails(t, nil, "demo", "--listen", parse(t, serve(t).url).Host); !strings.Contains(text, "address already in use") || !strings.Contains(text, "--listen") {
		t.Errorf("says %s", text)
	}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// configuration reads the configuration file.
func (s *site) configuration() (c settings) {
	s.Helper()
	text, err := os.ReadFile(s.file)
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		s.Fatal(err)
	}
	return c
}
