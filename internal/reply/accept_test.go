package reply_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/gosocial/social/internal/reply"
)

// Where the header names neither HTML nor JSON, the answer for a program is JSON.
func TestProgramsWantJSON(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]bool{
		"": true, "*/*": true, "application/*": true, "text/plain": true, "application/json": true,
		"text/html": false, "text/html, */*": false, "application/xhtml+xml;q=0.1": false, "application/json;q=0": false, "application/json;q=0, text/html": false,
	} {
		r, err := http.NewRequestWithContext(context.WithValue(t.Context(), reply.ProgramKey{}, true), "GET", "/", nil)
		if err != nil {
			t.Fatal(err)
		}
		if accept != "" {
			r.Header.Set("Accept", accept)
		}
		if got := reply.WantsJSON(r); got != want {
			t.Errorf("Accept %q: %t, want %t", accept, got, want)
		}
	}
}

func TestWantsJSON(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		accept string
		want   bool
	}{
		{"", false},
		{"*/*", false},
		{"application/*", false},
		{"text/plain", false},
		{"application/json", true},
		{"application/problem+json", true},
		{"application/json; charset=utf-8", true},
		{"text/plain, application/json;q=0.5", true},
		{"application/jsonp", false},
		{"xapplication/json", false},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false},

		// Case.
		{"Application/JSON", true},
		{"TEXT/HTML, application/json", false},
		{"application/json;Q=0, text/html", false},

		// Order, where the weights are the same.
		{"application/json, text/html", true},
		{"text/html, application/json", false},
		{"application/xhtml+xml, application/json", false},
		{"text/html;q=0.8, application/json;q=0.8", false},
		{"application/json;q=0.8, text/html;q=0.800", true},

		// Weights.
		{"text/html;q=0.5, application/json", true},
		{"application/json;q=0.5, text/html", false},
		{"application/json;q=0.999, text/html", false},
		{"text/html;q=0.009, application/json;q=0.01", true},
		{"application/json;q=0.1, text/html;q=0.05, application/problem+json;q=0.2", true},

		// A weight of 0 is "not this".
		{"application/json;q=0", false},
		{"application/json;q=0.000, */*", false},
		{"text/html;q=0, application/json;q=0.001", true},
		{"text/html;q=0, application/json", true},

		// White space, empty elements, parameters.
		{" ,\t,application/json\t; q=0.7 ", true},
		{"application/json ;charset=utf-8; q=0", false},
		{"application/json;q=0;q=1", false},
		{"text/html;a=\"x, application/json\"", false},
		{"text/html;a=\"\\\", application/json;\";q=0.1, application/json;q=0.5", true},
		{"application/json;a=\"unclosed, text/html", true},
		{",application/json", true},
		{"text/plain\\,application/json", true},

		// A malformed weight counts as none.
		{"application/json;q=, text/html;q=0.9", true},
		{"application/json;q=2, text/html;q=0.9", true},
		{"application/json;q=x", true},
		{"application/json;q=0x", true},
		{"application/json;q=0.0000", true},
		{"application/json;q=-1", true},
		{"application/json;q=1.5, text/html", true},
		{"text/html, application/json;q=2", false},
		{"text/html, application/json;q=1.9", false},
		{"text/html, application/json;q=0.x", false},
		{"application/json;q=0.00-, text/html;q=0.5", true},
		{"application/json;q=0.00a, text/html;q=0.5", true},
	} {
		r := &http.Request{Header: http.Header{"Accept": {tc.accept}}}
		if got := reply.WantsJSON(r); got != tc.want {
			t.Errorf("Accept: %s: JSON is %v", tc.accept, got)
		}
	}
	if reply.WantsJSON(new(http.Request)) {
		t.Error("no Accept: JSON is true")
	}
	// Several lines are one list (RFC 9110 §5.3).
	r := &http.Request{Header: http.Header{"Accept": {"text/html;q=0.5", "application/json;q=0.6"}}}
	if !reply.WantsJSON(r) {
		t.Error("two lines: JSON is false")
	}
}

// Every request asks this.
func TestWantsJSONAllocatesNothing(t *testing.T) {
	r := &http.Request{Header: http.Header{"Accept": {"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"}}}
	if n := testing.AllocsPerRun(100, func() { reply.WantsJSON(r) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
