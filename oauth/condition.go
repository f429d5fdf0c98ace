package oauth

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// A Condition recognises an answer of a provider by what is in it, as text of
// the form
//
//	[STATUS] [PATH=VALUE[&PATH=VALUE…]]
//
// such as "400 message=Invalid refresh token" or
// "errors.0.field=refresh_token&errors.0.code=invalid". It holds when the status
// is the one named, if one is, and every value is at its path. With != it is another
// value that has to be there: "errcode!=0". With *= it is a value that contains this one:
// "error_description*=E50011:". A path is one of
// Mapping, without its alternatives and joins, into a JSON object; in an answer
// or callback that is form-encoded it is the name of a parameter. Values are
// compared to the letter: a string, or a number, true, false or null as the
// provider wrote it. A value cannot hold "&".
type Condition string

// Check says what is wrong with the condition's text, if anything is. A status
// alone is a condition only where a field says so: here it is an error.
func (c Condition) Check() error {
	parsed, err := c.parse()
	if err == nil && len(parsed.terms) == 0 {
		err = fmt.Errorf("the condition %q names a status and nothing else", string(c))
	}
	return err
}

// A condition is a Condition that has been read.
type condition struct {
	status int // 0 for any
	terms  []test
}

func (c Condition) parse() (condition, error) {
	var out condition
	text := string(c)
	if status, rest, _ := strings.Cut(text, " "); len(status) == 3 && strings.Trim(status, "0123456789") == "" {
		out.status, _ = strconv.Atoi(status)
		text = rest
		if out.status < 100 || out.status > 599 {
			return out, fmt.Errorf("the condition %q names no HTTP status", string(c))
		}
	}
	if text == "" && out.status != 0 {
		return out, nil
	}
	var err error
	if out.terms, err = parseTests(text); err != nil {
		return out, fmt.Errorf("the condition %q is not of the form [STATUS] PATH=VALUE[&PATH=VALUE]", string(c))
	}
	return out, nil
}

// conditions are those of one field of a provider.
type conditions []condition

// parseConditions reads conditions that Check has nothing against.
func parseConditions(list []Condition) (conditions, error) {
	for _, c := range list {
		if err := c.Check(); err != nil {
			return nil, err
		}
	}
	return parseStatuses(list)
}

// parseStatuses reads conditions that may be a status alone.
func parseStatuses(list []Condition) (conditions, error) {
	var out conditions
	for _, text := range list {
		c, err := text.parse()
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// hold reports whether any condition holds for an answer.
func (list conditions) hold(a *answer) bool {
	if len(list) == 0 {
		return false
	}
	if json.Valid(a.body) {
		return list.any(a.status, func(path string) string { return literal(at(a.body, path)) })
	}
	form, _ := url.ParseQuery(string(a.body))
	return list.any(a.status, form.Get)
}

// holdFor reports whether any condition holds for a callback's parameters.
func (list conditions) holdFor(callback url.Values) bool { return list.any(0, callback.Get) }

func (list conditions) any(status int, valueAt func(path string) string) bool {
	for _, c := range list {
		holds := c.status == 0 || c.status == status
		for _, t := range c.terms {
			holds = holds && t.holds(valueAt(t.path))
		}
		if holds {
			return true
		}
	}
	return false
}

// literal returns a string's text, any other scalar as it is written, and "" for
// an object, an array or nothing.
func literal(value []byte) string {
	if len(value) == 0 || value[0] == '{' || value[0] == '[' {
		return ""
	}
	if value[0] == '"' {
		return unquote(value)
	}
	return string(value)
}
