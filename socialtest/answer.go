package socialtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// An answer is the response of an endpoint. It has fields or a body, or leads to the
// application's callback.
type answer struct {
	status      int
	header      http.Header
	contentType string

	fields map[string]any
	form   bool // fields are form-encoded instead of JSON
	body   []byte

	callback *callback
}

// ok is an answer of JSON with status 200.
func ok(fields map[string]any) *answer { return &answer{status: http.StatusOK, fields: fields} }

// oauthError is an error of RFC 6749 §5.2.
func oauthError(status int, code, description string) *answer {
	a := &answer{status: status, fields: map[string]any{"error": code, "error_description": description}}
	if status == http.StatusUnauthorized {
		a.header = http.Header{"Www-Authenticate": {`Basic realm="socialtest", charset="UTF-8"`}}
	}
	return a
}

// bearerError is an error of RFC 6750 §3.
func bearerError(status int, code, description string) *answer {
	a := oauthError(status, code, description)
	a.header = http.Header{"Www-Authenticate": {`Bearer error="` + code + `", error_description="` + description + `"`}}
	return a
}

// head writes status and header, and returns the body.
func (a *answer) head(w http.ResponseWriter) []byte {
	body, contentType := a.body, a.contentType
	if body == nil && a.fields != nil {
		if a.form {
			v := make(url.Values, len(a.fields))
			for name, value := range a.fields {
				v.Set(name, text(value))
			}
			body = []byte(v.Encode())
			if contentType == "" {
				contentType = "application/x-www-form-urlencoded"
			}
		} else {
			var b bytes.Buffer
			enc := json.NewEncoder(&b)
			enc.SetEscapeHTML(false)
			// A fault set invalid JSON as a field: it makes the whole body invalid.
			if err := enc.Encode(a.fields); err != nil {
				b.Reset()
				b.WriteString("{" + err.Error())
			}
			body = b.Bytes()
			if contentType == "" {
				contentType = "application/json"
			}
		}
	}
	h := w.Header()
	for name, values := range a.header {
		h[name] = values
	}
	if contentType != "" {
		h.Set("Content-Type", contentType)
	}
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	if a.status != 0 && a.status != http.StatusOK {
		w.WriteHeader(a.status)
	}
	return body
}

func (a *answer) write(w http.ResponseWriter) { w.Write(a.head(w)) }

// maxBody bounds a request's body.
const maxBody = 1 << 20

// endpoint makes a handler of an endpoint: it reads the whole request, records
// it, applies the faults that are on, and writes the answer.
func (p *Provider) endpoint(e Endpoint, serve func(*http.Request) *answer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			var tooLarge *http.MaxBytesError
			if errors.As(err, &tooLarge) {
				http.Error(w, "socialtest: the body is too large", http.StatusRequestEntityTooLarge)
			}
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		var form url.Values
		var formErr error
		if r.Method != http.MethodGet && isForm(r) {
			form, formErr = url.ParseQuery(string(body))
		}
		query, queryErr := url.ParseQuery(r.URL.RawQuery)
		p.log.add(e, r, query, form, p.srv.now())
		r = withParams(r, query, form)

		reply := p.claimReply(e)
		if reply != nil && !reply.late {
			reply.reply(w, r, &answer{}, p.srv.done)
			return
		}
		var a *answer
		if formErr != nil || queryErr != nil {
			a = oauthError(http.StatusBadRequest, "invalid_request", "the parameters are not form-encoded")
		} else {
			a = serve(r)
		}
		if a.fields != nil {
			for _, f := range p.claimFaults(e, Fault.editsFields) {
				f.edit(a.fields)
			}
		}
		if a.callback != nil {
			from := e
			if e == EndpointConsent {
				from = EndpointAuthorize
			}
			for _, f := range p.claimFaults(from, Fault.spoilsCallback) {
				f.params(a.callback.params)
			}
		}
		if a.callback != nil {
			p.leadBack(a)
		}
		if reply != nil {
			reply.reply(w, r, a, p.srv.done)
			return
		}
		a.write(w)
	})
}

func isForm(r *http.Request) bool {
	mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(mediaType), "application/x-www-form-urlencoded")
}
