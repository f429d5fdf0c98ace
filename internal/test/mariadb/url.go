package mariadb

import (
	"context"
	"database/sql"
	"net/url"
	"testing"
	"time"

	"github.com/gosocial/social/internal/test/server"
)

// URL returns the address, with the password, of an empty database that is the
// test's own.
func (s *Server) URL(t testing.TB) string {
	t.Helper()
	s.Need(t)
	name := server.DatabaseName()
	s.do(t, "CREATE DATABASE "+name)
	t.Cleanup(func() { s.do(t, "DROP DATABASE "+name) })
	u := url.URL{Scheme: "mysql", User: url.UserPassword("social", s.password), Host: s.Address, Path: "/" + name}
	return u.String()
}

// DSN is the address of URL, with settings, as the driver writes it.
func DSN(t testing.TB, address, settings string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.User.String() + "@tcp(" + u.Host + ")" + u.Path + "?" + settings
}

// Database opens the database of URL for statements that are not a store's.
func Database(t testing.TB, address string) *sql.DB {
	t.Helper()
	db, err := sql.Open("mysql", DSN(t, address, ""))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func (s *Server) do(t testing.TB, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	db := open(s.Address, s.password)
	defer db.Close()
	if _, err := db.ExecContext(ctx, statement); err != nil {
		t.Errorf("%s: %v", statement, err)
	}
}
