package sqlstore

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/pressly/goose/v3"
)

// A Dialect is a kind of SQL database. SQLite is the one there is today.
type Dialect int

// SQLite is SQLite 3.44 or later, by any driver.
const SQLite Dialect = 1

// String returns the dialect's name.
func (d Dialect) String() string {
	if d == SQLite {
		return "SQLite"
	}
	return fmt.Sprintf("dialect %d", int(d))
}

//go:embed migrations
var migrations embed.FS

func (d Dialect) migrations() (fs.FS, error) { return fs.Sub(migrations, "migrations/sqlite") }

func (d Dialect) goose() goose.Dialect { return goose.DialectSQLite3 }

// rewrite turns a statement as this package writes them, with the tables'
// prefix as {prefix} and placeholders as ?, into the dialect's.
func (d Dialect) rewrite(text, prefix string) string {
	return strings.ReplaceAll(text, "{prefix}", prefix)
}

// rolesOf is an expression for a user's role names, joined by roleSeparator;
// user is the expression for the user's ID.
func (d Dialect) rolesOf(user string) string {
	return "(SELECT COALESCE(group_concat(role, char(31)), '') FROM {prefix}user_roles WHERE user_id = " + user + ")"
}

// tableNamed asks how many tables of that name there are.
const tableNamed = `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?`

// conflict reports whether err says that a row with that value in the column
// exists. SQLite itself words the message, so it is the same with every driver.
func (d Dialect) conflict(err error, column string) bool {
	if err == nil {
		return false
	}
	_, columns, found := strings.Cut(err.Error(), "UNIQUE constraint failed: ")
	return found && strings.Contains(columns, column)
}

// orphan reports whether err says that a row refers to one that is not there.
func (d Dialect) orphan(err error) bool {
	return err != nil && strings.Contains(err.Error(), "FOREIGN KEY constraint failed")
}
