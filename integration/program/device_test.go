package program_test

import (
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/socialtest"
)

// A command line connects an account, and the user consents in a browser of their own.
func TestConnectByDevice(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"audit_log": true})
	matt := s.signedIn("matt@lp.com")
	s.user("ana@lp.com")
	// add runs the command until it has ended, while the user answers at the provider.
	add := func(id, user, account string, allow bool) (log string, err error) {
		t.Helper()
		p, line, err := program.Start(t, nil, `{"user_code":`, "connections", "add", id, "--device", "--user", user, "--json", "--config", s.file)
		if err != nil {
			t.Fatal(err)
		}
		var shown struct {
			UserCode string `json:"user_code"`
			Complete string `json:"verification_uri_complete"`
		}
		if err := json.Unmarshal([]byte(`{"user_code":`+line), &shown); err != nil {
			t.Fatal(err)
		}
		jar, _ := cookiejar.New(nil)
		if err := socialtest.ConsentDevice(t.Context(), &http.Client{Jar: jar}, shown.Complete, account, allow); err != nil {
			t.Fatal(err)
		}
		err = p.Wait()
		return p.Log(), err
	}
	for _, id := range []string{"hub", "acme"} { // acme's endpoint is discovered
		if log, err := add(id, "matt@lp.com", "matt", true); err != nil {
			t.Fatalf("%s: %v\n%s", id, err, log)
		}
	}
	c := matt.only("hub")
	if c.ProviderUserID != "1001" || c.Status != "active" {
		t.Errorf("got %+v", c)
	}
	if out := succeeds(t, "connections", "check", c.ID, "--config", s.file); !strings.HasPrefix(out, "It works") {
		t.Error(out)
	}
	if rows := s.audited("--event", "connection_created"); len(rows) != 2 || rows[0].Actor.Kind != "program" {
		t.Errorf("the audit log has %+v", rows)
	}

	if log, err := add("hub", "matt@lp.com", "matt", true); err != nil {
		t.Errorf("once more: %v\n%s", err, log)
	}
	if again := matt.only("hub"); again.ID != c.ID {
		t.Errorf("once more made another connection: %+v", again)
	}
	if log, err := add("hub", "ana@lp.com", "matt", true); err == nil || !strings.Contains(log, "another user has connected this account") {
		t.Errorf("an account of another user: %v\n%s", err, log)
	}
	if log, err := add("hub", "ana@lp.com", "ana", false); err == nil || !strings.Contains(log, "the user said no") {
		t.Errorf("refused: %v\n%s", err, log)
	}
	var all []listed
	if err := json.Unmarshal([]byte(succeeds(t, "connections", "list", "--json", "--config", s.file)), &all); err != nil || len(all) != 2 {
		t.Errorf("%d connections, %v", len(all), err)
	}

	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"hub", "--user", "matt@lp.com"}, "say --device"},
		{[]string{"hub", "--device"}, "--user is missing"},
		{[]string{"hub", "--device", "--user", "nobody@lp.com"}, "no such user"},
		{[]string{"facebook", "--device", "--user", "matt@lp.com"}, "facebook has no device authorization endpoint"},
		{[]string{"nowhere", "--device", "--user", "matt@lp.com"}, "nowhere"},
	} {
		if text := fails(t, nil, append([]string{"connections", "add", "--config", s.file}, tt.args...)...); !strings.Contains(text, tt.want) {
			t.Errorf("%v: %s", tt.args, text)
		}
	}
}
