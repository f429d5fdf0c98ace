package sqlstore

import (
	"strings"

	"github.com/gosocial/social/escape"
)

// scopes reads the scopes that joinScopes joins; none is nil.
type scopes []string

func (s *scopes) setText(stored string) { *s = splitScopes(escape.Undo(stored)) }

// Scan implements sql.Scanner.
func (s *scopes) Scan(v any) error { return scanText(s, v) }

var (
	escapeScope   = strings.NewReplacer("%", "%25", " ", "%20")
	unescapeScope = strings.NewReplacer("%25", "%", "%20", " ")
)

// emptyScope is how an empty scope is written in a list. It is no complete escape,
// so that no other scope is written like that.
const emptyScope = "%"

// joinScopes joins scopes by spaces (RFC 6749 §3.3), and escapes the spaces and
// percent signs that scopes may not have but sometimes do.
func joinScopes(list []string) string {
	plain := true
	for _, s := range list {
		plain = plain && s != "" && !strings.ContainsAny(s, " %")
	}
	if plain {
		return strings.Join(list, " ")
	}
	escaped := make([]string, len(list))
	for i, s := range list {
		escaped[i] = emptyScope
		if s != "" {
			escaped[i] = escapeScope.Replace(s)
		}
	}
	return strings.Join(escaped, " ")
}

// splitScopes is the reverse of joinScopes.
func splitScopes(text string) []string {
	if text == "" {
		return nil
	}
	list := strings.Split(text, " ")
	if !strings.Contains(text, "%") {
		return list
	}
	for i, s := range list {
		if s == emptyScope {
			list[i] = ""
		} else {
			list[i] = unescapeScope.Replace(s)
		}
	}
	return list
}
