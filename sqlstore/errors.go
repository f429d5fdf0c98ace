package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/gosocial/social/schema"
)

// wrap returns an error of the database as callers get it: the context's, when that
// has ended.
func wrap(ctx context.Context, err error) error {
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

// statementError is wrap for the error of a statement. When the database has undone
// the statement's transaction, later statements get the same error.
func (s *Store) statementError(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	wrapped := wrap(ctx, err)
	if s.dialect.missingSchema(err) && ctx.Err() == nil {
		wrapped = fmt.Errorf("sqlstore: %w, migrate it with Migrate or social migrate: %w", schema.ErrOlder, err)
	}
	if t := s.transaction(ctx); t != nil {
		if t.undone == nil {
			t.surprised = t.defers && s.dialect.refused(err)
			if t.surprised || s.dialect.retryable(err) {
				t.undone = wrapped
			}
		}
		if t.undone != nil {
			return t.undone
		}
	}
	return wrapped
}

// sqlState returns the code of PostgreSQL's error (SQL:2016 part 2 §24), or "".
func sqlState(err error) string {
	var coded interface{ SQLState() string }
	if errors.As(err, &coded) {
		return coded.SQLState()
	}
	return ""
}

var mysqlError = regexp.MustCompile(`^Error (\d{4}) \(([0-9A-Z]{5})\): `)

// mysqlCode returns the number of MySQL's error and its SQLSTATE, or "" twice. It
// looks only at the beginning of err and of each error that err wraps, because the
// rest may hold texts that people entered.
func mysqlCode(err error) (number, state string) {
	if m := mysqlError.FindStringSubmatch(err.Error()); m != nil {
		return m[1], m[2]
	}
	var wrapped []error
	switch err := err.(type) {
	case interface{ Unwrap() error }:
		wrapped = []error{err.Unwrap()}
	case interface{ Unwrap() []error }:
		wrapped = err.Unwrap()
	}
	for _, err := range wrapped {
		if err != nil {
			if number, state = mysqlCode(err); number != "" {
				return number, state
			}
		}
	}
	return "", ""
}

// nameTaken reports whether err says that another user has that name: "email" or
// "username", in the table users. The message of SQLite itself, the same with every
// driver, names the columns; those of the others name the index, in every language.
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

// duplicateKey reports whether err is MySQL's for a key that a row has already. The
// index's name ends the message, in every language; some versions write the table's
// name before it.
func (d Dialect) duplicateKey(err error, index string) bool {
	if d != MySQL || err == nil {
		return false
	}
	number, _ := mysqlCode(err)
	text := err.Error()
	end := strings.LastIndexByte(text, '\'')
	return number == "1062" && end >= 0 && strings.HasSuffix(text[:end], index)
}

// missingReference reports whether err says that a row refers to a missing one.
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

// retryable reports whether the database undid the transaction because of another
// one, so that it can be tried again: a serialization failure or a deadlock, and on
// MySQL also a lock that was waited for too long, or a row that changed since it was
// read.
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
