package sqlstore

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

// A Dialect is a kind of SQL database.
type Dialect int

const (
	// SQLite is SQLite 3.44 or later, by any driver.
	SQLite Dialect = 1
	// PostgreSQL is PostgreSQL 13 or later with UTF-8 texts, by any driver whose
	// errors have a method SQLState, as those of pgx and pq do.
	PostgreSQL Dialect = 2
)

// String returns the dialect's name.
func (d Dialect) String() string {
	switch d {
	case SQLite:
		return "SQLite"
	case PostgreSQL:
		return "PostgreSQL"
	}
	return fmt.Sprintf("dialect %d", int(d))
}

//go:embed migrations
var migrations embed.FS

func (d Dialect) migrations() (fs.FS, error) {
	if d == PostgreSQL {
		return fs.Sub(migrations, "migrations/postgres")
	}
	return fs.Sub(migrations, "migrations/sqlite")
}

func (d Dialect) goose() goose.Dialect {
	if d == PostgreSQL {
		return goose.DialectPostgres
	}
	return goose.DialectSQLite3
}

// fold returns a table's name as the database keeps one without quotes.
func (d Dialect) fold(name string) string {
	if d == PostgreSQL {
		return strings.ToLower(name)
	}
	return name
}

// rewrite turns a statement with placeholders as ? into the dialect's.
func (d Dialect) rewrite(text string) string {
	if d != PostgreSQL {
		return text
	}
	var b strings.Builder
	for n := 1; ; n++ {
		before, after, found := strings.Cut(text, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString("$" + strconv.Itoa(n))
		text = after
	}
}

// prepares reports whether statements are prepared by this package. On
// PostgreSQL that is the driver's: through a pooler that hands out a connection
// for each transaction, a prepared statement is soon on another connection.
func (d Dialect) prepares() bool { return d == SQLite }

// parallel reports whether transactions that write go on side by side, so that
// what one read may change before it writes.
func (d Dialect) parallel() bool { return d == PostgreSQL }

// lock waits for the lock of a number and holds it until the transaction ends.
const lock = `SELECT pg_advisory_xact_lock(?)`

// forUpdate ends a query whose rows stay as they are until the transaction ends.
func (d Dialect) forUpdate() string {
	if d == PostgreSQL {
		return " FOR UPDATE"
	}
	return ""
}

// rolesOf is an expression for a user's role names, joined by roleSeparator;
// user is the expression for the user's ID.
func (d Dialect) rolesOf(user string) string {
	joined := "group_concat(role, char(31))"
	if d == PostgreSQL {
		joined = "string_agg(role, chr(31))"
	}
	return "(SELECT COALESCE(" + joined + ", '') FROM {prefix}user_roles WHERE user_id = " + user + ")"
}

// tableNamed asks how many tables there are in that schema, the current one when
// it is "", of that name.
func (d Dialect) tableNamed() string {
	if d == PostgreSQL {
		return `SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = COALESCE(NULLIF($1, ''), current_schema()) AND tablename = $2`
	}
	return `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND ? = '' AND name = ?`
}

// sqlState is the code of a database's error (SQL:2016 part 2 §24), or "".
func sqlState(err error) string {
	var coded interface{ SQLState() string }
	if errors.As(err, &coded) {
		return coded.SQLState()
	}
	return ""
}

// conflict reports whether err says that another user has that name: "email" or
// "username", in the table users. SQLite itself words the message, so it is the
// same with every driver; PostgreSQL names the index in it, in every language.
func (d Dialect) conflict(err error, users, name string) bool {
	if err == nil {
		return false
	}
	if d == PostgreSQL {
		return sqlState(err) == "23505" && strings.Contains(err.Error(), unqualified(users)+"_"+name)
	}
	_, columns, found := strings.Cut(err.Error(), "UNIQUE constraint failed: ")
	return found && strings.Contains(columns, name+"_key")
}

// orphan reports whether err says that a row refers to one that is not there.
func (d Dialect) orphan(err error) bool {
	if d == PostgreSQL {
		return sqlState(err) == "23503"
	}
	return err != nil && strings.Contains(err.Error(), "FOREIGN KEY constraint failed")
}

// passing reports whether err says that the transaction came in another's way,
// was undone and should be tried again: a serialization failure or a deadlock.
func (d Dialect) passing(err error) bool {
	if d != PostgreSQL || err == nil {
		return false
	}
	state := sqlState(err)
	return state == "40001" || state == "40P01"
}
