package program_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/internal/test/server"
)

// metrics returns the address of the site's metrics.
func (s *site) metrics() string {
	s.Helper()
	address, _ := s.configuration()["metrics_listen"].(string)
	return "http://" + address
}

// Metrics tell a stranger who uses the site, so the public address has none.
func TestMetricsAreOfOperatorsAlone(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"metrics_listen": server.FreeAddress(t)})
	v := s.visitor()
	v.get("/metrics").is(404)
	v.get(s.metrics()+"/metrics").is(200).says("# TYPE go_goroutines gauge").has("X-Content-Type-Options", "nosniff")
	v.get(s.metrics() + "/login").is(404)
	serve(t).visitor().get("/metrics").is(404)

	metrics := server.FreeAddress(t)
	p, address, err := program.Start(t, nil, "Social demo: ", "demo", "--listen", "127.0.0.1:0", "--providers-listen", "127.0.0.1:0", "--metrics-listen", metrics)
	if err != nil {
		t.Fatal(err)
	}
	p.StopWithTest()
	demo := &site{T: t, url: address}
	demo.visitor().get("/metrics").is(404)
	demo.visitor().get("http://" + metrics + "/metrics").is(200)
}

// Files that the program makes are its user's alone, whatever the umask, and those that
// others may open are named.
func TestFilesArePrivate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "social.db")
	env := []string{"SOCIAL_KEYS=" + sealingKey, "SOCIAL_DATABASE=sqlite:" + data, "SOCIAL_LISTEN=127.0.0.1:0"}
	start := func() *program.Process {
		t.Helper()
		p, _, err := program.StartCommand(t, env, "Social serves ", exec.Command("sh", "-c", `umask 0; exec "$0" serve`, program.Path(t)))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := start()
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 3 {
		t.Fatalf("%d files, want those of a database in use: %v", len(list), err)
	}
	for _, entry := range list {
		if info, err := entry.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", entry.Name(), info.Mode(), err)
		}
	}
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(p.Log(), "chmod") {
		t.Errorf("the log says %s", p.Log())
	}

	for mode, level := range map[fs.FileMode]string{0o640: "note ", 0o644: "wrong"} {
		if err := os.Chmod(data, mode); err != nil {
			t.Fatal(err)
		}
		out := program.Run(t, env, "", "doctor")
		if want := level + "  database: " + fmt.Sprintf("%s has mode %04o", data, mode); !strings.Contains(out.Stdout, want) {
			t.Errorf("doctor does not say %q:\n%s", want, out.Stdout)
		}
		p := start()
		if !p.Logged("chmod 600 " + data) {
			t.Errorf("the log does not name a file of mode %o", mode)
		}
		p.Stop()
	}
}

// A key that anybody can guess is refused at every place of the list, by serve and by
// doctor; the commands that replace it work.
func TestGuessableKeys(t *testing.T) {
	t.Parallel()
	raw := func(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
	counting := make([]byte, 32)
	for i := range counting {
		counting[i] = byte(i)
	}
	keys := map[string]string{
		"zeros": raw(make([]byte, 32)), "one byte": raw(bytes.Repeat([]byte("k"), 32)), "0 to 31": raw(counting),
		"digits": raw([]byte("01234567890123456789012345678901")), "hexadecimal": raw([]byte("0123456789abcdef0123456789abcdef")),
		"a word":                raw([]byte("change-me!change-me!change-me!ch")),
		"in the URL's alphabet": base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{0xff}, 32)),
		"the demo's":            "c29jaWFsIGRlbW8sIG9wZW4gdG8gZXZlcnlib2R5ISE=",
	}
	for path, key := range publishedKeys(t) {
		keys[path] = key
	}
	for name, key := range keys {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := "SOCIAL_DATABASE=sqlite:" + filepath.Join(t.TempDir(), "social.db")
			for _, list := range []string{key, sealingKey + "," + key} {
				env := []string{"SOCIAL_KEYS=" + list, database, "SOCIAL_LISTEN=127.0.0.1:0"}
				text := fails(t, env, "serve")
				if !strings.Contains(text, "keys: key ") || !strings.Contains(text, "social keys new") || strings.Contains(text, key) {
					t.Errorf("serve says %s", text)
				}
				if out := program.Run(t, env, "", "doctor"); out.Code != 1 || !strings.Contains(out.Stdout, "wrong  keys: key ") {
					t.Errorf("doctor: status %d\n%s", out.Code, out.Stdout)
				}
			}
			succeeds(t, "version")
			if out := program.Run(t, []string{"SOCIAL_KEYS=" + sealingKey + "," + key, database}, "", "keys", "reseal"); out.Code != 0 {
				t.Errorf("the key cannot be replaced: %s", out.Stderr)
			}
		})
	}
}

