package mysql_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/internal/test/mariadb"
	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/mysql"
)

// Tables in another database, and one of another name.
func TestTablesElsewhere(t *testing.T) {
	t.Parallel()
	address, elsewhere := databases.URL(t), databases.URL(t)
	name := elsewhere[strings.LastIndex(elsewhere, "/")+1:]
	s := open(t, address, mysql.Prefix(name+".auth_"), mysql.Tables(sqlstore.Tables{Users: name + ".Everybody", Connections: "identities"}))
	for where, want := range map[string]string{
		address:   "identities",
		elsewhere: "auth_api_tokens auth_attempts auth_audit auth_audit_last auth_claims auth_documents auth_factors auth_locks auth_one_time auth_roles auth_role_permissions auth_schema auth_sessions auth_tickets auth_user_roles everybody",
	} {
		if got := strings.Join(sqltest.Column(t, mariadb.Database(t, where), tables+" ORDER BY 1"), " "); got != want {
			t.Errorf("the tables are %s, want %s", got, want)
		}
	}
	sqltest.Contracts(t, s)
	if err := s.Migrate(t.Context()); err != nil {
		t.Error(err)
	}
}

// Migrate waits until another process has migrated, or until its context ends.
func TestMigrateWaits(t *testing.T) {
	t.Parallel()
	address := databases.URL(t)
	conn, err := mariadb.Database(t, address).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var got int
	err = conn.QueryRowContext(t.Context(), `SELECT GET_LOCK(CONCAT('social.', SHA2(CONCAT(DATABASE(), '.', 'social_schema'), 224)), 0)`).Scan(&got)
	if err != nil || got != 1 {
		t.Fatalf("the lock: %d, %v", got, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := mysql.Open(ctx, address, mysql.Migrate()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want %v", err, context.DeadlineExceeded)
	}
	waited := make(chan error, 1)
	go func() {
		s, err := mysql.Open(t.Context(), address, mysql.Migrate())
		if err == nil {
			err = s.Close()
		}
		waited <- err
	}()
	select {
	case err := <-waited:
		t.Errorf("it did not wait: %v", err)
	case <-time.After(500 * time.Millisecond):
	}
	if _, err := conn.ExecContext(t.Context(), `DO RELEASE_ALL_LOCKS()`); err != nil {
		t.Fatal(err)
	}
	if err := <-waited; err != nil {
		t.Error(err)
	}
}

// Each statement is committed by itself, and a process may end after any of them.
func TestMigrateAfterAnyStatement(t *testing.T) {
	t.Parallel()
	whole := databases.URL(t)
	s := open(t, whole)
	want := definitions(t, mariadb.Database(t, whole))
	if status, err := s.Status(t.Context()); err != nil || status.Err() != nil {
		t.Fatalf("%+v, %v", status, err)
	}
	for done := 0; ; done++ {
		address := databases.URL(t)
		s, err := mysql.Open(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		plan, err := s.Plan(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var statements []string
		for _, step := range plan {
			statements = append(statements, step.Statements...)
		}
		for _, statement := range statements[:done] {
			run(t, address, statement)
		}
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatalf("after %d statements: %v", done, err)
		}
		sqltest.StepsOnce(t, mariadb.Database(t, address))
		if got := definitions(t, mariadb.Database(t, address)); !maps.Equal(got, want) {
			t.Errorf("after %d statements the schema is %q, want %q", done, got, want)
		}
		if done == len(statements) {
			break
		}
	}
}
