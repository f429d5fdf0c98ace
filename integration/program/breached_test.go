package program_test

import (
	"crypto/sha1"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/internal/test/server"
)

// A breached password is refused wherever a new one is set, and a service that fails
// stops nobody.
func TestBreachedPasswords(t *testing.T) {
	t.Parallel()
	var down atomic.Bool
	list := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, "0018A45C4D1DEF81644B54AB7F969B88D65:2\r\n")
		for _, known := range []string{"pass the salt", "password"} {
			if digits := fmt.Sprintf("%X", sha1.Sum([]byte(known))); r.URL.Path == "/range/"+digits[:5] {
				fmt.Fprintf(w, "%s:3\r\n", digits[5:])
			}
		}
	}))
	t.Cleanup(list.Close)
	operators := server.FreeAddress(t)
	s := serve(t, settings{"breached_passwords": true, "breached_passwords_address": list.URL, "metrics_listen": operators})
	const says = "Password on breached list: choose another"

	v := s.visitor()
	v.post("/register", "email", "ana@lp.com", "password", "pass the salt", "password_confirm", "pass the salt").is(200).says(says)
	v.asJSON().post("/register", "email", "ana@lp.com", "password", "pass the salt", "password_confirm", "pass the salt").says(says)
	out := program.Run(t, nil, "pass the salt\n", "users", "create", "ana@lp.com", "--config", s.file)
	if out.Code == 0 || !strings.Contains(out.Stderr, says) {
		t.Errorf("users create: %+v", out)
	}
	doctor := func(want string) {
		t.Helper()
		if out := program.Run(t, nil, "", "doctor", "--config", s.file); !strings.Contains(out.Stdout, want) {
			t.Errorf("doctor does not say %q:\n%s", want, out.Stdout)
		}
	}
	doctor("ok     breached_passwords: " + list.URL + " answers")

	down.Store(true)
	doctor("wrong  breached_passwords: breached: asking " + list.URL + ": status 503")
	v = s.visitor()
	v.post("/register", "email", "ana@lp.com", "password", "pass the salt", "password_confirm", "pass the salt").to(303, "/profile")
	if !s.process.Logged("event=user_password_unchecked") || !s.process.Logged("status 503") {
		t.Error("the log does not say that the service failed")
	}
	resp, err := http.Get("http://" + operators + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if metrics, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(metrics), `event="user_password_unchecked"`) {
		t.Errorf("%v, metrics do not count it", err)
	}
}

func TestBreachedPasswordsAddress(t *testing.T) {
	t.Parallel()
	for address, wrong := range map[string]bool{"https://passwords.lp.com": false, "http://passwords.lp.com": true, "passwords.lp.com": true} {
		file := t.TempDir() + "/social.yaml"
		writeFile(t, file, "keys: ["+sealingKey+"]\ndatabase: 'sqlite::memory:'\nbreached_passwords: true\nbreached_passwords_address: "+address+"\n")
		out := program.Run(t, nil, "", "users", "list", "--config", file)
		if says := strings.Contains(out.Stderr, "breached_passwords_address must be an https address"); says != wrong || (out.Code != 0) != wrong {
			t.Errorf("%s: %+v", address, out)
		}
	}
}
