package program_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/socialtest"
)

// eventually tries for a bit more than the five seconds in which a change takes hold.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(6 * time.Second); !holds(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within the time: %s", what)
		}
	}
}

// What a command changes of an application at a provider takes hold in two processes that
// serve, without a restart: it is there, its credentials are rotated while connections of the
// client before are refreshed, it is out of use, and it is gone.
func TestAppsInSeveralProcesses(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) { t.Parallel(); appsInSeveralProcesses(t, settings{}) })
	onServers(t, func(t *testing.T, database string) { appsInSeveralProcesses(t, settings{"database": database}) })
}

func appsInSeveralProcesses(t *testing.T, change settings) {
	change["audit_log"] = true
	c := serveAll(t, 2, change)
	acme := c.pretend.Provider("acme")
	register := func(client string) string {
		return acme.Register(socialtest.App{ClientID: client, RedirectURIs: []string{c.url + "/callback/own"}}).ClientSecret.Reveal()
	}
	first, second := register("first"), register("second")
	run := func(env []string, stdin string, args ...string) string {
		t.Helper()
		out := program.Run(t, env, stdin, append(args, "--config", c.file)...)
		if out.Code != 0 {
			t.Fatalf("%v: %s%s", args, out.Stdout, out.Stderr)
		}
		for _, text := range []string{first, second} {
			if strings.Contains(out.Stdout+out.Stderr, text) {
				t.Errorf("%v prints a secret", args)
			}
		}
		return out.Stdout
	}
	owner := c.signedIn("ann@lp.com")
	status := func(d *node) int { return owner.at(d).asJSON().post("/connect/own").status }
	for _, d := range c.nodes {
		if got := status(d); got != 404 {
			t.Fatalf("before it is there: %d", got)
		}
	}

	var made struct {
		ID          string
		Credentials []struct {
			ClientID  string  `json:"client_id"`
			RetiredAt *string `json:"retired_at"`
		}
	}
	create := []string{"apps", "create", "--provider", "own", "--type", "oidc", "--parameter", "issuer=" + acme.Issuer(), "--parameter", "name=Our own", "--client-id", "first", "--json"}
	if err := json.Unmarshal([]byte(run(nil, first+"\n", create...)), &made); err != nil || made.ID != "default.own" {
		t.Fatal(made, err)
	}
	for _, d := range c.nodes {
		eventually(t, "it is there", func() bool { return status(d) == 200 })
	}
	c.visitor().at(c.nodes[1]).get("/login").says("Our own")
	owner.through("/connect/own", "matt").to(303, "/profile")
	check := "/connections/" + owner.only("own").ID + "/check"

	// Rotated: new flows have the second client, the connection keeps the first.
	if err := json.Unmarshal([]byte(run([]string{"SOCIAL_CLIENT_SECRET=" + second}, "", "apps", "update", made.ID, "--add-credentials", "--client-id", "second", "--json")), &made); err != nil || len(made.Credentials) != 2 || made.Credentials[0].ClientID != "second" {
		t.Fatal(made, err)
	}
	for _, d := range c.nodes {
		eventually(t, "new flows have the second client", func() bool {
			return strings.Contains(c.visitor().at(d).begin("/login/own"), "client_id=second")
		})
		acme.ExpireTokens("matt")
		before := acme.Calls(socialtest.EndpointToken)
		owner.at(d).asJSON().post(check).is(200)
		if acme.Calls(socialtest.EndpointToken) == before {
			t.Error("it was not refreshed")
		}
	}
	if text := run(nil, "", "apps", "update", made.ID, "--retire-credentials"); !strings.Contains(text, "first") || !strings.Contains(text, "retired") {
		t.Errorf("says %s", text)
	}
	for _, d := range c.nodes {
		eventually(t, "the connection of a retired client is not refreshed", func() bool {
			acme.ExpireTokens("matt")
			return owner.at(d).asJSON().post(check).status != 200
		})
	}

	run(nil, "", "apps", "update", made.ID, "--disable")
	for _, d := range c.nodes {
		eventually(t, "it is out of use", func() bool { return status(d) == 404 })
	}
	run(nil, "", "apps", "update", made.ID, "--enable")
	for _, d := range c.nodes {
		eventually(t, "it is back", func() bool { return status(d) == 200 })
	}
	if text := run(nil, "", "apps", "list"); !strings.Contains(text, "default.own") || !strings.Contains(text, "second") {
		t.Errorf("lists %s", text)
	}
	run(nil, "", "apps", "delete", made.ID)
	for _, d := range c.nodes {
		eventually(t, "it is gone", func() bool { return status(d) == 404 })
	}
	for file, content := range c.files() {
		if strings.Contains(string(content), first) || strings.Contains(string(content), second) {
			t.Errorf("%s has a secret", file)
		}
	}
	changes := 0
	for _, row := range c.audited() {
		if row.Event == "provider_app_changed" {
			changes++
		}
	}
	if changes != 6 {
		t.Errorf("%d rows in the audit log", changes)
	}
}

// What is wrong with what someone enters is said by the command.
func TestMistakesInApps(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for name, test := range map[string]struct {
		args []string
		says string
	}{
		"no tenant":      {[]string{"--tenant", "acme", "--provider", "google", "--client-id", "c"}, "no such tenant"},
		"no provider":    {[]string{"--client-id", "c"}, "--provider is missing"},
		"no client":      {[]string{"--provider", "google"}, "--client-id is missing"},
		"not known":      {[]string{"--provider", "gogle", "--client-id", "c"}, "needs a type"},
		"no issuer":      {[]string{"--provider", "own", "--type", "oidc", "--client-id", "c"}, "issuer"},
		"not NAME=VALUE": {[]string{"--provider", "own", "--parameter", "x", "--client-id", "c"}, "NAME=VALUE"},
	} {
		out := program.Run(t, []string{"SOCIAL_CLIENT_SECRET=CANARY"}, "", append([]string{"apps", "create", "--config", s.file}, test.args...)...)
		if out.Code != 1 || !strings.Contains(out.Stderr, test.says) || strings.Contains(out.Stderr, "CANARY") {
			t.Errorf("%s: %d %s", name, out.Code, out.Stderr)
		}
	}
	if out := program.Run(t, nil, "", "apps", "create", "--config", s.file, "--provider", "google", "--client-id", "c"); out.Code != 1 || !strings.Contains(out.Stderr, "SOCIAL_CLIENT_SECRET") {
		t.Errorf("without a secret: %s", out.Stderr)
	}
	if made := succeeds(t, "tenants", "create", "acme", "--name", "Acme", "--verified-domain", "acme.example", "--color", "#204080", "--config", s.file); !strings.Contains(made, "acme.example (verified)") {
		t.Errorf("says %s", made)
	}
	fails(t, nil, "tenants", "create", "acme", "--config", s.file)
	if shown := succeeds(t, "tenants", "update", "acme", "--domain", "more.example", "--redirect-origin", "https://app.acme.example", "--config", s.file); !strings.Contains(shown, "acme.example (verified)") || !strings.Contains(shown, "more.example (not verified") || !strings.Contains(shown, "https://app.acme.example") {
		t.Errorf("says %s", shown)
	}
	if list := succeeds(t, "tenants", "list", "--config", s.file); !strings.Contains(list, "acme.example") {
		t.Errorf("lists %s", list)
	}
	succeeds(t, "tenants", "delete", "acme", "--config", s.file)
	if text := fails(t, nil, "tenants", "show", "acme", "--config", s.file); !strings.Contains(text, "no such tenant") {
		t.Errorf("says %s", text)
	}
}