// publishedKeys returns the keys in our documentation and examples.
func publishedKeys(t *testing.T) map[string]string {
	t.Helper()
	keys := map[string]string{}
	pattern := regexp.MustCompile(`[A-Za-z0-9+/_-]{43}=`)
	for _, root := range []string{"../../README.md", "../../docs", "../../examples", "../../cmd/social/internal/demo"} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".md") && !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".yaml") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, key := range pattern.FindAllString(string(text), -1) {
				keys[path] = key
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(keys) == 0 {
		t.Error("no key is found in the examples, where one is")
	}
	return keys
}

// Every answer tells browsers what it may do, errors and health checks included, and on
// https that the site is reached by https alone.
func TestGuardHeaders(t *testing.T) {
	t.Parallel()
	const year = "max-age=31536000"
	for name, c := range map[string]struct {
		change settings
		hsts   string
	}{
		"http":      {settings{}, ""},
		"https":     {settings{"app_url": "https://app.example.com"}, year},
		"hsts off":  {settings{"app_url": "https://app.example.com", "hsts": false}, ""},
		"http hsts": {settings{"hsts": true}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, c.change)
			v := s.visitor()
			check := func(r *reply) {
				t.Helper()
				r.has("X-Content-Type-Options", "nosniff").has("Strict-Transport-Security", c.hsts)
				if !strings.Contains(r.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") || r.header.Get("Referrer-Policy") == "" {
					t.Errorf("%s: %v", r.what, r.header)
				}
			}
			for _, path := range []string{"/", "/login", "/profile", "/healthz", "/readyz", "/nowhere", "/connections", "/session", "/callback/hub",
				"/callback/nobody", "/metrics", "/static/nothing", "//login", "/login/../x", "/healthz/"} {
				check(v.get(path))
				check(v.asJSON().get(path))
				check(v.do("PATCH", path))
			}
			check(v.post("/login", "email", "x", "header:Sec-Fetch-Site", "cross-site").is(403))
			check(v.post("/backchannel-logout/google").is(400))
			check(v.post("/login", "email", strings.Repeat("x", 100<<10)))
			s.exec(`ALTER TABLE social_sessions RENAME TO elsewhere`)
			check(v.get("/profile", "header:Cookie", "session=x; __Host-session=x"))
			s.exec(`ALTER TABLE social_connections RENAME TO elsewhere2`)
			check(v.get("/readyz").is(503))
		})
	}
}

// The log shows who failed to log in, and from where, but nothing that was typed.
func TestRefusedLogInsAreLogged(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"throttle": settings{"login_account": 2}, "trusted_proxies": []string{"127.0.0.1"}})
	s.user("matt@lp.com")
	s.user("gone@lp.com")
	succeeds(t, "users", "deactivate", "gone@lp.com", "--config", s.file)
	v := s.visitor()
	v.post("/login", "email", "gone@lp.com", "password", password, "header:X-Forwarded-For", "192.0.2.1")
	v.post("/login", "email", "typed-by-mistake", "password", "SECRET-CANARY", "header:X-Forwarded-For", "192.0.2.2")
	for range 3 {
		v.post("/login", "email", "matt@lp.com", "password", "SECRET-CANARY", "header:X-Forwarded-For", "192.0.2.3")
	}
	for _, want := range [][]string{
		{"event=user_login_failed", "address=192.0.2.1", "reason=", "active"},
		{"event=user_login_failed", "address=192.0.2.2", "reason="},
		{"event=user_login_failed", "address=192.0.2.3", "user=", "reason="},
		{"event=user_locked", "address=192.0.2.3", "until="},
		{"event=user_throttled", "address=192.0.2.3", "retry_after="},
	} {
		if !s.process.LoggedLine(want...) {
			t.Errorf("no line of the log has %q:\n%s", want, s.process.Log())
		}
	}
	if log := s.process.Log(); strings.Contains(log, "CANARY") || strings.Contains(log, "typed-by-mistake") {
		t.Error("the log has what was typed")
	}
}

// The demo, whose password is published, says what it means when other machines reach
// it.
func TestDemoOnAllAddresses(t *testing.T) {
	t.Parallel()
	for listen, warns := range map[string]bool{"0.0.0.0:0": true, ":0": true, "127.0.0.1:0": false, "localhost:0": false} {
		p, address, err := program.Start(t, nil, "Social demo: ", "demo", "--listen", listen)
		if err != nil {
			t.Fatal(err)
		}
		p.StopWithTest()
		if warns != p.LoggedLine("level=WARN", "all addresses", "--listen 127.0.0.1:8080") {
			t.Errorf("--listen %s says %s", listen, p.Log())
		}
		s := &site{T: t, url: address}
		s.visitor().get("/login").is(200)
	}
	if text := fails(t, nil, "demo", "--listen", "192.0.2.1:0"); !strings.Contains(text, "--listen") || !strings.Contains(text, "no address of this machine") {
		t.Errorf("an address of elsewhere: %s", text)
	}
}
