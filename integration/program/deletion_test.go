package program_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/socialtest"
)

// Deleting a user removes their connections and revokes the tokens at the providers.
// A revocation that fails is kept, and the running program repeats it.
func TestUsersDelete(t *testing.T) {
	t.Parallel()
	s := serve(t)
	hub := s.pretend.Provider("hub")
	matt, ana := s.signedIn("matt@lp.com"), s.signedIn("ana@lp.com")
	for _, id := range pretendIDs {
		matt.through("/connect/"+id, "matt").is(303)
	}
	ana.through("/connect/hub", "ana").is(303)
	hub.ServeWith(socialtest.EndpointRevoke, socialtest.Unavailable().Times(1))

	if text := succeeds(t, "users", "delete", "matt@lp.com", "--config", s.file); !strings.Contains(text, "6 connections") {
		t.Errorf("says %s", text)
	}
	if matt.user() != "" {
		t.Error("the session is still valid")
	}
	if n := s.count(`SELECT COUNT(*) FROM social_connections`); n != 1 {
		t.Errorf("%d connections, want ana's alone", n)
	}
	for _, id := range []string{"google", "facebook", "acme"} {
		if p := s.pretend.Provider(id); p.Calls(socialtest.EndpointRevoke) == 0 {
			t.Errorf("%s got no revocation", id)
		}
	}
	waiting := s.count(`SELECT COUNT(*) FROM social_one_time WHERE purpose = 'revoke'`)
	if waiting != 1 {
		t.Errorf("%d pending revocations, want hub's", waiting)
	}
	s.exec(`UPDATE social_one_time SET not_before = 0`)
	start := time.Now()
	for alive := 1; alive > 0; alive, _ = hub.Live("matt") {
		if time.Since(start) > time.Minute {
			t.Fatal("hub's token still works after a minute")
		}
		time.Sleep(100 * time.Millisecond) // the test cannot wait for another process's event
	}
	if alive, _ := hub.Live("ana"); alive == 0 {
		t.Error("ana's token was revoked too")
	}

	fails(t, nil, "users", "delete", "matt@lp.com", "--config", s.file)
	v := s.visitor()
	v.through("/login/hub", "matt").to(303, "/login")
	v.flash("error: Hub account not associated with an existing user")
}

func TestConnectionsCommands(t *testing.T) {
	t.Parallel()
	s := serve(t)
	hub := s.pretend.Provider("hub")
	matt, ana := s.signedIn("matt@lp.com"), s.signedIn("ana@lp.com")
	matt.through("/connect/hub", "matt").is(303)
	matt.through("/connect/twitter", "matt").is(303)
	ana.through("/connect/hub", "ana").is(303)
	run := func(args ...string) program.Output {
		return program.Run(t, nil, "", append(append([]string{"connections"}, args...), "--config", s.file)...)
	}
	type item struct {
		ID, User, Status string
		ProviderID       string  `json:"provider_id"`
		LastError        string  `json:"last_error"`
		ExpiresAt        *string `json:"expires_at"`
	}
	list := func(args ...string) (items []item) {
		t.Helper()
		if err := json.Unmarshal([]byte(run(append(args, "list", "--json")...).Stdout), &items); err != nil {
			t.Fatal(err)
		}
		return items
	}
	if all := list(); len(all) != 3 {
		t.Errorf("%+v", all)
	}
	for _, test := range []struct {
		args []string
		want int
	}{
		{[]string{"--user", "matt@lp.com"}, 2}, {[]string{"--provider", "hub"}, 2}, {[]string{"--status", "active"}, 3},
		{[]string{"--user", "matt@lp.com", "--provider", "hub"}, 1}, {[]string{"--status", "failing"}, 0},
	} {
		if got := list(test.args...); len(got) != test.want {
			t.Errorf("%v lists %+v", test.args, got)
		}
	}
	if text := run("list").Stdout; !strings.Contains(text, "STATUS") || !strings.Contains(text, "matt@lp.com") || strings.Count(text, "\n") != 4 {
		t.Errorf("the table:\n%s", text)
	}
	for _, bad := range [][]string{{"list", "--status", "well"}, {"list", "--user", "nobody@lp.com"}, {"refresh"}, {"refresh", "nothing"}, {"refresh", "x", "--all"}, {"check", "nothing"}} {
		if out := run(bad...); out.Code != 1 || !strings.HasPrefix(out.Stderr, "social: ") {
			t.Errorf("%v: status %d, %s", bad, out.Code, out.Stderr)
		}
	}

	// Twitter's has no refresh token: skipped when flags select it, an error by its ID.
	if out := run("refresh", "--all"); out.Code != 0 || !strings.Contains(out.Stdout, "2 refreshed, 1 skipped, 0 failed") {
		t.Errorf("status %d, %s%s", out.Code, out.Stdout, out.Stderr)
	}
	if out := run("refresh", matt.only("twitter").ID); out.Code != 1 {
		t.Errorf("status %d, %s", out.Code, out.Stdout)
	}
	// The running program uses the tokens that the command has stored.
	id := matt.only("hub").ID
	matt.asJSON().post("/connections/" + id + "/check").is(200)
	if out := run("check", id); out.Code != 0 || !strings.Contains(out.Stdout, "matt") {
		t.Errorf("status %d, %s%s", out.Code, out.Stdout, out.Stderr)
	}

	hub.ServeWith(socialtest.EndpointToken, socialtest.Unavailable())
	if out := run("refresh", id); out.Code != 1 || !strings.Contains(out.Stdout, "503") {
		t.Errorf("status %d, %s", out.Code, out.Stdout)
	}
	hub.ServeWith(socialtest.EndpointToken)
	if failing := list("--status", "failing"); len(failing) != 1 || failing[0].LastError != "transient" {
		t.Errorf("%+v", failing)
	}
	matt.get("/connections").says("The provider does not answer, since ")

	hub.RevokeTokens("matt")
	if out := run("refresh", id); out.Code != 1 {
		t.Errorf("status %d, %s", out.Code, out.Stdout)
	}
	if needs := list("--status", "needs_reauthorization"); len(needs) != 1 || needs[0].LastError != "revoked" {
		t.Errorf("%+v", needs)
	}
	matt.get("/connections").says("The provider has ended the access, since ", "Reconnect")
	if c := matt.only("hub"); c.LastError != "revoked" {
		t.Errorf("%+v", c)
	}
	if out := run("refresh", "--all"); out.Code != 0 || !strings.Contains(out.Stdout, "1 refreshed, 2 skipped") {
		t.Errorf("status %d, %s", out.Code, out.Stdout)
	}
	matt.through("/reconnect/hub", "matt").is(303)
	if c := matt.only("hub"); c.Status != "active" || c.LastError != "" {
		t.Errorf("%+v", c)
	}

	before := hub.Calls(socialtest.EndpointRevoke)
	if out := run("remove", id); out.Code != 0 || hub.Calls(socialtest.EndpointRevoke) == before {
		t.Errorf("status %d, %s%s", out.Code, out.Stdout, out.Stderr)
	}
	if n := len(matt.connections()); n != 1 {
		t.Errorf("%d connections", n)
	}
}
