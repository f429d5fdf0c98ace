package program_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/gosocial/social/integration/program"
	"github.com/gosocial/social/internal/test/mariadb"
	"github.com/gosocial/social/internal/test/server"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/socialtest"
)

const (
	sealingKey = "c29jaWFsIHRlc3RzLCBvcGVuIHRvIGV2ZXJ5Ym9keSE="
	password   = "a rather long passphrase"
)

func TestMain(m *testing.M) { program.Main(m) }

// settings are the keys and values of a configuration file.
type settings map[string]any

// A site is the running program, with pretend providers on another port.
type site struct {
	*testing.T
	url     string
	file    string // the configuration
	data    string // the database: a SQLite file or a URL
	pretend *socialtest.Server
	process *program.Process
}

// pretendIDs are the pretend providers of a site, unless its settings have others.
var pretendIDs = []string{"facebook", "twitter", "foursquare", "google", "acme", "hub"}

// serve runs the program with the defaults of these tests and the given changes. A
// key "env:NAME" sets an environment variable.
func serve(t *testing.T, change ...settings) *site {
	t.Helper()
	s := &site{T: t, pretend: socialtest.Start(t)}
	dir := t.TempDir()
	s.file, s.data = filepath.Join(dir, "social.yaml"), filepath.Join(dir, "social.db")
	for attempt := 0; ; attempt++ {
		address := server.FreeAddress(t)
		s.url = "http://" + address
		c := s.defaults(address, change)
		var env []string
		for _, layer := range change {
			for key, value := range layer {
				if name, ok := strings.CutPrefix(key, "env:"); ok {
					env = append(env, name+"="+value.(string))
				} else if url, ok := value.(string); ok && key == "database" && !strings.HasPrefix(url, "sqlite:") {
					c[key], s.data = url, url
				} else if value == nil {
					delete(c, key)
				} else {
					c[key] = value
				}
			}
		}
		s.write(c)
		var err error
		s.process, _, err = program.Start(t, env, "Social serves ", "serve", "--config", s.file)
		if err == nil {
			break
		}
		if attempt == 3 || !strings.Contains(err.Error(), "address already in use") {
			t.Fatal(err)
		}
	}
	s.process.StopWithTest()
	return s
}

// restart serves at the same address with another configuration.
func (s *site) restart(c settings) {
	s.Helper()
	if err := s.process.Stop(); err != nil {
		s.Fatal(err)
	}
	s.write(c)
	s.restartStopped()
}

// restartStopped serves again after the process was stopped.
func (s *site) restartStopped() {
	s.Helper()
	var err error
	if s.process, _, err = program.Start(s.T, nil, "Social serves ", "serve", "--config", s.file); err != nil {
		s.Fatal(err)
	}
	s.process.StopWithTest()
}

func (s *site) defaults(address string, change []settings) settings {
	prefix := ""
	for _, layer := range change {
		if p, ok := layer["url_prefix"].(string); ok {
			prefix = p
		}
	}
	providers := settings{}
	for _, id := range pretendIDs {
		providers[id] = s.provider(id, prefix)
	}
	return settings{
		"app_url": "http://" + address, "listen": address, "database": "sqlite:" + s.data,
		"keys": []string{sealingKey}, "allow_private_addresses": true, "providers": providers,
	}
}

