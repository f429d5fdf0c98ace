package oauth

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// A Secret is a string that does not print: a token, a client secret, a
// password. Every way of formatting, logging or marshalling it gives
// "[redacted]"; Reveal is the one way to the text.
type Secret string

// Reveal returns the secret's text.
func (s Secret) Reveal() string { return string(s) }

// String returns "[redacted]", or "" for an empty secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// GoString returns the same as String.
func (s Secret) GoString() string { return s.String() }

// Format writes the same as String for every verb.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// MarshalText returns the same as String. It serves encoding/json too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue returns the same as String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Format writes the ID: fmt does not ask a Secret in an unexported field how it
// wants to be printed.
func (c *oauth1Client) Format(f fmt.State, _ rune) { writeClient(f, c.about) }

// Format writes the ID.
func (c *oauth2Client) Format(f fmt.State, _ rune) { writeClient(f, c.about) }

// Format writes the ID.
func (c *oidcClient) Format(f fmt.State, _ rune) { writeClient(f, c.about) }

func writeClient(f fmt.State, d Description) { fmt.Fprintf(f, "%s client of %s", d.Protocol, d.ID) }
