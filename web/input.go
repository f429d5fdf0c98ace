package web

import (
	"errors"
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/internal/input"
)

// read returns the fields of the request's form or JSON object, or answers that it
// cannot be read.
func (w *Web) read(rw http.ResponseWriter, r *http.Request) (input.Fields, bool) {
	fields, err := input.Read(rw, r)
	if err == nil {
		return fields, true
	}
	p := social.Problem{Status: http.StatusBadRequest, Code: social.CodeMalformed}
	if errors.Is(err, input.ErrTooLarge) {
		p.Status, p.Code = http.StatusRequestEntityTooLarge, social.CodeTooLarge
	}
	w.soc.Refuse(rw, r, w, p)
	return input.Fields{}, false
}
