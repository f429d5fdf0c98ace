package program_test

import (
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
	var roles []map[string]string
	if err := json.Unmarshal([]byte(succeeds(t, "roles", "list", "--json", "--config", s.file)), &roles); err != nil || len(roles) != 1 || roles[0]["name"] != "admin" || roles[0]["description"] != "may do all" {
		t.Errorf("roles %v, %v", roles, err)
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
