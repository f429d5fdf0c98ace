package oauth

import (
	"encoding/json"
	"errors"
	"strings"
)

// A selector in brackets chooses from what is at a path: the first element of a list for
// which all tests hold ("emails[primary=true&verified=true].value"), or the last part of a
// text ("uri[/-1]": what follows the last slash).

// lastPart ends a selector that takes a text apart, after the separator.
const lastPart = "-1"

// selected returns what a selector chooses of the value that a document begins with, nil
// when there is none.
func selected(doc []byte, selector string) []byte {
	if separator, ok := strings.CutSuffix(selector, lastPart); ok && len(separator) == 1 {
		text := plainText(doc[:valueEnd(doc)])
		if i := strings.LastIndex(text, separator); i >= 0 {
			last, _ := json.Marshal(text[i+1:]) // a text has a JSON form
			return last
		}
		return nil
	}
	if len(doc) == 0 || doc[0] != '[' {
		return nil
	}
	for rest := trimLeft(doc[1:]); rest[0] != ']'; {
		var one []byte
		if one, rest = element(rest); holds(one, selector) {
			return one
		}
	}
	return nil
}

// holds reports whether all tests of a text "a=1&b!=2" hold for a document.
func holds(doc []byte, tests string) bool {
	for more := true; more; {
		var one test
		one, tests, more = cutTest(tests)
		if !one.holds(literal(at(doc, one.path))) {
			return false
		}
	}
	return true
}

// A test compares the value at a path.
type test struct {
	path, value string
	not         bool // the value has to be there, and another
	within      bool // the value has to contain it
}

// cutTest reads the first of the tests in a text. A value ends at the next "&".
func cutTest(text string) (t test, rest string, more bool) {
	path, value, _ := cut(text, '=')
	t.path, t.not = strings.CutSuffix(path, "!")
	t.path, t.within = strings.CutSuffix(t.path, "*")
	t.value, rest, more = strings.Cut(value, "&")
	return t, rest, more
}

func (t test) holds(value string) bool {
	switch {
	case t.not:
		return value != "" && value != t.value
	case t.within:
		return strings.Contains(value, t.value)
	}
	return value == t.value
}

// checkSelectors says what is wrong with the selectors in a text of paths.
func checkSelectors(text string) error {
	for {
		_, after, found := cut(text, '[')
		if !found {
			if _, _, stray := cut(text, ']'); stray {
				return errors.New("they do not match")
			}
			return nil
		}
		selector, rest, closed := cutSelector(after)
		separator, splits := strings.CutSuffix(selector, lastPart)
		switch {
		case !closed:
			return errors.New("they do not match")
		case splits && len(separator) == 1:
		default:
			if _, err := parseTests(selector); err != nil {
				return err
			}
		}
		text = rest
	}
}

// cutSelector returns what stands before the bracket that closes a selector.
func cutSelector(text string) (selector, rest string, closed bool) {
	quoted := false
	for i := range len(text) {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case text[i] == ']' && !quoted:
			return text[:i], text[i+1:], true
		}
	}
	return text, "", false
}

// parseTests reads tests, or says what is wrong with them.
func parseTests(tests string) (list []test, err error) {
	for more := true; more; {
		var one test
		one, tests, more = cutTest(tests)
		if one.path == "" || one.value == "" || strings.TrimSpace(one.path) != one.path {
			return nil, errors.New("it is not of the form PATH=VALUE[&PATH=VALUE], or PATH!=VALUE, or PATH*=VALUE")
		}
		list = append(list, one)
	}
	return list, nil
}
