package oauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Mapping finds a profile in a provider's JSON by dotted paths: "id",
// "data.user.id", "photos.0.url". Several paths separated by "|" are tried in
// turn; several separated by spaces are joined with a space. A path may carry
// literal text around it in the form "https://x.test/{login}", also more than
// once: "{photo.prefix}original{photo.suffix}".
//
// Values are strings or numbers, numbers as the provider wrote them. Any other
// value, one with control characters and one longer than 2048 bytes leave their
// field empty; so does a URL that is not http or https.
//
// The rules for Subject are stricter, since two users must never become one. A value
// that is null, empty, zero, neither string nor integer, longer than 255 bytes, with
// control characters or invalid UTF-8, or a part that contains the text that follows
// it ("a/b" in "{team}/{user}") makes the whole profile an error. The next path is
// tried only when the document has nothing at the one before.
type Mapping struct {
	Subject       string
	DisplayName   string
	FullName      string
	Email         string // a string only
	EmailVerified string // path to JSON true; "always" where the provider documents that it gives only verified ones
	ProfileURL    string
	ImageURL      string
}

const (
	verifiedAlways = "always"
	maxSubject     = 255 // OpenID Connect Core §2
	maxField       = 2048
)

var (
	errProfileJSON = errors.New("the profile is not JSON")
	errNoSubject   = errors.New("the profile has no usable subject")
)

// profile evaluates the mapping. The error is errProfileJSON or errNoSubject.
func (m Mapping) profile(raw json.RawMessage) (Profile, error) {
	if !json.Valid(raw) {
		return Profile{}, errProfileJSON
	}
	subject, ok := subjectAt(raw, m.Subject)
	if !ok {
		return Profile{}, errNoSubject
	}
	p := Profile{
		Subject:     subject,
		DisplayName: textAt(raw, m.DisplayName),
		FullName:    textAt(raw, m.FullName),
		Email:       emailAt(raw, m.Email),
		ProfileURL:  urlAt(raw, m.ProfileURL),
		ImageURL:    urlAt(raw, m.ImageURL),
		Raw:         raw,
	}
	p.EmailVerified = p.Email != "" && verifiedAt(raw, m.EmailVerified)
	return p, nil
}

// check says what is wrong with the mapping's own text.
func (m Mapping) check() error {
	for _, f := range [...]struct{ name, expr string }{
		{"Subject", m.Subject}, {"DisplayName", m.DisplayName}, {"FullName", m.FullName},
		{"Email", m.Email}, {"EmailVerified", m.EmailVerified},
		{"ProfileURL", m.ProfileURL}, {"ImageURL", m.ImageURL},
	} {
		open := false
		for _, c := range f.expr {
			if c == '{' && open || c == '}' && !open || open && (c == ' ' || c == '|') {
				return fmt.Errorf("the braces of Profile.%s, %q, do not match", f.name, f.expr)
			}
			open = c == '{' || open && c != '}'
		}
		if open {
			return fmt.Errorf("the braces of Profile.%s, %q, do not match", f.name, f.expr)
		}
	}
	if m.Subject == "" {
		return errors.New("Profile.Subject is missing")
	}
	if strings.Contains(m.Subject, "}{") {
		return fmt.Errorf("in Profile.Subject, %q has nothing between two paths; write {a}/{b}", m.Subject)
	}
	if strings.Contains(m.Subject, " ") {
		return fmt.Errorf("in Profile.Subject, %q joins paths that may be missing; write {a}/{b}", m.Subject)
	}
	return nil
}

