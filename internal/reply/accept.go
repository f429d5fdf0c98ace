package reply

import (
	"net/http"
	"strings"
)

// WantsJSON reports whether a request asks for JSON rather than for a page. Its
// Accept header (RFC 9110 §12.5.1) then names JSON with a weight above 0, and HTML
// with a lower weight, or later with the same one, or not at all. A range such as
// */* names neither.
func WantsJSON(r *http.Request) bool {
	asked, most := false, 0
	named := false
	for _, line := range r.Header["Accept"] {
		for line != "" {
			var element string
			element, line = cut(line, ',')
			kind, parameters := cut(element, ';')
			json := isJSON(kind)
			if !json && !isHTML(kind) {
				continue
			}
			named = true
			if q := weight(parameters); q > most {
				asked, most = json, q
			}
		}
	}
	return asked || !named && r.Context().Value(ProgramKey{}) == true
}

// ProgramKey is the key of true in the context of a request that a program sends, rather
// than a browser.
type ProgramKey struct{}

func isJSON(kind string) bool {
	kind = blanks(kind)
	return strings.EqualFold(kind, "application/json") || strings.EqualFold(kind, "application/problem+json")
}

func isHTML(kind string) bool {
	kind = blanks(kind)
	return strings.EqualFold(kind, "text/html") || strings.EqualFold(kind, "application/xhtml+xml")
}

// weight returns the parameter q in thousandths. Without one, and for one that is
// malformed, it is 1000.
func weight(parameters string) int {
	for parameters != "" {
		var parameter string
		parameter, parameters = cut(parameters, ';')
		name, value, _ := strings.Cut(blanks(parameter), "=")
		if strings.EqualFold(name, "q") {
			return thousandths(value)
		}
	}
	return 1000
}

// thousandths reads a qvalue (RFC 9110 §12.4.2).
func thousandths(value string) int {
	if value == "" || len(value) > 5 || len(value) > 1 && value[1] != '.' {
		return 1000
	}
	n, unit := 0, 1000
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case i == 1:
		case '0' <= c && c <= '9':
			n += int(c-'0') * unit
			unit /= 10
		default:
			return 1000
		}
	}
	return min(n, 1000)
}

// cut splits at the first separator that is in no quoted string (RFC 9110
// §5.6.4).
func cut(s string, separator byte) (before, after string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case quoted && s[i] == '\\':
			i++
		case !quoted && s[i] == separator:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// blanks removes optional white space (RFC 9110 §5.6.3).
func blanks(s string) string { return strings.Trim(s, " \t") }
