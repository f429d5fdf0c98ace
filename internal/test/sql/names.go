package sql

import (
	"database/sql"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/storetest"
	"github.com/gosocial/social/vault"
)

// Column returns the rows of a query of one column of texts.
func Column(t *testing.T, db *sql.DB, query string) (list []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		list = append(list, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// Pairs returns the rows of a query for two texts: the first is the key.
func Pairs(t *testing.T, db *sql.DB, query string) map[string]string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			t.Fatal(err)
		}
		all[name] = text
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// wantTables compares the names of all tables, apart from the table of locks, which
// one dialect has.
func (d Database) wantTables(t *testing.T, address string, want ...string) {
	t.Helper()
	got := Column(t, d.pool(t, address), d.Tables)
	got = slices.DeleteFunc(got, func(name string) bool { return strings.HasSuffix(name, "_locks") })
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the tables are %v, want %v", got, want)
	}
}

// folded is a name as the database keeps it.
func (d Database) folded(name string) string {
	if d.Dialect == sqlstore.SQLite {
		return name
	}
	return strings.ToLower(name)
}

// Two prefixes are two schemas in one database. Where the database has no capitals, a
// prefix is the same with and without them.
func prefixes(t *testing.T, d Database) {
	address := d.Address(t)
	one := d.open(t, address, Options{Migrate: true, Prefix: "App_"})
	same := d.open(t, address, Options{Migrate: true, Prefix: d.folded("App_")})
	other := d.open(t, address, Options{Migrate: true})
	want(t, one.InsertUser(t.Context(), accounts.User{ID: "x"}), nil)
	_, err := same.UserByID(t.Context(), "", "x")
	want(t, err, nil)
	_, err = other.UserByID(t.Context(), "", "x")
	want(t, err, accounts.ErrNoUser)
}

var named = sqlstore.Tables{Connections: "Identities", Users: "people", UserRoles: "people_roles", Schema: "identities_version"}

// Tables and indexes have the names that the application gives them.
func tableNames(t *testing.T, d Database) {
	address := d.Address(t)
	s := d.open(t, address, Options{Migrate: true, Prefix: "app_", Tables: named})
	d.wantTables(t, address, d.folded("Identities"), "app_api_tokens", "app_attempts", "app_audit", "app_audit_last", "app_claims", "app_documents", "app_factors", "app_one_time", "app_role_permissions", "app_roles", "app_sessions", "app_tickets",
		"identities_version", "people", "people_roles")
	var all strings.Builder
	for name, text := range d.Definitions(t, d.pool(t, address)) {
		all.WriteString(name + " " + text + "\n")
	}
	for _, index := range []string{"Identities_identity", "people_email", "app_one_time_due"} {
		if !strings.Contains(all.String(), d.folded(index)) {
			t.Errorf("there is no index %s", index)
		}
	}
	Contracts(t, s)
	want(t, s.Migrate(t.Context()), nil)
}

// onlyVault has the powers of a store without accounts.
type onlyVault struct {
	vault.Store
	vault.Transactor
	vault.Lister
}

// A store without accounts keeps connections as any store does and says what it
// lacks. Accounts can be added later.
func connectionsOnly(t *testing.T, d Database) {
	address := d.Address(t)
	s := d.open(t, address, Options{Migrate: true, ConnectionsOnly: true})
	d.wantTables(t, address, "social_audit", "social_audit_last", "social_claims", "social_connections", "social_documents", "social_one_time", "social_schema")
	if status, err := s.Status(t.Context()); err != nil || status.Err() != nil || len(status.Pending) > 0 {
		t.Errorf("status %+v, %v", status, err)
	}
	t.Run("vault", func(t *testing.T) {
		storetest.Vault(t, func(*testing.T) vault.Store { return onlyVault{s, s, s} })
	})
	_, _, unknown := s.SessionUser(t.Context(), "", [32]byte{}, time.Now())
	for _, err := range []error{
		s.InsertUser(t.Context(), accounts.User{ID: "1"}),
		s.InsertRole(t.Context(), accounts.Role{Name: "x"}),
		unknown,
		s.DeleteUser(t.Context(), "", "1"),
	} {
		want(t, err, sqlstore.ErrNoAccounts)
	}
	if _, err := s.Clean(t.Context(), time.Now()); err != nil {
		t.Error(err)
	}

	later := d.open(t, address, Options{})
	wantOlder(t, later)
	want(t, later.Migrate(t.Context()), nil)
	d.wantTables(t, address, "social_api_tokens", "social_attempts", "social_audit", "social_audit_last", "social_claims", "social_connections", "social_documents", "social_one_time", "social_role_permissions", "social_roles",
		"social_factors", "social_schema", "social_sessions", "social_tickets", "social_user_roles", "social_users")
	want(t, later.InsertUser(t.Context(), accounts.User{ID: "1", Email: "a@example.com"}), nil)
	if status, err := s.Status(t.Context()); err != nil || status.Err() != nil {
		t.Errorf("the store without accounts then: %+v, %v", status, err)
	}
}
