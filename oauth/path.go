package oauth

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// at returns the value at a dotted path, with names in double quotes where they have
// dots, of a valid JSON document, nil when there is none. Of a repeated name the last
// counts, as in encoding/json. It allocates nothing, which is why documents are not
// decoded.
func at(doc []byte, path string) []byte {
	doc = trimLeft(doc)
	for more := path != ""; more; {
		var step string
		step, path, more = cut(path, '.')
		name, selector, selects := cut(step, '[')
		if name != "" || !selects {
			doc = child(doc, unquoted(name))
		}
		if selects {
			doc = selected(doc, strings.TrimSuffix(selector, "]"))
		}
	}
	return doc[:valueEnd(doc)]
}

func unquoted(name string) string {
	if len(name) > 1 && name[0] == '"' && name[len(name)-1] == '"' {
		return name[1 : len(name)-1]
	}
	return name
}

// cut is strings.Cut outside double quotes and brackets.
func cut(s string, separator byte) (before, after string, found bool) {
	quoted, inside := false, false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case quoted:
		case s[i] == separator && !inside:
			return s[:i], s[i+1:], true
		case s[i] == '[' || s[i] == ']':
			inside = s[i] == '['
		}
	}
	return s, "", false
}

func child(value []byte, step string) (found []byte) {
	if len(value) == 0 || value[0] != '{' && value[0] != '[' {
		return nil
	}
	object := value[0] == '{'
	var want int
	if !object {
		want, _ = strconv.Atoi(step)
		if strconv.Itoa(want) != step {
			return nil // one way to write an index
		}
	}
	rest := trimLeft(value[1:])
	for i := 0; rest[0] != '}' && rest[0] != ']'; i++ {
		var name, v []byte
		if object {
			name, v, rest = member(rest)
			if nameIs(name, step) {
				found = v
			}
			continue
		}
		if v, rest = element(rest); i == want {
			return v
		}
	}
	return found
}

// member splits the rest of an object's content into its next name, still quoted,
// its value, and what follows.
func member(inside []byte) (name, value, rest []byte) {
	end := valueEnd(inside)
	colon := trimLeft(inside[end:])
	value, rest = element(trimLeft(colon[1:]))
	return inside[:end], value, rest
}

// element splits the rest of an array's content into its next value and what
// follows.
func element(inside []byte) (value, rest []byte) {
	end := valueEnd(inside)
	rest = trimLeft(inside[end:])
	if rest[0] == ',' {
		rest = trimLeft(rest[1:])
	}
	return inside[:end], rest
}

func nameIs(quoted []byte, name string) bool {
	inner := quoted[1 : len(quoted)-1]
	if string(inner) == name {
		return true
	}
	return strings.IndexByte(string(inner), '\\') >= 0 && unquote(quoted) == name
}

// valueEnd returns the length of the value that the document begins with.
func valueEnd(doc []byte) int {
	depth := 0
	for i := 0; i < len(doc); i++ {
		switch doc[i] {
		case '"':
			for i++; doc[i] != '"'; i++ {
				if doc[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i // of what the value is in
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
	}
	return len(doc)
}

func trimLeft(doc []byte) []byte {
	for len(doc) > 0 && (doc[0] == ' ' || doc[0] == '\t' || doc[0] == '\r' || doc[0] == '\n') {
		doc = doc[1:]
	}
	return doc
}

// unquote returns the text of a JSON string, as encoding/json would.
func unquote(quoted []byte) string {
	if inner := quoted[1 : len(quoted)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner)
	}
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		return ""
	}
	return s
}
