package mysql_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/internal/test/mariadb"
	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/mysql"
)

// run runs an application's own statement.
func run(t *testing.T, address, statement string) {
	t.Helper()
	if _, err := mariadb.Database(t, address).ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// texts are the rows of a query of one column.
func texts(t *testing.T, address, query string) (list []string) {
	t.Helper()
	rows, err := mariadb.Database(t, address).QueryContext(t.Context(), query)
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

func TestMigrate(t *testing.T) {
	t.Parallel()
	s, err := mysql.Open(t.Context(), databases.URL(t), mysql.Connections(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	sqltest.Migrated(t, s)
}

func TestNewerSchema(t *testing.T) {
	t.Parallel()
	sqltest.NewerSchema(t, databases.URL(t), migrate)
}

func migrate(ctx context.Context, address string) (*sqlstore.Store, error) {
	return mysql.Open(ctx, address, mysql.Migrate(), mysql.Connections(1))
}

func TestMigrateByTenStores(t *testing.T) {
	t.Parallel()
	for range 3 {
		address := databases.URL(t)
		sqltest.TenStores(t, address, migrate)
		sqltest.SteppedOnce(t, mariadb.Database(t, address))
	}
}

func TestMigrateByTenProcesses(t *testing.T) {
	t.Parallel()
	address := databases.URL(t)
	sqltest.TenProcesses(t, address)
	sqltest.SteppedOnce(t, mariadb.Database(t, address))
}

// A process may be killed while it brings the schema up.
func TestMigrateAfterKilledProcesses(t *testing.T) {
	t.Parallel()
	address := databases.URL(t)
	sqltest.KilledProcesses(t, address)
	open(t, address)
	sqltest.SteppedOnce(t, mariadb.Database(t, address))
}

// Whoever migrates waits for another who does, and no longer than the context.
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
	if _, err := migrate(ctx, address); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want %v", err, context.DeadlineExceeded)
	}
	waited := make(chan error, 1)
	go func() {
		s, err := migrate(t.Context(), address)
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

// A process may end between any two statements, for each is committed by itself.
func TestMigrateAfterAnyStatement(t *testing.T) {
	t.Parallel()
	whole := databases.URL(t)
	s := open(t, whole)
	want := shape(t, whole)
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
		sqltest.SteppedOnce(t, mariadb.Database(t, address))
		if got := shape(t, address); got != want {
			t.Errorf("after %d statements the schema is\n%s\nwant\n%s", done, got, want)
		}
		if done == len(statements) {
			break
		}
	}
}

var counter = regexp.MustCompile(`AUTO_INCREMENT=\d+ `)

// shape is how the tables were made.
func shape(t *testing.T, address string) string {
	t.Helper()
	var b strings.Builder
	db := mariadb.Database(t, address)
	for _, table := range texts(t, address, `SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1`) {
		var name, made string
		if err := db.QueryRowContext(t.Context(), "SHOW CREATE TABLE "+table).Scan(&name, &made); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, counter.ReplaceAllString(made, ""))
	}
	return b.String()
}
