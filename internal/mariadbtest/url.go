package mariadbtest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// URL returns the address, with the password, of an empty database that is the
// test's own.
func (s *Server) URL(t testing.TB) string {
	t.Helper()
	if s.missing != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(s.missing)
		}
		t.Skip(s.missing)
	}
	name := "test_" + strings.ToLower(rand.Text())
	s.do(t, "CREATE DATABASE "+name)
	t.Cleanup(func() { s.do(t, "DROP DATABASE "+name) })
	u := url.URL{Scheme: "mysql", User: url.UserPassword("social", s.password), Host: s.address, Path: "/" + name}
	return u.String()
}

func (s *Server) do(t testing.TB, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	db := s.open()
	defer db.Close()
	if _, err := db.ExecContext(ctx, statement); err != nil {
		t.Errorf("%s: %v", statement, err)
	}
}
