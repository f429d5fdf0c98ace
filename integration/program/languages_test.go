package program_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/internal/test/server"
)

// languages are the examples that use the gateway from other languages: what runs each, and its
// file.
var languages = map[string][]string{
	"Python": {"python3", "python/gateway.py"},
	"Node":   {"node", "node/gateway.mjs"},
	"PHP":    {"php", "php/gateway.php"},
}

// example runs an example, and returns what it prints.
func example(t *testing.T, language string, env []string, stdin string, args ...string) string {
	t.Helper()
	how := languages[language]
	runner, err := exec.LookPath(how[0])
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is missing, which scripts/test installs", how[0])
		}
		t.Skipf("%s is missing: the example in %s is not run", how[0], language)
	}
	cmd := exec.CommandContext(t.Context(), runner, append([]string{filepath.Join("../../examples", how[1])}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin = strings.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", language, err, out, stderr.String())
	}
	return string(out)
}

// Programs in other languages act for users with nothing but their own HTTP client.
func TestOtherLanguages(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"gateway": true, "audit_log": true, "gateway_listen": server.FreeAddress(t)})
	s.user("matt@lp.com")
	owner := s.visitor()
	owner.post("/login", "email", "matt@lp.com", "password", password).to(303, "/profile")
	owner.through("/connect/hub", "matt")
	var mine struct{ User struct{ ID string } }
	owner.asJSON().get("/session").into(&mine)
	var made struct{ ID, Secret string }
	if err := json.Unmarshal([]byte(succeeds(t, "clients", "create", "jobs", "--scopes", "tenant:default provider:* token proxy connections:read", "--json", "--config", s.file)), &made); err != nil {
		t.Fatal(err)
	}
	address, _ := s.configuration()["gateway_listen"].(string)
	env := []string{"GATEWAY=http://" + address, "CLIENT_ID=" + made.ID, "CLIENT_SECRET=" + made.Secret}
	for language := range languages {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			out := example(t, language, env, "", mine.User.ID, "hub", "/user")
			for _, want := range []string{"hub: active\n", "proxy: 200 matt\n", "token: yes\n", "event: user.created\n", "event: connection.created\n"} {
				if !strings.Contains(out, want) {
					t.Errorf("it does not print %q:\n%s", want, out)
				}
			}
			out = example(t, language, env, "", mine.User.ID, "google", "/x")
			for _, want := range []string{"proxy: 404 not_connected\n", "google: not_connected", "token: no\n"} {
				if !strings.Contains(out, want) {
					t.Errorf("without a connection it does not print %q:\n%s", want, out)
				}
			}

			key := bytes.Repeat([]byte("k"), 32)
			secret, body := "whsec_"+base64.StdEncoding.EncodeToString(key), `{"type":"connection.created"}`
			signed := func(id string, at time.Time) []string {
				timestamp := strconv.FormatInt(at.Unix(), 10)
				mac := hmac.New(sha256.New, key)
				mac.Write([]byte(id + "." + timestamp + "." + body))
				return []string{"verify", secret, id, timestamp, "v1,AAAA v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))}
			}
			good := signed("evt_1", time.Now())
			for name, tt := range map[string]struct {
				args []string
				body string
				want string
			}{
				"genuine":        {good, body, "genuine\n"},
				"another body":   {good, body + " ", "forged\n"},
				"another ID":     {append(append([]string{}, good[:2]...), "evt_2", good[3], good[4]), body, "forged\n"},
				"an old one":     {signed("evt_1", time.Now().Add(-10*time.Minute)), body, "forged\n"},
				"another secret": {append([]string{"verify", "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("x"), 32))}, good[2:]...), body, "forged\n"},
			} {
				if got := example(t, language, nil, tt.body, tt.args...); got != tt.want {
					t.Errorf("%s: %q, want %q", name, got, tt.want)
				}
			}
		})
	}
}
