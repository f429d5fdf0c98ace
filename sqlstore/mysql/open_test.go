package mysql_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/test/mariadb"
	"github.com/gosocial/social/internal/test/server"
	"github.com/gosocial/social/sqlstore/mysql"
)

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	host := server.FreeAddress(t)
	closed := "mysql://ann:CANARY@" + host + "/app"
	for what, tt := range map[string]struct{ address, says string }{
		"no server listens":     {closed, "opening app on 127.0.0.1:"},
		"no server, in DSN":     {"ann:CANARY@tcp(" + host + ")/app", "opening app on 127.0.0.1:"},
		"no such socket":        {"mysql://ann:CANARY@localhost/app?socket=/nowhere/socket", "opening app on /nowhere/socket: "},
		"no host of the name":   {"mysql://ann:CANARY@db.invalid/app", "opening app on db.invalid:3306: "},
		"a bad port":            {"mysql://ann:CANARY@localhost:CANARY/app", "malformed"},
		"a bad escape":          {"mysql://ann:CANARY%zz@localhost/app", "malformed"},
		"an unescaped sign":     {"mysql://ann:CAN#ARY@localhost/app", "malformed"},
		"an unescaped slash":    {"mysql://ann:/CANARY@localhost/app", "malformed"},
		"a slash and digits":    {"mysql://ann:12/CANARY@localhost/app", "malformed"},
		"unreadable settings":   {"mysql://ann@localhost/app?timeout=1s;tls=true", "malformed"},
		"an unreadable value":   {"mysql://ann@localhost/app?tls=tru%zz", "malformed"},
		"no host":               {"mysql:///app", "names no host"},
		"no database":           {"mysql://ann:CANARY@localhost", "names no database"},
		"no database, in DSN":   {"ann:CANARY@tcp(localhost)/", "names no database"},
		"words":                 {"host=localhost user=ann password=CANARY", "malformed"},
		"another kind":          {"postgres://ann:CANARY@localhost/app", "malformed"},
		"a bad setting":         {"mysql://ann@localhost/app?timeout=soon", "duration"},
		"with a password":       {"mysql://ann:CANARY@localhost/app?timeout=soon", "malformed"},
		"a bad setting, in DSN": {"ann:CANARY@tcp(localhost)/app?timeout=soon", "malformed"},
		"password as setting":   {"mysql://ann@localhost/app?password=CANARY", "malformed"},
		"an unknown TLS":        {"mysql://ann@localhost/app?tls=perhaps", "perhaps"},
		"nothing":               {"", "malformed"},
	} {
		s, err := mysql.Open(t.Context(), tt.address)
		if err == nil {
			s.Close()
			t.Errorf("%s: no error", what)
		} else if text := err.Error(); !strings.HasPrefix(text, "mysql: ") || !strings.Contains(text, tt.says) ||
			strings.Contains(text, "CANARY") || strings.Contains(text, "ARY@") {
			t.Errorf("%s: %v", what, err)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := mysql.Open(ended, closed); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
}

func TestOpenIsRefused(t *testing.T) {
	t.Parallel()
	address := databases.URL(t)
	change := func(f func(*url.URL)) string {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		f(u)
		return u.String()
	}
	query := func(q string) string { return change(func(u *url.URL) { u.RawQuery = q }) }
	for what, tt := range map[string]struct {
		address, says string
		opts          []mysql.Option
	}{
		"the wrong password":  {change(func(u *url.URL) { u.User = url.UserPassword("social", "CANARY") }), "Error 1045", nil},
		"an unknown user":     {change(func(u *url.URL) { u.User = url.UserPassword("ann", "CANARY") }), "Error 1045", nil},
		"no such database":    {change(func(u *url.URL) { u.Path = "/nowhere" }), "nowhere", nil},
		"no TLS there":        {query("tls=true"), "TLS", nil},
		"an unknown variable": {query("sslmode=disable"), "sslmode", nil},
		"three-byte texts":    {query("charset=utf8mb3"), "utf8mb3, not utf8mb4", nil},
		"another charset":     {query("collation=latin1_swedish_ci"), "latin1, not utf8mb4", nil},
		"a bad prefix":        {address, "a-b", []mysql.Option{mysql.Prefix("a-b")}},
	} {
		s, err := mysql.Open(t.Context(), tt.address, tt.opts...)
		if err == nil {
			s.Close()
			t.Errorf("%s: no error", what)
		} else if text := err.Error(); !strings.Contains(text, tt.says) || strings.Contains(text, "CANARY") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// The forms of an address lead to the same database.
func TestAddresses(t *testing.T) {
	t.Parallel()
	address := databases.URL(t)
	if err := open(t, address).InsertUser(t.Context(), accounts.User{ID: "x"}); err != nil {
		t.Fatal(err)
	}
	for what, other := range map[string]string{
		"mariadb":        "mariadb" + strings.TrimPrefix(address, "mysql"),
		"with a query":   address + "?timeout=5s&collation=utf8mb4_general_ci",
		"the driver's":   mariadb.DSN(t, address, ""),
		"and a setting":  mariadb.DSN(t, address, "timeout=5s"),
		"without TLS":    address + "?tls=false",
		"plain variable": address + "?lock_wait_timeout=100",
	} {
		s, err := mysql.Open(t.Context(), other)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if _, err := s.UserByID(t.Context(), "", "x"); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		s.Close()
	}
}
