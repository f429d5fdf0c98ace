package program_test

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"os/user"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/integration/program"
)

// An auditedRow is an element of social audit list --json.
type auditedRow struct {
	At     time.Time `json:"at"`
	Event  string    `json:"event"`
	Tenant string    `json:"tenant"`
	UserID string    `json:"user_id"`
	Actor  struct {
		Kind string `json:"kind"`
		ID   string `json:"id"`
	} `json:"actor"`
	Address   string         `json:"address"`
	UserAgent string         `json:"user_agent"`
	Details   map[string]any `json:"details"`
}

// audited returns what the log has, the latest first.
func (s *site) audited(args ...string) (rows []auditedRow) {
	s.Helper()
	out := program.Run(s.T, nil, "", append([]string{"audit", "list", "--json", "--config", s.file}, args...)...)
	if out.Code != 0 {
		s.Fatal(out.Stderr)
	}
	if err := json.Unmarshal([]byte(out.Stdout), &rows); err != nil {
		s.Fatalf("%v in %s", err, out.Stdout)
	}
	return rows
}

func namesOf(rows []auditedRow) (names []string) {
	for _, r := range rows {
		names = append(names, r.Event)
	}
	return names
}

// With audit_log the program keeps who did what to which account, from where, and shows it.
func TestAuditLog(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"audit_log": true})
	run := func(args ...string) string {
		t.Helper()
		out := program.Run(t, nil, password+"\n", append(args, "--config", s.file)...)
		if out.Code != 0 {
			t.Fatal(out.Stderr)
		}
		return out.Stdout
	}
	run("users", "create", "matt@lp.com")
	run("users", "create", "joe@lp.com")
	v := s.visitor()
	v.asJSON().post("/login", "email", "matt@lp.com", "password", "CANARY-wrong").problem(401, "bad_credentials")
	v.asJSON().post("/login", "email", "matt@lp.com", "password", password).is(200)
	v.asJSON().post("/change-username", "username", "matt").is(200)

	all := s.audited()
	want := []string{"user_username_changed", "user_logged_in", "user_login_failed", "user_created", "user_created"}
	if got := namesOf(all); !slices.Equal(got, want) {
		t.Fatalf("recorded: %v, want %v", got, want)
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	id := all[0].UserID
	for i, want := range []struct{ kind, id, address string }{
		{"user", id, "127.0.0.1"}, {"user", id, "127.0.0.1"}, {"visitor", "", "127.0.0.1"}, {"program", me.Username, ""},
	} {
		if got := all[i]; got.Actor.Kind != want.kind || got.Actor.ID != want.id || got.Address != want.address || got.Tenant != "default" {
			t.Errorf("%s is by %+v from %q, want %+v", got.Event, got.Actor, got.Address, want)
		}
	}
	if id == "" || all[1].UserAgent == "" || all[1].Details["via"] != "password" || time.Since(all[1].At) > time.Hour {
		t.Errorf("the log-in is %+v", all[1])
	}
	if text := run("audit", "list"); strings.Contains(text, "CANARY") || strings.Count(text, "\n") != 6 || !strings.Contains(text, "themselves") {
		t.Errorf("audit list prints\n%s", text)
	}
	for what, args := range map[string][]string{
		"user_username_changed user_logged_in user_login_failed user_created": {"--user", "matt@lp.com"},
		"user_created user_created": {"--event", "user_created"},
		"user_login_failed":         {"--user", id, "--event", "user_login_failed", "--since", "1h"},
		"user_username_changed":     {"--limit", "1"},
		"":                          {"--tenant", "blue"},
	} {
		if got := strings.Join(namesOf(s.audited(args...)), " "); got != what {
			t.Errorf("%v: %q, want %q", args, got, what)
		}
	}
	if got := s.audited("--since", time.Now().Add(time.Hour).Format(time.RFC3339)); len(got) != 0 {
		t.Errorf("%d rows in an hour", len(got))
	}
	for _, args := range [][]string{{"--since", "soon"}, {"--limit", "0"}, {"--user", "nobody@lp.com"}} {
		if out := program.Run(t, nil, "", append([]string{"audit", "list", "--config", s.file}, args...)...); out.Code == 0 {
			t.Errorf("%v is taken", args)
		}
	}
}

// --follow prints what happens from now on, too.
func TestAuditFollow(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"audit_log": true})
	if out := program.Run(t, nil, password+"\n", "users", "create", "matt@lp.com", "--config", s.file); out.Code != 0 {
		t.Fatal(out.Stderr)
	}
	cmd := exec.CommandContext(t.Context(), program.Path(t), "audit", "list", "--follow", "--json", "--config", s.file)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	next := func() (r auditedRow) {
		t.Helper()
		if !lines.Scan() {
			t.Fatal("the program ended")
		}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := next(); r.Event != "user_created" {
		t.Errorf("the first line is %+v", r)
	}
	v := s.visitor()
	for range 3 { // each after the other was printed: it follows
		v.asJSON().post("/login", "email", "matt@lp.com", "password", password).is(200)
		if r := next(); r.Event != "user_logged_in" {
			t.Errorf("a line is %+v", r)
		}
	}
	cmd.Process.Signal(os.Interrupt)
	if err := cmd.Wait(); err != nil {
		t.Errorf("the program does not end well: %v", err)
	}
}

// Without audit_log nothing is recorded, and the command says so.
func TestAuditOff(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if out := program.Run(t, nil, password+"\n", "users", "create", "matt@lp.com", "--config", s.file); out.Code != 0 {
		t.Fatal(out.Stderr)
	}
	s.visitor().asJSON().post("/login", "email", "matt@lp.com", "password", password).is(200)
	out := program.Run(t, nil, "", "audit", "list", "--json", "--config", s.file)
	if out.Code != 0 || strings.TrimSpace(out.Stdout) != "[]" || !strings.Contains(out.Stderr, "audit_log") {
		t.Errorf("%d: %s\n%s", out.Code, out.Stdout, out.Stderr)
	}
}
