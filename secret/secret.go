// Package secret has text that does not print.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// A Text is a string that does not print: a token, a client secret, a
// password. Every way of formatting, logging or marshalling it gives
// "[redacted]"; Reveal is the one way to the text.
//
// fmt does not ask a Text in an unexported field how it wants to be printed:
// types that hold one there need a Format method of their own.
type Text string

// Reveal returns the text.
func (t Text) Reveal() string { return string(t) }

// String returns "[redacted]", or "" for an empty text.
func (t Text) String() string {
	if t == "" {
		return ""
	}
	return redacted
}

// GoString returns the same as String.
func (t Text) GoString() string { return t.String() }

// Format writes the same as String for every verb.
func (t Text) Format(f fmt.State, _ rune) { io.WriteString(f, t.String()) }

// MarshalText returns the same as String. It serves encoding/json too.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// LogValue returns the same as String.
func (t Text) LogValue() slog.Value { return slog.StringValue(t.String()) }
