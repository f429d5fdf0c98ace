package program_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/program"
)

// What an operator does for a user: show, confirm, sign out, set a password.
func TestUsersCommands(t *testing.T) {
	t.Parallel()
	s := serve(t)
	run := func(input string, args ...string) program.Output {
		t.Helper()
		return program.Run(t, nil, input, append(append([]string{"users"}, args...), "--config", s.file)...)
	}
	ok := func(input string, args ...string) string {
		t.Helper()
		out := run(input, args...)
		if out.Code != 0 {
			t.Errorf("users %v: status %d, %s", args, out.Code, out.Stderr)
		}
		return out.Stdout
	}
	succeeds(t, "roles", "create", "admin", "--description", "may do all", "--config", s.file)
	ok(password+"\n", "create", "matt@lp.com", "--username", "matt", "--role", "admin")
	matt := s.visitor()
	matt.post("/login", "email", "matt", "password", password).to(303, "/profile")

	type shown struct {
		Tenant, ID, Email, Username string
		Active                      bool
		EmailVerifiedAt             *string `json:"email_verified_at"`
		HasPassword                 bool    `json:"has_password"`
		Roles                       []string
		Logins, Sessions            int
		LastLoginAt                 *string `json:"last_login_at"`
	}
	show := func() (u shown) {
		t.Helper()
		if err := json.Unmarshal([]byte(ok("", "show", "MATT@lp.com", "--json")), &u); err != nil {
			t.Fatal(err)
		}
		return u
	}
	if u := show(); u.Tenant != "default" || u.ID == "" || u.Email != "matt@lp.com" || u.Username != "matt" || !u.Active || u.EmailVerifiedAt != nil ||
		!u.HasPassword || strings.Join(u.Roles, " ") != "admin" || u.Logins != 1 || u.Sessions != 1 || u.LastLoginAt == nil {
		t.Errorf("shows %+v", u)
	}
	if text := ok("", "show", "matt"); !strings.Contains(text, "Password") || strings.Contains(text, "argon2") || !strings.Contains(text, "matt@lp.com") {
		t.Errorf("shows\n%s", text)
	}
	var list []shown
	if err := json.Unmarshal([]byte(ok("", "list", "--json")), &list); err != nil || len(list) != 1 || list[0].Email != "matt@lp.com" {
		t.Errorf("lists %+v, %v", list, err)
	}
	if text := ok("", "list"); !strings.Contains(text, "USERNAME") || !strings.Contains(text, "matt@lp.com") {
		t.Errorf("lists\n%s", text)
	}
	succeeds(t, "permissions", "grant", "admin", "users.read", "--config", s.file)
	succeeds(t, "roles", "create", "clerk", "--permission", "files.read", "--permission", "users.read", "--config", s.file)
	succeeds(t, "permissions", "revoke", "clerk", "files.read", "--config", s.file)
	wantRoles := `[{"name":"admin","description":"may do all","permissions":["users.read"]},{"name":"clerk","description":"","permissions":["users.read"]}]`
	if got := compactJSON(t, succeeds(t, "roles", "list", "--json", "--config", s.file)); got != wantRoles {
		t.Errorf("roles %s, want %s", got, wantRoles)
	}
	wantPermissions := `[{"permission":"users.read","roles":["admin","clerk"]}]`
	if got := compactJSON(t, succeeds(t, "permissions", "list", "--json", "--config", s.file)); got != wantPermissions {
		t.Errorf("permissions %s, want %s", got, wantPermissions)
	}
	if text := succeeds(t, "permissions", "list", "--config", s.file); strings.TrimSpace(text) != "users.read  admin, clerk" {
		t.Errorf("permissions\n%s", text)
	}
	if out := program.Run(t, nil, "", "permissions", "grant", "missing", "users.read", "--config", s.file); out.Code != 1 || !strings.Contains(out.Stderr, "no such role") {
		t.Errorf("a missing role: %d %s", out.Code, out.Stderr)
	}

	ok("", "confirm", "matt")
	if u := show(); u.EmailVerifiedAt == nil || u.Sessions != 1 {
		t.Errorf("after confirm %+v", u)
	}
	ok("", "end-sessions", "matt")
	if matt.user() != "" || show().Sessions != 0 {
		t.Error("still signed in")
	}
	matt.post("/login", "email", "matt", "password", password).to(303, "/profile")
	if out := run("short\n", "set-password", "matt"); out.Code != 1 || !strings.Contains(out.Stderr, "at least 8 characters") || matt.user() == "" {
		t.Errorf("a short password: status %d, %s", out.Code, out.Stderr)
	}
	if out := run("", "set-password", "matt"); out.Code != 1 || !strings.Contains(out.Stderr, "the password is empty") {
		t.Errorf("no password: status %d, %s", out.Code, out.Stderr)
	}
	ok("battery staple\n", "set-password", "matt")
	if matt.user() != "" {
		t.Error("still signed in after the change")
	}
	matt.asJSON().post("/login", "email", "matt", "password", password).problem(401, "bad_credentials")
	matt.post("/login", "email", "matt", "password", "battery staple").to(303, "/profile")
	for _, command := range []string{"show", "confirm", "end-sessions", "set-password"} {
		if out := run("x\n", command, "nobody@lp.com"); out.Code != 1 || !strings.Contains(out.Stderr, "no such user") {
			t.Errorf("users %s nobody: status %d, %s", command, out.Code, out.Stderr)
		}
	}
}

