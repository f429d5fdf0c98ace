package web

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"

	"github.com/gosocial/social"
)

// maxInput bounds a form in bytes.
const maxInput = 64 << 10

// input is what a form or a JSON object brought.
type input struct {
	fields map[string][]string
	json   bool
}

// input reads the request's form or JSON object, or answers that it cannot.
func (w *Web) input(rw http.ResponseWriter, r *http.Request) (in input, ok bool) {
	r.Body = http.MaxBytesReader(rw, r.Body, maxInput)
	var err error
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/json" {
		in, err = readJSON(r)
	} else {
		err = r.ParseForm()
		in = input{fields: r.PostForm}
	}
	if err == nil {
		return in, true
	}
	p := social.Problem{Status: http.StatusBadRequest, Code: social.CodeMalformed}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		p.Status, p.Message.Code = http.StatusRequestEntityTooLarge, social.CodeTooLarge
	}
	w.soc.Refuse(rw, r, w, p)
	return input{}, false
}

func readJSON(r *http.Request) (input, error) {
	var object map[string]any
	if err := json.NewDecoder(r.Body).Decode(&object); err != nil {
		return input{}, err
	}
	in := input{fields: map[string][]string{}, json: true}
	for name, value := range object {
		switch v := value.(type) {
		case string:
			in.fields[name] = []string{v}
		case bool:
			if v {
				in.fields[name] = []string{"true"}
			}
		}
	}
	return in, nil
}

func (in input) get(name string) string {
	if v := in.fields[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func (in input) has(name string) bool { return len(in.fields[name]) > 0 }

// first returns the first of the fields that is not empty.
func (in input) first(names ...string) string {
	for _, name := range names {
		if v := in.get(name); v != "" {
			return v
		}
	}
	return ""
}

// checked reports whether a box was ticked.
func (in input) checked(name string) bool {
	switch in.get(name) {
	case "", "0", "false", "n", "no", "off":
		return false
	}
	return true
}
