package gateway

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

const largestBody = 256 << 10

// decode reads a body that is one JSON object into v; a member that v has not is an error.
func decode(w http.ResponseWriter, r *http.Request, v any) error {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "application/json") {
		return &problem{status: http.StatusUnsupportedMediaType, code: "bad_request", detail: "The body has to be JSON: Content-Type: application/json."}
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, largestBody))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, more := d.Token(); more == io.EOF {
			return nil
		}
		return badRequest("The body has more than one JSON object.")
	}
	var large *http.MaxBytesError
	var kindOf *json.UnmarshalTypeError
	switch {
	case errors.As(err, &large):
		return &problem{status: http.StatusRequestEntityTooLarge, code: "bad_request", detail: "The body is too large."}
	case errors.As(err, &kindOf) && kindOf.Field != "":
		return badRequest("The member " + kindOf.Field + " is of the wrong type.")
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return badRequest("The body has an unknown member: " + strings.TrimPrefix(err.Error(), "json: unknown field ") + ".")
	}
	return badRequest("The body is no JSON object.")
}

// invalid is a problem of what someone has entered; err says what is wrong.
func invalid(err error) *problem {
	text := err.Error()
	for _, prefix := range []string{"gateway: ", "webhook: ", "tenants: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return &problem{status: http.StatusUnprocessableEntity, code: "invalid", detail: strings.ToUpper(text[:1]) + text[1:] + "."}
}
