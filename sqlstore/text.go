package sqlstore

import (
	"fmt"
	"slices"

	"github.com/gosocial/social/escape"
)

// escapeTexts escapes the texts among a statement's arguments. It changes none: the
// statement may be tried again with them.
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

// text scans a column of text into a string.
type text string

func (t *text) Scan(v any) error {
	switch s := v.(type) {
	case string:
		*t = text(escape.Undo(s))
	case []byte:
		*t = text(escape.Undo(string(s)))
	default:
		return fmt.Errorf("a text is stored as %T", v)
	}
	return nil
}
