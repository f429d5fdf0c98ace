package postgres_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/internal/test/server"
	"github.com/gosocial/social/sqlstore/postgres"
	"github.com/gosocial/social/vault"
)

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	host := server.FreeAddress(t)
	closed := "postgres://ann:CANARY@" + host + "/app"
	for what, tt := range map[string]struct{ address, says string }{
		"no server listens":   {closed, "opening app on 127.0.0.1: "},
		"no host of the name": {"postgres://ann:CANARY@db.invalid/app", "db.invalid"},
		"a bad port":          {"postgres://ann:CANARY@localhost:CANARY/app", "malformed"},
		"a bad escape":        {"postgres://ann:CANARY%zz@localhost/app", "malformed"},
		"an unescaped sign":   {"postgres://ann:CAN#ARY@localhost/app", "malformed"},
		"an unescaped slash":  {"postgres://ann:/CANARY@localhost/app", "malformed"},
		"a slash and digits":  {"postgres://ann:12/CANARY@localhost/app", "malformed"},
		"no URL":              {"host=localhost user=ann password=CANARY", "malformed"},
		"another kind":        {"mysql://ann:CANARY@localhost/app", "malformed"},
		"a bad setting":       {"postgres://ann@localhost/app?sslmode=perhaps", "sslmode"},
		"with a password":     {"postgres://ann:CANARY@localhost/app?sslmode=perhaps", "malformed"},
		"password as setting": {"postgres://ann@localhost/app?sslmode=perhaps&password=CANARY", "malformed"},
		"nothing":             {"", "malformed"},
		"a bad mode":          {closed + "?default_query_exec_mode=CANARY", "malformed"},
	} {
		s, err := postgres.Open(t.Context(), tt.address)
		if err == nil {
			s.Close()
			t.Errorf("%s: no error", what)
		} else if text := err.Error(); !strings.HasPrefix(text, "postgres: ") || !strings.Contains(text, tt.says) ||
			strings.Contains(text, "CANARY") || strings.Contains(text, "ARY@") {
			t.Errorf("%s: %v", what, err)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := postgres.Open(ended, closed); !errors.Is(err, context.Canceled) {
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
	for what, tt := range map[string]struct {
		address, says string
		opts          []postgres.Option
	}{
		"the wrong password": {change(func(u *url.URL) { u.User = url.UserPassword("postgres", "CANARY") }), "28P01", nil},
		"no such database":   {change(func(u *url.URL) { u.Path = "/nowhere" }), "3D000", nil},
		"no TLS there":       {change(func(u *url.URL) { u.RawQuery = "sslmode=require" }), "TLS", nil},
		"a bad prefix":       {address, "a-b", []postgres.Option{postgres.Prefix("a-b")}},
	} {
		s, err := postgres.Open(t.Context(), tt.address, tt.opts...)
		if err == nil {
			s.Close()
			t.Errorf("%s: no error", what)
		} else if text := err.Error(); !strings.Contains(text, tt.says) || strings.Contains(text, "CANARY") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestOpenWantsUTF8(t *testing.T) {
	t.Parallel()
	address := databases.URL(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Path += "_latin"
	run(t, address, "CREATE DATABASE "+u.Path[1:]+" TEMPLATE template0 ENCODING LATIN1")
	if _, err := postgres.Open(t.Context(), u.String()); err == nil || !strings.Contains(err.Error(), "LATIN1, not UTF8") {
		t.Errorf("error %v", err)
	}
}

func TestStatementTimeout(t *testing.T) {
	t.Parallel()
	url := databases.URL(t)
	for name, test := range map[string]struct {
		url  string
		opts []postgres.Option
		want string
	}{
		"by default": {url, nil, "30s"},
		"by option":  {url, []postgres.Option{postgres.StatementTimeout(1500 * time.Millisecond)}, "1500ms"},
		"none":       {url, []postgres.Option{postgres.StatementTimeout(0)}, "0"},
		"by URL":     {url + "&statement_timeout=2500", nil, "2500ms"},
		"pooler":     {url, []postgres.Option{postgres.ThroughPooler()}, "0"},
	} {
		s := open(t, test.url, test.opts...)
		err := s.InTx(t.Context(), func(ctx context.Context) error {
			tx, _ := s.Tx(ctx)
			var got string
			err := tx.QueryRowContext(ctx, `SHOW statement_timeout`).Scan(&got)
			if got != test.want {
				t.Errorf("%s: %s, want %s", name, got, test.want)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}

	// A statement that waits for a lock is given up, and its connection can be used again.
	patient, hasty := open(t, url), open(t, url, postgres.StatementTimeout(2*time.Second), postgres.Connections(1))
	c := vault.Connection{ID: "1", UserID: "1", ProviderID: "hub", ProviderUserID: "1", Version: 1}
	if _, err := patient.Insert(t.Context(), c, nil); err != nil {
		t.Fatal(err)
	}
	err := patient.InTx(t.Context(), func(ctx context.Context) error {
		if err := patient.Update(ctx, c, nil); err != nil {
			return err
		}
		if err := hasty.Update(t.Context(), c, nil); err == nil || errors.Is(err, vault.ErrStale) {
			t.Errorf("who waited for a lock got %v", err)
		}
		_, err := hasty.Version(t.Context(), "1")
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