// provider registers the site at a pretend provider and returns its settings.
func (s *site) provider(id, prefix string) settings {
	p := s.pretend.Provider(id)
	uris := []string{s.url + prefix + "/callback/" + id, s.url + prefix + "/login/" + id, s.url + prefix + "/connect/" + id}
	creds := p.Register(socialtest.App{ClientID: "site-" + id, RedirectURIs: uris})
	c := settings{"consumer_key": creds.ClientID, "consumer_secret": creds.ClientSecret.Reveal()}
	if issuer := p.Issuer(); issuer != "" {
		c["issuer"] = issuer
	}
	if p.Protocol() != oauth.ProtocolOIDC {
		endpoints := settings{}
		e := p.Endpoints()
		for name, address := range map[string]string{
			"request_token": e.RequestToken, "authorize": e.Authorize, "token": e.Token,
			"userinfo": e.UserInfo, "revoke": e.Revoke, "api": e.API, "device_authorization": e.DeviceAuthorization,
		} {
			if address != "" {
				endpoints[name] = address
			}
		}
		c["endpoints"] = endpoints
	}
	switch id {
	case "acme":
		c["type"], c["name"] = "oidc", "Acme"
	case "hub":
		c["type"], c["name"], c["scopes"] = "oauth2", "Hub", []string{"read", "email"}
		c["profile"] = settings{
			"id": "id", "email": "mail", "email_verified": "mail_verified", "display_name": "login",
			"name": "display.name", "image": "avatar_url", "link": "html_url",
		}
	}
	return c
}

// write writes the configuration as JSON, which is YAML too.
func (s *site) write(c settings) {
	s.Helper()
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		s.Fatal(err)
	}
	if err := os.WriteFile(s.file, text, 0o600); err != nil {
		s.Fatal(err)
	}
}

// count returns the number that a query selects.
func (s *site) count(query string, args ...any) int {
	s.Helper()
	var n int
	s.query(&n, query, args...)
	return n
}

func (s *site) query(into any, query string, args ...any) {
	s.Helper()
	db := s.open()
	defer db.Close()
	if err := db.QueryRow(s.withPlaceholders(query), args...).Scan(into); err != nil {
		s.Fatalf("%s: %v", query, err)
	}
}

func (s *site) exec(query string, args ...any) {
	s.Helper()
	db := s.open()
	defer db.Close()
	if _, err := db.Exec(s.withPlaceholders(query), args...); err != nil {
		s.Fatalf("%s: %v", query, err)
	}
}

func (s *site) onPostgreSQL() bool { return strings.HasPrefix(s.data, "postgres:") }

// withPlaceholders replaces a query's ? by the placeholders of the database.
func (s *site) withPlaceholders(query string) string {
	if !s.onPostgreSQL() {
		return query
	}
	n := 0
	return regexp.MustCompile(`\?`).ReplaceAllStringFunc(query, func(string) string { n++; return fmt.Sprint("$", n) })
}

func (s *site) open() *sql.DB {
	s.Helper()
	driver, source := "sqlite", "file:"+s.data+"?_pragma=busy_timeout(10000)"
	switch {
	case s.onPostgreSQL():
		driver, source = "pgx", s.data
	case strings.HasPrefix(s.data, "mysql:"):
		driver, source = "mysql", mariadb.DSN(s, s.data, "")
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		s.Fatal(err)
	}
	return db
}

// user creates an account with the address, verified, and the password of the tests.
func (s *site) user(email string) {
	s.Helper()
	out := program.Run(s.T, nil, password+"\n", "users", "create", email, "--verified", "--config", s.file)
	if out.Code != 0 {
		s.Fatalf("creating %s: %s", email, out.Stderr)
	}
}

// succeeds runs a command that must succeed, and returns its output.
func succeeds(t *testing.T, args ...string) string {
	t.Helper()
	out := program.Run(t, nil, "", args...)
	if out.Code != 0 {
		t.Fatalf("social %s: status %d\n%s", strings.Join(args, " "), out.Code, out.Stderr)
	}
	return out.Stdout
}

// fails runs a command that must fail, and returns its error message, which is at the
// end of standard error.
func fails(t *testing.T, env []string, args ...string) string {
	t.Helper()
	out := program.Run(t, env, "", args...)
	if out.Code != 1 {
		t.Fatalf("social %s: status %d, want 1\n%s%s", strings.Join(args, " "), out.Code, out.Stdout, out.Stderr)
	}
	i := strings.LastIndex("\n"+out.Stderr, "\nsocial: ")
	if i < 0 {
		t.Fatalf("the error does not begin with the program's name: %s", out.Stderr)
	}
	return out.Stderr[i+len("social: "):]
}
