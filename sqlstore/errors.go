package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// failure words an error of the database. When the context has ended, that is
// the cause, however the driver puts it.
func failure(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	if errors.Is(err, ErrNoAccounts) {
		return err
	}
	return fmt.Errorf("sqlstore: %w", err)
}

// sqlState is the code of PostgreSQL's error (SQL:2016 part 2 §24), or "".
func sqlState(err error) string {
	var coded interface{ SQLState() string }
	if errors.As(err, &coded) {
		return coded.SQLState()
	}
	return ""
}

var mysqlError = regexp.MustCompile(`^Error (\d{4}) \(([0-9A-Z]{5})\): `)

// mysqlCode is the number of MySQL's error and its SQLSTATE, or "" twice. It looks
// at how each error begins that err wraps: behind that may stand what people
// entered.
func mysqlCode(err error) (number, state string) {
	if m := mysqlError.FindStringSubmatch(err.Error()); m != nil {
		return m[1], m[2]
	}
	var inside []error
	switch err := err.(type) {
	case interface{ Unwrap() error }:
		inside = []error{err.Unwrap()}
	case interface{ Unwrap() []error }:
		inside = err.Unwrap()
	}
	for _, err := range inside {
		if err != nil {
			if number, state = mysqlCode(err); number != "" {
				return number, state
			}
		}
	}
	return "", ""
}

// nameTaken reports whether err says that another user has that name: "email" or
// "username", in the table users. SQLite itself words the message, so it is the
// same with every driver; the others name the index in it, in every language.
func (d Dialect) nameTaken(err error, users, name string) bool {
	if err == nil {
		return false
	}
	switch d {
	case PostgreSQL:
		return sqlState(err) == "23505" && strings.Contains(err.Error(), unqualified(users)+"_"+name)
	case MySQL:
		return d.duplicateKey(err, unqualified(users)+"_"+name)
	}
	_, columns, found := strings.Cut(err.Error(), "UNIQUE constraint failed: ")
	return found && strings.Contains(columns, name+"_key")
}

// duplicateKey reports whether err says that a row has the key of an index already,
// on MySQL. The index's name ends the message, in every language, behind the
// table's in some versions.
func (d Dialect) duplicateKey(err error, index string) bool {
	if d != MySQL || err == nil {
		return false
	}
	number, _ := mysqlCode(err)
	named, _, found := cutLast(err.Error(), "'")
	return number == "1062" && found && strings.HasSuffix(named, index)
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// missingReference reports whether err says that a row refers to one that is not there.
func (d Dialect) missingReference(err error) bool {
	if err == nil {
		return false
	}
	switch d {
	case PostgreSQL:
		return sqlState(err) == "23503"
	case MySQL:
		number, _ := mysqlCode(err)
		return number == "1452"
	}
	return strings.Contains(err.Error(), "FOREIGN KEY constraint failed")
}

// missingSchema reports whether err says that a table or a column is missing.
func (d Dialect) missingSchema(err error) bool {
	switch d {
	case PostgreSQL:
		state := sqlState(err)
		return state == "42P01" || state == "42703"
	case MySQL:
		number, _ := mysqlCode(err)
		return number == "1146" || number == "1054"
	}
	text := err.Error()
	return strings.Contains(text, "no such table: ") || strings.Contains(text, "no such column: ") ||
		strings.Contains(text, "has no column named ")
}

// retryable reports whether err says that the transaction came in another's way and
// should be tried again: a serialization failure or a deadlock, and on MySQL also
// a lock waited for too long, or a row changed since it was read.
func (d Dialect) retryable(err error) bool {
	if err == nil {
		return false
	}
	switch d {
	case PostgreSQL:
		state := sqlState(err)
		return state == "40001" || state == "40P01"
	case MySQL:
		number, state := mysqlCode(err)
		return state == "40001" || number == "1213" || number == "1205" || number == "1020"
	}
	return false
}
