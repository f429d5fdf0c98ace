package sqlstore

import (
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/escape"
)

// A textField is where a text column is read into. Fields of numbers are *micros,
// *int, *int64 and *bool.
type textField interface {
	setText(stored string)
}

// scanText is Scan of a text column.
func scanText(field textField, v any) error {
	switch stored := v.(type) {
	case string:
		field.setText(stored)
	case []byte:
		field.setText(string(stored))
	default:
		return fmt.Errorf("a text is stored as %T", v)
	}
	return nil
}

// text reads a text of any bytes into a string.
type text string

func (t *text) setText(stored string) { *t = text(escape.Undo(stored)) }

// Scan implements sql.Scanner.
func (t *text) Scan(v any) error { return scanText(t, v) }

// roleNames reads the role names that Dialect.rolesOf joins, sorted; none is nil.
type roleNames []string

func (r *roleNames) setText(stored string) {
	*r = nil
	if stored != "" {
		*r = strings.Split(escape.Undo(stored), roleSeparator)
		slices.Sort(*r)
	}
}

// Scan implements sql.Scanner.
func (r *roleNames) Scan(v any) error { return scanText(r, v) }

// hash reads the hash of a token or code.
type hash [32]byte

// Scan implements sql.Scanner.
func (h *hash) Scan(v any) error {
	if b, ok := v.([]byte); !ok || copy(h[:], b) != len(h) || len(b) != len(h) {
		return errors.New("a hash does not have 32 bytes")
	}
	return nil
}

// micros reads whole microseconds since 1970 into a time in UTC; 0 is the zero time.
type micros time.Time

// Scan implements sql.Scanner.
func (m *micros) Scan(v any) error {
	var n sql.Null[int64]
	if err := n.Scan(v); err != nil {
		return err
	}
	*m = micros(fromMicros(n.V))
	return nil
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

func toMicros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// escapeTexts escapes the texts among a statement's arguments. It returns a copy
// when it changes one, because a retry uses the arguments again.
func escapeTexts(args []any) []any {
	escaped := args
	for i, arg := range args {
		if s, ok := arg.(string); ok && !escape.Plain(s) {
			if &escaped[0] == &args[0] {
				escaped = slices.Clone(args)
			}
			escaped[i] = escape.Text(s)
		}
	}
	return escaped
}

// nameKey is what an e-mail address or username is compared by: without ASCII case.
// It is NULL for none, and a unique index takes any number of those.
func nameKey(name string) any {
	if name == "" {
		return nil
	}
	return accounts.Fold(name)
}

func toInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// lockNumber is the number of the lock with that name. Two names rarely share one.
func lockNumber(name string) int64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return int64(h.Sum64())
}

// blob is b, or no bytes where nil would be NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
