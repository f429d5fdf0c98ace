// Package grammar parses the stores' statements by the grammars of databases that the
// tests cannot run.
package grammar_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/pingcap/tidb/pkg/parser"
	_ "github.com/pingcap/tidb/pkg/parser/test_driver"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/document"
	"github.com/gosocial/social/internal/test/mariadb"
	"github.com/gosocial/social/sqlstore/mysql"
	"github.com/gosocial/social/storetest"
	"github.com/gosocial/social/vault"
)

// MySQL 8.0's grammar, as TiDB has it, accepts every statement that the store sends to
// MariaDB while it migrates and passes its suite. The test does not show that the
// statements mean the same there.
func TestMySQLParsesStatements(t *testing.T) {
	t.Parallel()
	server := mariadb.Start(t)
	address := server.URL(t)
	db := mariadb.Database(t, address)
	for _, statement := range []string{`SET GLOBAL log_output = 'TABLE'`, `SET GLOBAL general_log = 1`} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	s, err := mysql.Open(t.Context(), address, mysql.Migrate())
	if err != nil {
		t.Fatal(err)
	}
	t.Run("vault", func(t *testing.T) { storetest.Vault(t, func(*testing.T) vault.Store { return s }) })
	t.Run("accounts", func(t *testing.T) { storetest.Accounts(t, func(*testing.T) accounts.Store { return s }) })
	t.Run("audit", func(t *testing.T) { storetest.Audit(t, func(*testing.T) audit.Store { return s }) })
	t.Run("documents", func(t *testing.T) { storetest.Documents(t, func(*testing.T) document.Store { return s }) })
	if _, err := s.Clean(t.Context(), time.Now()); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `SET GLOBAL general_log = 0`); err != nil {
		t.Fatal(err)
	}

	p := parser.New()
	if _, _, err := p.ParseSQL(`INSERT INTO x (rank) VALUES (1)`); err == nil {
		t.Fatal("the grammar accepts a reserved word of MySQL")
	}
	if _, _, err := p.ParseSQL(`DELETE FROM x WHERE y = 1 RETURNING z`); err == nil {
		t.Fatal("the grammar accepts RETURNING, which MySQL does not have")
	}
	seen := 0
	for statement := range sent(t, db) {
		seen++
		if _, _, err := p.ParseSQL(statement); err != nil {
			t.Errorf("%v in %.2000s", err, statement)
		}
	}
	if seen < 200 {
		t.Errorf("%d statements were sent", seen)
	}
}

// sent returns the distinct statements in the server's log.
func sent(t *testing.T, db *sql.DB) map[string]bool {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT argument FROM mysql.general_log WHERE command_type = 'Query'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	statements := map[string]bool{}
	for rows.Next() {
		var statement string
		if err := rows.Scan(&statement); err != nil {
			t.Fatal(err)
		}
		statements[statement] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return statements
}
