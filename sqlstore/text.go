package sqlstore

import (
	"fmt"

	"github.com/gosocial/social/internal/escape"
)

// escapeTexts escapes the texts among a statement's arguments, in place.
func escapeTexts(args []any) {
	for i, arg := range args {
		if s, ok := arg.(string); ok && !escape.Plain(s) {
			args[i] = escape.Text(s)
		}
	}
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
