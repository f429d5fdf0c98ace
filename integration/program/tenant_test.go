package program_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/program"
)

// The commands for users, roles and connections work on one tenant, and leave the
// others as they are.
func TestTenantsInCommands(t *testing.T) {
	t.Parallel()
	s := serve(t)
	hub := s.pretend.Provider("hub")
	run := func(stdin string, args ...string) program.Output {
		t.Helper()
		return program.Run(t, nil, stdin, append(args, "--config", s.file)...)
	}
	ok := func(stdin string, args ...string) string {
		t.Helper()
		out := run(stdin, args...)
		if out.Code != 0 {
			t.Fatalf("%v: %s%s", args, out.Stdout, out.Stderr)
		}
		return out.Stdout
	}
	refused := func(args ...string) {
		t.Helper()
		if out := run("", args...); out.Code != 1 {
			t.Errorf("%v: status %d, %s", args, out.Code, out.Stdout)
		}
	}

	// users
	if text := ok(password+"\n", "users", "create", "ada@example.org", "--username", "ada", "--tenant", "acme"); !strings.Contains(text, " in tenant acme\n") {
		t.Errorf("says %s", text)
	}
	refused("users", "activate", "ada@example.org")
	if text := ok("", "users", "list"); strings.Contains(text, "ada@") || strings.Contains(text, "TENANT") {
		t.Errorf("the default tenant lists\n%s", text)
	}
	s.visitor().post("/login", "email", "ada@example.org", "password", password).is(200) // refused: the site serves the default tenant
	if text := ok(password+"\n", "users", "create", "ada@example.org", "--username", "ada", "--tenant", "default"); strings.Contains(text, "tenant") {
		t.Errorf("says %s", text)
	}
	ada := s.visitor()
	ada.post("/login", "email", "ada@example.org", "password", password).to(303, "/profile")
	refused("users", "create", "ADA@example.org", "--no-password", "--tenant", "acme")
	ok("", "users", "deactivate", "ada", "--tenant", "acme")
	if text := ok("", "users", "list", "--tenant", "acme"); strings.Count(text, "\n") != 2 || !strings.HasPrefix(text, "TENANT  ID ") || !strings.Contains(text, "\nacme    ") || !strings.Contains(text, "false") {
		t.Errorf("acme lists\n%s", text)
	}
	if text := ok("", "users", "list"); strings.Count(text, "\n") != 2 || !strings.Contains(text, "true") {
		t.Errorf("the default tenant lists\n%s", text)
	}

	// roles
	ok("", "roles", "create", "editor", "--tenant", "acme")
	if text := ok("", "roles", "list"); text != "" {
		t.Errorf("the default tenant has the roles\n%s", text)
	}
	if text := ok("", "roles", "list", "--tenant", "acme"); !strings.HasPrefix(text, "acme  editor") {
		t.Errorf("acme has the roles\n%s", text)
	}
	refused("roles", "grant", "ada", "editor")
	ok("", "roles", "grant", "ada", "editor", "--tenant", "acme")
	ada.get("/session").says(`"roles":[]`)
	refused("roles", "revoke", "ada", "editor", "--tenant", "other")
	ok("", "roles", "revoke", "ada", "editor", "--tenant", "acme")

	// connections: one account at Hub in both tenants
	ada.through("/connect/hub", "ana").to(303, "/profile")
	token := hub.Grant("site-hub", "ana", "read")
	line, err := json.Marshal(map[string]any{"user": "ada", "provider_id": "hub", "provider_user_id": hub.User("ana").Subject,
		"access_token": token.Access.Reveal(), "refresh_token": token.Refresh.Reveal()})
	if err != nil {
		t.Fatal(err)
	}
	if text := ok(string(line), "connections", "import", "--tenant", "acme"); !strings.Contains(text, "1 imported, 0 existed already, 0 failed in tenant acme") {
		t.Errorf("says %s", text)
	}
	type item struct{ ID, User, Tenant string }
	list := func(args ...string) (items []item) {
		t.Helper()
		if err := json.Unmarshal([]byte(ok("", append([]string{"connections", "list", "--json"}, args...)...)), &items); err != nil {
			t.Fatal(err)
		}
		return items
	}
	id := ada.only("hub").ID
	for _, args := range [][]string{nil, {"--user", "ada"}, {"--tenant", "default"}} {
		if all := list(args...); len(all) != 1 || all[0] != (item{id, "ada@example.org", "default"}) {
			t.Errorf("%v: the default tenant has %+v", args, all)
		}
	}
	other := ""
	for _, args := range [][]string{{"--tenant", "acme"}, {"--tenant", "acme", "--user", "ada"}} {
		all := list(args...)
		if len(all) != 1 || all[0].ID == id || all[0].Tenant != "acme" || all[0].User != "ada@example.org" {
			t.Fatalf("%v: acme has %+v", args, all)
		}
		other = all[0].ID
	}
	if text := ok("", "connections", "list", "--tenant", "acme"); !strings.HasPrefix(text, "TENANT  ID ") || !strings.Contains(text, "\nacme    "+other) {
		t.Errorf("acme lists\n%s", text)
	}
	if text := ok("", "connections", "list"); strings.Contains(text, "TENANT") {
		t.Errorf("the default tenant lists\n%s", text)
	}
	for _, command := range []string{"check", "refresh", "remove"} {
		refused("connections", command, other)
		refused("connections", command, id, "--tenant", "acme")
	}
	ok("", "connections", "check", other, "--tenant", "acme")
	if text := ok("", "connections", "refresh", "--all", "--tenant", "acme"); !strings.Contains(text, other) || strings.Contains(text, id) || !strings.Contains(text, "1 refreshed, 0 skipped, 0 failed in tenant acme") {
		t.Errorf("says %s", text)
	}
	if text := ok("", "users", "delete", "ada", "--yes", "--tenant", "acme"); !strings.Contains(text, " in tenant acme with 1 connections") {
		t.Errorf("says %s", text)
	}
	if ada.user() != "ada@example.org" || len(ada.connections()) != 1 {
		t.Error("deleting the user of acme changed the default tenant")
	}
}
