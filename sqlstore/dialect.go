package sqlstore

import (
	"fmt"
	"regexp"
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
	// MySQL is MariaDB 10.6 or later, or MySQL 8.0.16 or later, over connections
	// whose character set is utf8mb4, by any driver whose errors begin like "Error
	// 1062 (23000): ", as those of go-sql-driver do.
	MySQL Dialect = 3
)

// String returns the dialect's name.
func (d Dialect) String() string {
	switch d {
	case SQLite:
		return "SQLite"
	case PostgreSQL:
		return "PostgreSQL"
	case MySQL:
		return "MySQL"
	}
	return fmt.Sprintf("dialect %d", int(d))
}

func (d Dialect) goose() goose.Dialect {
	switch d {
	case PostgreSQL:
		return goose.DialectPostgres
	case MySQL:
		return goose.DialectMySQL
	}
	return goose.DialectSQLite3
}

// foldName returns a table's name as the database keeps one without quotes. MySQL
// keeps it as it is or folds it, depending on its settings.
func (d Dialect) foldName(name string) string {
	if d == SQLite {
		return name
	}
	return strings.ToLower(name)
}

// rewrite turns a statement with placeholders as ? and names in double quotes into
// the dialect's.
func (d Dialect) rewrite(text string) string {
	switch d {
	case SQLite:
		return text
	case MySQL:
		return strings.ReplaceAll(text, `"`, "`")
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

// prepares reports whether this package prepares statements. On PostgreSQL the driver
// does, unless there is a pooler that gives the next transaction another connection,
// without the prepared statements. MySQL keeps few of them, for all its connections
// together.
func (d Dialect) prepares() bool { return d == SQLite }

// concurrentTx reports whether transactions that write run at the same time: what one
// has read may change before it writes.
func (d Dialect) concurrentTx() bool { return d != SQLite }

// abortsOnError reports whether a statement that fails ends its transaction.
func (d Dialect) abortsOnError() bool { return d == PostgreSQL }

// transactionalDDL reports whether changes of the schema are part of a transaction.
// Where they are not, each statement of a step commits by itself, and must be one that
// can run again after a crash.
func (d Dialect) transactionalDDL() bool { return d != MySQL }

// hasReturning reports whether a statement that writes can return rows, and an INSERT
// can say what to do with a row that has the key.
func (d Dialect) hasReturning() bool { return d != MySQL }

// countsMatched reports whether an UPDATE counts rows that were the same before.
// MySQL's drivers can be set to.
func (d Dialect) countsMatched() bool { return d != MySQL }

// lock waits for the lock of a number and holds it until the transaction ends. On
// MySQL it is the lock of a row; there are so few that they can stay.
func (d Dialect) lock() string {
	if d == MySQL {
		return `INSERT INTO {prefix}locks (number) VALUES (? & 4095) ON DUPLICATE KEY UPDATE number = VALUES(number)`
	}
	return `SELECT pg_advisory_xact_lock(?)`
}

// forUpdate ends a query whose rows stay as they are until the transaction ends.
func (d Dialect) forUpdate() string {
	if d == SQLite {
		return ""
	}
	return " FOR UPDATE"
}

// returning ends a statement that writes and returns columns, where there is such.
func (d Dialect) returning(columns string) string {
	if !d.hasReturning() {
		return ""
	}
	return " RETURNING " + columns
}

// orNothing ends an INSERT that leaves a row which has the key as it is. Where there
// is no such statement, the INSERT fails: see duplicateKey.
func (d Dialect) orNothing(key string) string {
	if !d.hasReturning() {
		return ""
	}
	return " ON CONFLICT (" + key + ") DO NOTHING"
}

var excluded = regexp.MustCompile(`\bexcluded\.(\w+)`)

// orUpdate ends an INSERT that changes the row which has the key.
func (d Dialect) orUpdate(key, set string) string {
	if d == MySQL {
		return " ON DUPLICATE KEY UPDATE " + excluded.ReplaceAllString(set, "VALUES($1)")
	}
	return " ON CONFLICT (" + key + ") DO UPDATE SET " + set
}

// nextRank is an expression for the rank after those of a user's connections to a
// provider, or NULL when there is none.
func (d Dialect) nextRank() string {
	const next = `SELECT MAX("rank") + 1 AS next FROM {prefix}connections WHERE tenant = ? AND user_id = ? AND provider_id = ?`
	if d == MySQL {
		// An INSERT may read its own table only through another one.
		return "(SELECT next FROM (" + next + ") AS ranks)"
	}
	return "(" + next + ")"
}

// deleteSome deletes rows of a condition, as many as the last argument says.
func (d Dialect) deleteSome(table, key, condition string) string {
	if d == MySQL {
		return `DELETE FROM ` + table + ` WHERE ` + condition + ` LIMIT ?`
	}
	return `DELETE FROM ` + table + ` WHERE ` + key + ` IN (SELECT ` + key + ` FROM ` + table + ` WHERE ` + condition + ` LIMIT ?)`
}

// deleteRest deletes the rows of a condition but the first ones in the order, as many
// as the last argument says.
func (d Dialect) deleteRest(table, key, condition, order string) string {
	rest := `SELECT ` + key + ` FROM ` + table + ` WHERE ` + condition + ` ORDER BY ` + order + ` LIMIT 1000000 OFFSET ?`
	if d == MySQL {
		// For IN it would walk over the whole table.
		return `DELETE kept FROM (` + rest + `) AS rest STRAIGHT_JOIN ` + table + ` AS kept ON kept.` + key + ` = rest.` + key
	}
	return `DELETE FROM ` + table + ` WHERE ` + key + ` IN (` + rest + `)`
}

// countSome is an expression for the number of rows, which counts up to a limit. On MySQL,
// where such an expression cannot name the rows of a query around it, it is the limit.
func (d Dialect) countSome(rows string, limit int) string {
	if d == MySQL {
		return strconv.Itoa(limit)
	}
	return "(SELECT count(*) FROM (SELECT 1 FROM " + rows + " LIMIT " + strconv.Itoa(limit) + ") AS counted)"
}

// rolesOf is an expression for a user's role names, joined by roleSeparator;
// user is what the statement calls the table of users.
func (d Dialect) rolesOf(user string) string {
	of := " FROM {prefix}user_roles r WHERE r.tenant = " + user + ".tenant AND r.user_id = " + user + ".id)"
	switch d {
	case PostgreSQL:
		return "(SELECT COALESCE(string_agg(role, chr(31)), '')" + of
	case MySQL:
		// group_concat cuts off what is longer than group_concat_max_len. NULL then is
		// an error.
		names := "COALESCE(group_concat(role SEPARATOR '" + roleSeparator + "'), '')"
		return "(SELECT CASE octet_length(" + names + ") WHEN COALESCE(SUM(octet_length(role) + 1) - 1, 0) THEN " + names + " END" + of
	}
	return "(SELECT COALESCE(group_concat(role, char(31)), '')" + of
}

// countTables counts the tables with a name, the second argument, in a schema, the
// first one, or in the current schema when that is "".
func (d Dialect) countTables() string {
	switch d {
	case PostgreSQL:
		return `SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = COALESCE(NULLIF($1, ''), current_schema()) AND tablename = $2`
	case MySQL:
		return `SELECT count(*) FROM information_schema.tables WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ?`
	}
	return `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND ? = '' AND name = ?`
}
