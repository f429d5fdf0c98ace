package oauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// A Mapping finds a profile in a provider's JSON by dotted paths: "id",
// "data.user.id", "photos.0.url". Several paths separated by "|" are tried in
// turn; several separated by spaces are joined with a space. A path may carry
// literal text around it in the form "https://x.test/{login}", also more than
// once: "{photo.prefix}original{photo.suffix}".
//
// Of a list, brackets choose the first element for which something holds:
// "emails[primary=true&verified=true].value". Of a text, [/-1] takes what follows the last
// "/", or another separator.
//
// A text is tried as the name of one member first, whatever is in it, so that
// "https://example.com/email" finds the claim of that name. Within a longer text a name
// with dots, bars, spaces or braces stands in double quotes:
// "user.\"https://example.com/email\"|email".
//
// Values are strings or numbers, numbers as the provider wrote them. Any other
// value, one with characters that cannot be shown and one longer than 2048 bytes leave
// their field empty; so does a URL that is not http or https. From names such
// characters are removed, and what is beyond 255 characters.
//
// The rules for Subject are stricter, since two users must never become one. A value
// that is null, empty, zero, neither string nor integer, longer than 255 bytes, with
// control characters or invalid UTF-8, or a part that contains the text that follows
// it ("a/b" in "{team}/{user}") makes the whole profile an error. The next path is
// tried only when the document has nothing at the one before.
type Mapping struct {
	Subject     string
	DisplayName string
	FullName    string
	Email       string // a string only
	// EmailVerified is the path to JSON true, or a condition on the document such as
	// "verified=1" or "confirmed_at!=null", or "always" where the provider documents that it
	// gives only verified ones.
	EmailVerified string
	ProfileURL    string
	ImageURL      string
}

const (
	verifiedAlways = "always"
	maxField       = 2048
)

var errProfileJSON = errors.New("the profile is not JSON")

// profile evaluates the mapping. The error is errProfileJSON, errNoSubject or errPlaceholder.
func (m Mapping) profile(raw json.RawMessage) (Profile, error) {
	if !json.Valid(raw) {
		return Profile{}, errProfileJSON
	}
	subject, ok := subjectAt(raw, m.Subject)
	if !ok {
		if err := checkSubject(subject); err != nil {
			return Profile{}, err
		}
		return Profile{}, errNoSubject
	}
	p := m.fields(raw)
	p.Subject = subject
	return p, nil
}

func (m *Mapping) paths() []*string {
	return []*string{&m.Subject, &m.DisplayName, &m.FullName, &m.Email, &m.EmailVerified, &m.ProfileURL, &m.ImageURL}
}

// fields evaluates the mapping but for the subject. raw is valid JSON.
func (m Mapping) fields(raw json.RawMessage) Profile {
	p := Profile{
		DisplayName: nameAt(raw, m.DisplayName),
		FullName:    nameAt(raw, m.FullName),
		Email:       emailAt(raw, m.Email),
		ProfileURL:  urlAt(raw, m.ProfileURL),
		ImageURL:    urlAt(raw, m.ImageURL),
		Raw:         raw,
	}
	p.EmailVerified = p.Email != "" && verifiedAt(raw, m.EmailVerified)
	return p
}

// check says what is wrong with the mapping's own text.
func (m Mapping) check() error {
	for _, f := range [...]struct{ name, expr string }{
		{"Subject", m.Subject}, {"DisplayName", m.DisplayName}, {"FullName", m.FullName},
		{"Email", m.Email}, {"EmailVerified", m.EmailVerified},
		{"ProfileURL", m.ProfileURL}, {"ImageURL", m.ImageURL},
	} {
		open, quoted, chosen := false, false, false
		for _, c := range f.expr {
			if c == '"' {
				quoted = !quoted
			}
			if c == '[' || c == ']' {
				chosen = c == '['
			}
			if quoted || chosen {
				continue
			}
			if c == '{' && open || c == '}' && !open || open && (c == ' ' || c == '|') {
				return fmt.Errorf("the braces of Profile.%s, %q, do not match", f.name, f.expr)
			}
			open = c == '{' || open && c != '}'
		}
		if open {
			return fmt.Errorf("the braces of Profile.%s, %q, do not match", f.name, f.expr)
		}
		if quoted {
			return fmt.Errorf("the quotes of Profile.%s, %q, do not match", f.name, f.expr)
		}
		if err := checkSelectors(f.expr); err != nil {
			return fmt.Errorf("the brackets of Profile.%s, %q: %w", f.name, f.expr, err)
		}
	}
	if m.EmailVerified != verifiedAlways && isTests(m.EmailVerified) {
		if _, err := parseTests(m.EmailVerified); err != nil {
			return fmt.Errorf("the condition of Profile.EmailVerified, %q: %w", m.EmailVerified, err)
		}
	}
	if m.Subject == "" {
		return errors.New("Profile.Subject is missing")
	}
	if strings.Contains(m.Subject, "}{") {
		return fmt.Errorf("in Profile.Subject, %q has nothing between two paths; write {a}/{b}", m.Subject)
	}
	if _, _, joins := cut(strings.TrimSpace(m.Subject), ' '); joins {
		return fmt.Errorf("in Profile.Subject, %q joins paths that may be missing; write {a}/{b}", m.Subject)
	}
	return nil
}