// Commands that change something print it as JSON with --json: the user, the role, or who was
// deleted.
func TestChangesAsJSON(t *testing.T) {
	t.Parallel()
	s := serve(t)
	type printed struct {
		ID, Email, Name string
		Active          bool
		EmailVerifiedAt *string `json:"email_verified_at"`
		DeletionAt      *string `json:"deletion_at"`
		Roles           []string
		Permissions     []string
		Sessions        int
		Connections     *int
	}
	id := ""
	for _, c := range []struct {
		command, input string
		ok             func(p printed) bool
	}{
		{"roles create admin", "", func(p printed) bool { return p.Name == "admin" && len(p.Permissions) == 0 }},
		{"permissions grant admin files.read", "", func(p printed) bool { return p.Name == "admin" && strings.Join(p.Permissions, " ") == "files.read" }},
		{"permissions revoke admin files.read", "", func(p printed) bool { return p.Name == "admin" && len(p.Permissions) == 0 }},
		{"users create matt@lp.com", password + "\n", func(p printed) bool { id = p.ID; return p.Active && p.EmailVerifiedAt == nil && len(p.Roles) == 0 }},
		{"users confirm matt@lp.com", "", func(p printed) bool { return p.EmailVerifiedAt != nil }},
		{"users deactivate matt@lp.com", "", func(p printed) bool { return !p.Active }},
		{"users activate matt@lp.com", "", func(p printed) bool { return p.Active }},
		{"users set-password matt@lp.com", "battery staple\n", func(p printed) bool { return p.Active }},
		{"users reset-factors matt@lp.com", "", func(p printed) bool { return p.Active }},
		{"users end-sessions matt@lp.com", "", func(p printed) bool { return p.Sessions == 0 }},
		{"roles grant matt@lp.com admin", "", func(p printed) bool { return strings.Join(p.Roles, " ") == "admin" }},
		{"roles revoke matt@lp.com admin", "", func(p printed) bool { return len(p.Roles) == 0 }},
		{"users delete matt@lp.com --grace", "", func(p printed) bool { return p.DeletionAt != nil && p.Connections != nil }},
		{"users undelete matt@lp.com", "", func(p printed) bool { return p.DeletionAt == nil }},
		{"users delete matt@lp.com", "", func(p printed) bool { return p.DeletionAt == nil && p.Connections != nil }},
	} {
		out := program.Run(t, nil, c.input, append(strings.Fields(c.command), "--json", "--config", s.file)...)
		var p printed
		if err := json.Unmarshal([]byte(out.Stdout), &p); out.Code != 0 || err != nil || !c.ok(p) || p.Name == "" && (p.Email != "matt@lp.com" || p.ID != id) {
			t.Errorf("%s: status %d, %v\n%s%s", c.command, out.Code, err, out.Stdout, out.Stderr)
		}
	}
}

func compactJSON(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, []byte(text)); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return out.String()
}
