package providers_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

func (c *call) at() string {
	if c.At == "" || strings.Contains(c.At, " ") {
		return c.At
	}
	return "POST " + c.At
}

func (c *call) answer() (status int, body []byte) {
	status, body = c.Status, c.Answer
	if status == 0 {
		status = 200
	}
	var text string
	if json.Unmarshal(body, &text) == nil {
		body = []byte(text)
	}
	return status, body
}

// check compares a request with what the documentation wants of it.
func (o *documentedServer) check(c *call, r *http.Request) {
	for name, want := range c.Header {
		if got := r.Header.Get(name); got != want && !(name == "Authorization" && want == "OAuth" && strings.HasPrefix(got, "OAuth ")) {
			o.t.Errorf("%s: %s is %q, not %q", c.At, name, got, want)
		}
	}
	if query := flat(r.URL.Query()); !maps.Equal(query, c.Query) {
		o.t.Errorf("%s: the query is %v, not %v", c.At, query, c.Query)
	}
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	again := *r
	again.Body = io.NopCloser(bytes.NewReader(body))
	form := parametersOf(&again)
	for name, want := range c.Form {
		if got := form.Get(name); got != want || want == "" && form.Has(name) {
			o.t.Errorf("%s: %s of the form is %q, not %q", c.At, name, got, want)
		}
	}
	if c.JSON != nil && !sameJSON(c.JSON, body) {
		o.t.Errorf("%s: the body is %s, not %s", c.At, body, c.JSON)
	}
}

func sameJSON(a, b []byte) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	one, _ := json.Marshal(x)
	other, _ := json.Marshal(y)
	return bytes.Equal(one, other)
}

// flat has the first value of each parameter.
func flat(values url.Values) map[string]string {
	if len(values) == 0 {
		return nil
	}
	m := make(map[string]string, len(values))
	for name := range values {
		m[name] = values.Get(name)
	}
	return m
}

// parametersOf returns what a token request says, in whatever body, or in its query.
func parametersOf(r *http.Request) url.Values {
	if r.Method == http.MethodGet {
		return r.URL.Query()
	}
	body, _ := io.ReadAll(r.Body)
	if r.Header.Get("Content-Type") != "application/json" {
		form, _ := url.ParseQuery(string(body))
		return form
	}
	var object map[string]string
	json.Unmarshal(body, &object)
	sent := url.Values{}
	for name, value := range object {
		sent.Set(name, value)
	}
	return sent
}
