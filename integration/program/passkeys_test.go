package program_test

import (
	"strings"
	"testing"

	"github.com/gosocial/social/integration/program"
)

// Passkeys are on where browsers have them, off otherwise or when turned off, and the
// doctor and the log say where browsers have none.
func TestPasskeySettings(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change settings
		on     bool
		log    string
	}{
		"localhost":     {settings{"app_url": "http://localhost:9"}, true, ""},
		"an IP address": {settings{}, false, "127.0.0.1 is an IP address"},
		"turned off":    {settings{"app_url": "http://localhost:9", "passkeys": false}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, tt.change)
			if options := s.visitor().asJSON().post("/passkeys/options"); tt.on {
				options.is(200).says(`"rpId":"localhost"`)
			} else {
				options.problem(404, "turned_off")
			}
			out := program.Run(t, nil, "", "doctor", "--config", s.file)
			if said := strings.Contains(out.Stdout, "passkeys: they are off: they are for a domain, and "+tt.log); said != (tt.log != "") {
				t.Errorf("the doctor says:\n%s", out.Stdout)
			}
			if log := s.process.Log(); strings.Contains(log, "passkeys are off") != (tt.log != "") || !strings.Contains(log, tt.log) {
				t.Errorf("the log says:\n%s", log)
			}
		})
	}
	env := []string{"SOCIAL_KEYS=" + sealingKey, "SOCIAL_DATABASE=sqlite::memory:", "SOCIAL_APP_URL=https://app.example.com"}
	for domain, want := range map[string]string{"example.com": "", "example.org": "passkey_domain ", "ple.com": "passkey_domain "} {
		out := program.Run(t, append(env, "SOCIAL_PASSKEY_DOMAIN="+domain), "", "doctor")
		if failed := strings.Contains(out.Stderr, "passkey_domain"); failed != (want != "") || !strings.Contains(out.Stderr, want) || strings.Contains(out.Stdout, "passkeys: ") {
			t.Errorf("%s:\n%s%s", domain, out.Stdout, out.Stderr)
		}
	}
}
