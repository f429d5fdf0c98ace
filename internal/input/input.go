// Package input reads what people and programs send: forms and JSON objects.
package input

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// MaxBytes is the largest body that is read.
const MaxBytes = 64 << 10

// Errors of reading a body. They quote nothing of it, since it may have secrets.
var (
	ErrTooLarge  = errors.New("input: the body is too large")
	ErrMalformed = errors.New("input: the body is malformed")
)

// Fields are the fields of a form, or the members of a JSON object.
type Fields struct {
	url.Values
	JSON   bool   // they come from an object
	Object []byte // that one as it was sent

	members map[string]any // of the object
}

// A Kind says which JSON values a field takes. Every field may be null, which is like
// leaving it out.
type Kind int

// The kinds.
const (
	Value Kind = iota // a string or a number
	Flag              // a boolean, too
	Words             // a string, or a list of strings
)

// WrongTypes returns those of the fields, by name, that have a value of another type than
// their kind takes. A form has only strings, which every field takes. Further members of an
// object may be anything: they may be another reader's.
func (f Fields) WrongTypes(fields map[string]Kind) (names []string) {
	for name, kind := range fields {
		if !kind.takes(f.members[name]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (k Kind) takes(value any) bool {
	switch value := value.(type) {
	case bool:
		return k == Flag
	case []any:
		return k == Words && !slices.ContainsFunc(value, func(word any) bool { _, ok := word.(string); return !ok })
	case map[string]any:
		return false
	}
	return true
}

// First returns the first of the fields that is not empty.
func (f Fields) First(names ...string) string {
	for _, name := range names {
		if v := f.Get(name); v != "" {
			return v
		}
	}
	return ""
}

// Checked reports whether a box is ticked.
func (f Fields) Checked(name string) bool {
	switch f.Get(name) {
	case "", "0", "false", "n", "no", "off":
		return false
	}
	return true
}

// Read returns the fields of a body: of a form, or of a JSON object, where strings and
// numbers count, true as "true", and lists of strings with blanks between them; see WrongTypes
// for other values. A body that is empty or of another type has none. The error is ErrTooLarge
// or ErrMalformed, beside the fields that could be read.
func Read(w http.ResponseWriter, r *http.Request) (Fields, error) {
	switch {
	case IsJSON(r):
		limit(w, r)
		body, members, err := object(r)
		if err != nil {
			return Fields{JSON: true}, err
		}
		return Fields{texts(members), true, body, members}, nil
	case contentType(r) == "multipart/form-data":
		limit(w, r)
		err := failure(r.ParseMultipartForm(MaxBytes))
		return Fields{Values: r.PostForm}, err
	default:
		values, err := Form(w, r)
		return Fields{Values: values}, err
	}
}

// Form is Read for nothing but a form as browsers send it by themselves,
// application/x-www-form-urlencoded.
func Form(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	limit(w, r)
	err := failure(r.ParseForm())
	return r.PostForm, err
}

// Load is Read also for r.FormValue, which then finds the fields and, of other names,
// those of the query. An object can be read again.
func Load(w http.ResponseWriter, r *http.Request) (Fields, error) {
	f, err := Read(w, r)
	if f.JSON && err == nil {
		r.Body = io.NopCloser(bytes.NewReader(f.Object))
	}
	r.Form = r.URL.Query()
	for name, values := range f.Values {
		r.Form[name] = values
	}
	return f, err
}

// IsJSON reports whether the body is JSON, by its type. Read reads such a body once; a form
// stays in the request.
func IsJSON(r *http.Request) bool { return contentType(r) == "application/json" }

func contentType(r *http.Request) string {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

func limit(w http.ResponseWriter, r *http.Request) { r.Body = http.MaxBytesReader(w, r.Body, MaxBytes) }

// failure returns the error without what it quotes.
func failure(err error) error {
	if err == nil {
		return nil
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return ErrTooLarge
	}
	return ErrMalformed
}

func object(r *http.Request) (body []byte, members map[string]any, err error) {
	var read bytes.Buffer
	decoder := json.NewDecoder(io.TeeReader(r.Body, &read))
	decoder.UseNumber() // as it was written
	if err := decoder.Decode(&members); err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, failure(err)
	}
	return read.Bytes(), members, nil
}

// texts returns the members as the fields of a form would be.
func texts(members map[string]any) url.Values {
	values := url.Values{}
	for name, member := range members {
		switch member := member.(type) {
		case string:
			values.Set(name, member)
		case json.Number:
			values.Set(name, member.String())
		case bool:
			if member {
				values.Set(name, "true")
			}
		case []any:
			var words []string
			for _, word := range member {
				if word, ok := word.(string); ok {
					words = append(words, word)
				}
			}
			values.Set(name, strings.Join(words, " "))
		}
	}
	return values
}
