package program_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/internal/test/server"
)

// A transcript is a command of a page of the documentation, and the answer shown below it.
type transcript struct {
	line    int
	command string
	answer  string // JSON with … for what differs; "" where none is shown
}

// transcriptsIn reads the commands of a page: indented blocks that begin with curl or social.
func transcriptsIn(t *testing.T, page string) (list []transcript) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	block, line := "", 0
	end := func() {
		switch {
		case strings.HasPrefix(block, "curl ") || strings.HasPrefix(block, "social "):
			list = append(list, transcript{line: line, command: block})
		case strings.HasPrefix(block, "{") && len(list) > 0:
			list[len(list)-1].answer = block
		}
		block = ""
	}
	for n, l := range strings.Split(string(text), "\n") {
		rest, indented := strings.CutPrefix(l, "    ")
		if !indented {
			end()
			continue
		}
		if block == "" {
			line = n + 1
		}
		block += rest + "\n"
	}
	end()
	return list
}

// matches says where an answer differs from the one shown: in its members, or in a value
// without …. Numbers may differ, and a list may have more elements than are shown.
func matches(shown, got any, at string) error {
	switch shown := shown.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok || !slices.Equal(slices.Sorted(maps.Keys(shown)), slices.Sorted(maps.Keys(object))) {
			return fmt.Errorf("%s has %v, not %v", at, got, slices.Sorted(maps.Keys(shown)))
		}
		for name := range shown {
			if err := matches(shown[name], object[name], at+"."+name); err != nil {
				return err
			}
		}
	case []any:
		list, ok := got.([]any)
		for _, want := range shown {
			if !ok || !slices.ContainsFunc(list, func(element any) bool { return matches(want, element, at) == nil }) {
				return fmt.Errorf("%s has none like %v: %v", at, want, got)
			}
		}
	case string:
		text, ok := got.(string)
		if digits := strings.Trim(shown, "0123456789") == ""; !ok || !digits && !strings.Contains(shown, "…") && text != shown {
			return fmt.Errorf("%s is %v, not %q", at, got, shown)
		}
	case float64:
		if _, ok := got.(float64); !ok {
			return fmt.Errorf("%s is %v, not a number", at, got)
		}
	}
	return nil
}

// The commands of the page of the gateway do what it says, with the answers that it shows.
func TestTranscriptsOfTheGateway(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"gateway": true, "audit_log": true, "gateway_listen": server.FreeAddress(t)})
	s.user("matt@lp.com")
	owner := s.visitor()
	owner.post("/login", "email", "matt@lp.com", "password", password).to(303, "/profile")
	owner.through("/connect/google", "matt")
	var mine struct{ User struct{ ID string } }
	owner.asJSON().get("/session").into(&mine)
	var made struct{ ID, Secret string }
	if err := json.Unmarshal([]byte(succeeds(t, "clients", "create", "jobs", "--scopes", "tenant:default provider:* token proxy connections:read", "--json", "--config", s.file)), &made); err != nil {
		t.Fatal(err)
	}
	address, _ := s.configuration()["gateway_listen"].(string)
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {made.ID}, "client_secret": {made.Secret}}
	_, own := s.gateway(t, "POST", "/oauth/token", "", form)
	token, _ := own["access_token"].(string)
	list := transcriptsIn(t, "../../docs/gateway.md")
	answered := 0
	for _, tt := range list {
		command := strings.NewReplacer("127.0.0.1:8082", address, " update ID ", " update "+made.ID+" ", "--config social.yaml", "").Replace(tt.command)
		cmd := exec.CommandContext(t.Context(), "bash", "-euc", `social() { "$PROGRAM" "$@" --config "$FILE"; }; `+command)
		cmd.Env = append(os.Environ(), "PROGRAM="+program.Path(t), "FILE="+s.file, "ID="+made.ID, "SECRET="+made.Secret, "TOKEN="+token, "USER="+mine.User.ID, "NEXT=0")
		out, err := cmd.Output()
		if err != nil {
			t.Errorf("docs/gateway.md:%d: %v\n%s", tt.line, err, tt.command)
			continue
		}
		if tt.answer == "" {
			continue
		}
		answered++
		var shown, got any
		if err := json.Unmarshal([]byte(tt.answer), &shown); err != nil {
			t.Errorf("docs/gateway.md:%d: the answer shown is no JSON: %v", tt.line, err)
		} else if err := json.Unmarshal(out, &got); err != nil {
			t.Errorf("docs/gateway.md:%d: the answer is no JSON: %v: %s", tt.line, err, out)
		} else if err := matches(shown, got, "the answer"); err != nil {
			t.Errorf("docs/gateway.md:%d: %v", tt.line, err)
		}
	}
	if len(list) < 7 || answered < 3 {
		t.Errorf("the page has %d commands, %d of them with an answer", len(list), answered)
	}
}
