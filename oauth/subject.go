package oauth

import (
	"errors"
	"strings"

	"github.com/gosocial/social/internal/fold"
)

const maxSubject = 255 // OpenID Connect Core §2

var (
	errNoSubject   = errors.New("the profile has no usable subject")
	errPlaceholder = errors.New("the subject is one sentence for every user; name the claim that identifies them instead, " +
		"such as oid: subject in a configuration, OIDC.SubjectClaim or Mapping.Subject in Go")
)

// subjectAt evaluates the text of Mapping.Subject. It reports false where there is no
// subject, or one that cannot be, which it may return.
func subjectAt(doc []byte, expr string) (string, bool) {
	if value := named(doc, expr); value != nil && string(value) != "null" {
		text := subjectText(value)
		return text, checkSubject(text) == nil
	}
	for more := true; more; {
		var alternative string
		alternative, expr, more = cut(expr, '|')
		text, found := join(doc, alternative, subjectText)
		if text != "" {
			return text, checkSubject(text) == nil && parts(doc, alternative)
		}
		// Only a path that is not there at all gives way to the next one: a
		// subject that is there and bad must not turn into another identity.
		if found {
			return "", false
		}
	}
	return "", false
}

// parts reports whether a subject of several values is unambiguous: no value may
// contain the text that follows it.
func parts(doc []byte, term string) bool {
	for {
		_, rest, ok := cut(term, '{')
		if !ok {
			return true
		}
		var path string
		path, term, _ = cut(rest, '}')
		end, _, more := cut(term, '{')
		if more && strings.Contains(subjectText(at(doc, path)), end) {
			return false
		}
	}
}

// checkSubject says what is wrong with a subject, if anything is. One that many users
// may have would make them one: nothing, in the words of any language, a zero, a nil
// UUID, a placeholder.
func checkSubject(s string) error {
	switch {
	case isPlaceholder(s):
		return errPlaceholder
	case isNothing(s), strings.Trim(s, "0-") == "", len(s) > maxSubject, strings.TrimSpace(s) != s, !clean(s):
		return errNoSubject
	}
	return nil
}

// isPlaceholder recognises the sentence that a server writes into sub where its
// operator has switched the subject off.
func isPlaceholder(s string) bool {
	return strings.HasPrefix(fold.ASCII(s), "not supported currently")
}

// isNothing recognises how programs write a value that is not there.
func isNothing(s string) bool {
	switch strings.Trim(fold.ASCII(s), "()<>[]{}") {
	case "", "null", "nil", "none", "undefined", "nan", "object object", "-1":
		return true
	}
	return false
}

// subjectText accepts non-empty strings and integers other than zero.
func subjectText(value []byte) string {
	if len(value) == 0 {
		return ""
	}
	if value[0] == '"' {
		return unquote(value)
	}
	if value[0] > '9' { // all that is no number begins with a letter or bracket
		return ""
	}
	for _, c := range value {
		if c == '.' || c == 'e' || c == 'E' {
			return "" // 1e3 and 1000 are one number and two texts
		}
	}
	if s := string(value); s != "0" && s != "-0" {
		return s
	}
	return ""
}
