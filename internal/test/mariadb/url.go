package mariadb

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
	t.Cleanup(func() { s.do(t, "DROP DATABASE "+name) })
	u := url.URL{Scheme: "mysql", User: url.UserPassword("social", s.password), Host: s.Address, Path: "/" + name}
	return u.String()
}

// DSN turns an address of URL into the driver's form, with settings as in a query.
func DSN(t testing.TB, address, settings string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.User.String() + "@tcp(" + u.Host + ")" + u.Path + "?" + settings
}

// Database opens the database at an address of URL without a store.
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
