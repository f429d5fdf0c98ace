package sqlstore

import (
	"context"
	"errors"
	"strconv"
	"strings"
)

// Rows are read by Scan, except by the five statements that a log-in or a signed-in
// request runs. These select their columns as one packed column, because a driver
// allocates three or four times for each column of a result: Scan of a connection on
// SQLite takes 96 allocations in place of 26, where a log-in has 440 in all and a
// signed-in request 30. The tests of allocations in integration/bench hold that.
//
// A packed column has a number and a comma for each field, and then the texts of all
// fields. The number is the field's value, or the length of its text in bytes of UTF-8.

func isText(field any) bool {
	_, ok := field.(textField)
	return ok
}

// pack returns a packed column of the columns that are read into fields.
func pack(columns []string, fields []any) string { return packed(columns, fields) + " AS packed" }

func packed(columns []string, fields []any) string {
	var numbers, texts []string
	for i, column := range columns {
		if isText(fields[i]) {
			numbers = append(numbers, "octet_length("+column+")")
			texts = append(texts, column)
		} else {
			numbers = append(numbers, column)
		}
	}
	return "concat(" + strings.Join(numbers, ", ',', ") + ", ',', " + strings.Join(texts, ", ") + ")"
}

// queryPacked runs a statement that returns one row at most, which is a packed column
// and the columns of more; sql.ErrNoRows when none.
func (s *Store) queryPacked(ctx context.Context, st *statement, args []any, more ...any) (packed string, err error) {
	err = s.queryRow(ctx, st, args, append([]any{&packed}, more...)...)
	return packed, err
}

var errPacked = errors.New("a packed row does not have the columns of this version")

// unpack reads a packed column into fields, which share its memory. It knows all their
// types, so that the compiler can leave them on the stack.
func unpack(packed string, fields []any) error {
	numbers, texts := packed, packed
	for range fields {
		_, texts, _ = strings.Cut(texts, ",")
	}
	for _, field := range fields {
		digits, rest, _ := strings.Cut(numbers, ",")
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return errPacked
		}
		numbers = rest
		stored := ""
		if isText(field) {
			if n < 0 || n > int64(len(texts)) {
				return errPacked
			}
			stored, texts = texts[:n], texts[n:]
		}
		switch f := field.(type) {
		case *text:
			f.setText(stored)
		case *scopes:
			f.setText(stored)
		case *roleNames:
			f.setText(stored)
		case *micros:
			*f = micros(fromMicros(n))
		case *int:
			*f = int(n)
		case *int64:
			*f = n
		case *bool:
			*f = n != 0
		default:
			return errPacked
		}
	}
	if texts != "" {
		return errPacked
	}
	return nil
}
