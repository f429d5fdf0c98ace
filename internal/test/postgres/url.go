package postgres

import (
	"context"
	"database/sql"
	"net/url"
	"testing"
	"time"

	"github.com/gosocial/social/internal/test/server"
)

// URL returns the address of a new, empty database, with user and password. The database
// is dropped when the test ends.
func (s *Server) URL(t testing.TB) string {
	t.Helper()
	s.Need(t)
	name := server.DatabaseName()
	s.do(t, "CREATE DATABASE "+name)
	t.Cleanup(func() { s.do(t, "DROP DATABASE "+name+" WITH (FORCE)") })
	return s.url(name)
}

func (s *Server) url(database string) string { return address(s.Address, s.password, database) }

func address(host, password, database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword("postgres", password), Host: host,
		Path: "/" + database, RawQuery: "sslmode=disable"}
	return u.String()
}

func (s *Server) do(t testing.TB, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	db, err := sql.Open("pgx", s.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, statement); err != nil {
		t.Errorf("%s: %v", statement, err)
	}
}