func plainText(value []byte) string {
	if len(value) == 0 {
		return ""
	}
	switch c := value[0]; {
	case c == '"':
		return unquote(value)
	case c <= '9': // of a number; all else begins with a letter or bracket
		return string(value)
	}
	return ""
}

// named returns the value of the member that a whole text names, nil when there is
// none or when the text is a plain name anyhow.
func named(doc []byte, expr string) []byte {
	if !strings.ContainsAny(expr, ".| {\"") {
		return nil
	}
	value := child(trimLeft(doc), expr)
	return value[:valueEnd(value)]
}

// firstText returns the first text of the alternatives that is not refused.
func firstText(doc []byte, expr string, take func(string) string) string {
	return firstOf(doc, expr, plainText, take)
}

// firstOf is firstText where values in braces are read in a way of their own.
func firstOf(doc []byte, expr string, inBraces func([]byte) string, take func(string) string) string {
	if text := take(plainText(named(doc, expr))); text != "" {
		return text
	}
	for more := true; more; {
		var alternative string
		alternative, expr, more = cut(expr, '|')
		text := plainText
		if _, _, braces := cut(alternative, '{'); braces {
			text = inBraces
		}
		joined, _ := join(doc, alternative, text)
		if joined = take(joined); joined != "" {
			return joined
		}
	}
	return ""
}

func textAt(doc []byte, expr string) string { return firstText(doc, expr, field) }

// nameAt finds a text for people.
func nameAt(doc []byte, expr string) string { return firstText(doc, expr, name) }

// field returns the text of a field, "" for one that cannot be.
func field(text string) string {
	if text = strings.TrimSpace(text); len(text) > maxField || !shown(text) {
		return ""
	}
	return text
}

func emailAt(doc []byte, expr string) string {
	if text := address(named(doc, expr)); text != "" {
		return text
	}
	for more := true; more; {
		var alternative string
		alternative, expr, more = cut(expr, '|')
		if text := address(at(doc, strings.TrimSpace(alternative))); text != "" {
			return text
		}
	}
	return ""
}

// address returns an e-mail address, which is a string only.
func address(value []byte) string {
	if len(value) == 0 || value[0] != '"' {
		return ""
	}
	if text := unquote(value); len(text) <= maxField && shown(text) {
		return text
	}
	return ""
}

// isTests reports whether a text compares values, rather than leading to one.
func isTests(expr string) bool {
	_, _, compares := cut(expr, '=')
	return compares
}

func urlAt(doc []byte, expr string) string {
	if text := firstOf(doc, expr, inURL, field); isWeb(text) {
		return text
	}
	return ""
}

// inURL returns a value as it stands within an address: one that is a part of a path
// itself stays as it is, but for spaces.
func inURL(value []byte) string {
	text := plainText(value)
	if strings.Contains(text, "/") {
		return strings.ReplaceAll(text, " ", "%20")
	}
	return url.PathEscape(text)
}

func verifiedAt(doc []byte, expr string) bool {
	if expr == verifiedAlways {
		return true
	}
	if value := named(doc, expr); value != nil {
		return string(value) == "true"
	}
	if isTests(expr) {
		return holds(doc, expr)
	}
	for more := true; more; {
		var alternative string
		alternative, expr, more = cut(expr, '|')
		if value := at(doc, strings.TrimSpace(alternative)); value != nil {
			return string(value) == "true"
		}
	}
	return false
}
