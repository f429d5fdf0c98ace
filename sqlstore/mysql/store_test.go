package mysql_test

import (
	"context"
	"database/sql"
	"os"
	"regexp"
	"testing"

	driver "github.com/go-sql-driver/mysql"

	"github.com/gosocial/social/internal/test/mariadb"
	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/mysql"
)

var databases *mariadb.Server

const tables = `SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()`

var database = sqltest.Database{
	Dialect: sqlstore.MySQL,
	Address: func(t testing.TB) string { return databases.URL(t) },
	Open: func(ctx context.Context, address string, o sqltest.Options) (*sqlstore.Store, error) {
		opts := []mysql.Option{mysql.Prefix(o.Prefix), mysql.Tables(o.Tables)}
		if o.Migrate {
			opts = append(opts, mysql.Migrate())
		}
		if o.ConnectionsOnly {
			opts = append(opts, mysql.ConnectionsOnly())
		}
		if o.ReadOnly {
			address += "?tx_read_only=1"
		}
		if o.Connections > 0 {
			opts = append(opts, mysql.Connections(o.Connections))
		}
		return mysql.Open(ctx, address, opts...)
	},
	Driver: "mysql",
	Sources: map[string]func(testing.TB, string) string{
		"plain":                 source(""),
		"counting all":          source("clientFoundRows=true&interpolateParams=true"),
		"not strict, in quotes": source("sql_mode=%27ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES%27&time_zone=%27%2B05:00%27&parseTime=true&loc=Local"),
		"serializable":          source("tx_isolation=%27SERIALIZABLE%27"),
	},
	Tables:      tables,
	Definitions: definitions,
	Blob:        func(number string) string { return "CAST(" + number + " AS BINARY)" },
	Retry: []error{
		&driver.MySQLError{Number: 1213, SQLState: [5]byte([]byte("HY000")), Message: "again"},
		&driver.MySQLError{Number: 1205, SQLState: [5]byte([]byte("HY000")), Message: "again"},
		&driver.MySQLError{Number: 1020, SQLState: [5]byte([]byte("HY000")), Message: "again"},
		&driver.MySQLError{Number: 9999, SQLState: [5]byte([]byte("40001")), Message: "again"},
	},
}

func TestMain(m *testing.M) {
	database.Main()
	os.Exit(mariadb.Main(m, func(s *mariadb.Server) { databases = s }))
}

func TestStore(t *testing.T) {
	t.Parallel()
	sqltest.Run(t, database)
}

func open(t *testing.T, address string, opts ...mysql.Option) *sqlstore.Store {
	t.Helper()
	s, err := mysql.Open(t.Context(), address, append(opts, mysql.Migrate())...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// source returns data sources with settings.
func source(settings string) func(testing.TB, string) string {
	return func(t testing.TB, address string) string { return mariadb.DSN(t, address, settings) }
}

// run runs an application's own statement.
func run(t *testing.T, address, statement string) {
	t.Helper()
	if _, err := mariadb.Database(t, address).ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

var counter = regexp.MustCompile(`AUTO_INCREMENT=\d+ `)

func definitions(t *testing.T, db *sql.DB) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, table := range sqltest.Column(t, db, tables) {
		var name, text string
		if err := db.QueryRowContext(t.Context(), "SHOW CREATE TABLE "+table).Scan(&name, &text); err != nil {
			t.Fatal(err)
		}
		all[name] = counter.ReplaceAllString(text, "")
	}
	return all
}