func subjectAt(doc []byte, expr string) (string, bool) {
	for more := true; more; {
		var alternative string
		alternative, expr, more = strings.Cut(expr, "|")
		text, found := join(doc, alternative, subjectText)
		if text != "" {
			return text, validSubject(text) && parts(doc, alternative)
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
		_, rest, ok := strings.Cut(strings.TrimSpace(term), "{")
		if !ok {
			return true
		}
		var path string
		path, term, _ = strings.Cut(rest, "}")
		end, _, more := strings.Cut(term, "{")
		if more && strings.Contains(subjectText(at(doc, path)), end) {
			return false
		}
	}
}

func validSubject(s string) bool {
	return s != "" && s != "0" && len(s) <= maxSubject && strings.TrimSpace(s) == s && clean(s)
}

// subjectText accepts non-empty strings and integers other than zero.
func subjectText(value []byte) string {
	if len(value) == 0 {
		return ""
	}
	if value[0] == '"' {
		return unquote(value)
	}
	if c := value[0]; c != '-' && (c < '0' || c > '9') {
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

func plainText(value []byte) string {
	if len(value) == 0 {
		return ""
	}
	switch c := value[0]; {
	case c == '"':
		return unquote(value)
	case c == '-' || c >= '0' && c <= '9':
		return string(value)
	}
	return ""
}

func textAt(doc []byte, expr string) string {
	for more := expr != ""; more; {
		var alternative string
		alternative, expr, more = strings.Cut(expr, "|")
		text, _ := join(doc, alternative, plainText)
		if text = strings.TrimSpace(text); text != "" && len(text) <= maxField && clean(text) {
			return text
		}
	}
	return ""
}

func emailAt(doc []byte, expr string) string {
	for more := expr != ""; more; {
		var alternative string
		alternative, expr, more = strings.Cut(expr, "|")
		value := at(doc, strings.TrimSpace(alternative))
		if len(value) == 0 || value[0] != '"' {
			continue
		}
		if text := unquote(value); text != "" && len(text) <= maxField && clean(text) {
			return text
		}
	}
	return ""
}

func urlAt(doc []byte, expr string) string {
	if text := textAt(doc, expr); isWeb(text) {
		return text
	}
	return ""
}

func isWeb(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

// tidy applies the rules of Mapping to a profile that a hook filled: it comes from
// the provider, or the browser, too.
func (p *Profile) tidy() {
	for _, text := range [...]*string{&p.DisplayName, &p.FullName, &p.Email, &p.ProfileURL, &p.ImageURL} {
		if len(*text) > maxField || !clean(*text) {
			*text = ""
		}
	}
	for _, address := range [...]*string{&p.ProfileURL, &p.ImageURL} {
		if *address != "" && !isWeb(*address) {
			*address = ""
		}
	}
	p.EmailVerified = p.EmailVerified && p.Email != ""
}

func verifiedAt(doc []byte, expr string) bool {
	switch expr {
	case "":
		return false
	case verifiedAlways:
		return true
	}
	for more := true; more; {
		var alternative string
		alternative, expr, more = strings.Cut(expr, "|")
		if value := at(doc, strings.TrimSpace(alternative)); value != nil {
			return string(value) == "true"
		}
	}
	return false
}

// join evaluates terms separated by spaces. found reports whether any path led
// to something other than null.
func join(doc []byte, terms string, text func([]byte) string) (joined string, found bool) {
	for terms = strings.TrimLeft(terms, " "); terms != ""; terms = strings.TrimLeft(terms, " ") {
		var term string
		term, terms, _ = strings.Cut(terms, " ")
		s, there := fill(doc, term, text)
		found = found || there
		switch {
		case s == "":
		case joined == "":
			joined = s
		default:
			joined += " " + s
		}
	}
	return joined, found
}

// fill evaluates one term: a path, or literal text with paths in braces. One
// path without a value empties the whole term.
func fill(doc []byte, term string, text func([]byte) string) (filled string, found bool) {
	if !strings.Contains(term, "{") {
		value := at(doc, term)
		return text(value), value != nil && string(value) != "null"
	}
	whole := true
	for {
		literal, rest, ok := strings.Cut(term, "{")
		filled += literal
		if !ok {
			break
		}
		var path string
		path, term, _ = strings.Cut(rest, "}")
		value := at(doc, path)
		found = found || value != nil && string(value) != "null"
		s := text(value)
		whole = whole && s != ""
		filled += s
	}
	if !whole {
		return "", found
	}
	return filled, found
}

// clean reports whether every database and page can hold the text.
func clean(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || unicode.IsControl(r) {
			return false
		}
	}
	return true
}
