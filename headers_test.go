package social_test

import (
	"strconv"
	"strings"
	"testing"
)

// No answer is stored, and no browser takes JSON, a problem or text for something else.
func TestAnswersAreNeitherStoredNorSniffed(t *testing.T) {
	t.Parallel()
	s := open(t, auto)
	matt := s.user("matt@lp.com")
	c := s.connected(matt, s.acme, "1")
	for _, json := range []bool{true, false} {
		for _, request := range []string{
			"GET /connections 200", "GET /providers 200", "POST /connections/" + c.ID + "/check 200", "POST /connections/x/check 404",
			"POST /connect/acme 200", "POST /login/acme 409", "POST /connect/nobody 404", "GET /connect/acme 405", "DELETE /connect/acme/9 404",
			"GET /callback/acme 400", "GET /nowhere 404", "GET /connections/pending 404", "POST /reconnect/acme 200",
		} {
			b := s.signedIn(matt)
			b.json = json
			method, rest, _ := strings.Cut(request, " ")
			path, _, _ := strings.Cut(rest, " ")
			a := b.do(method, path, nil)
			h := a.header
			if h.Get("Cache-Control") != "no-store" {
				t.Errorf("%s, JSON %v: %v", request, json, h)
			}
			if a.body == "" && !json {
				continue // a redirect
			}
			if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Type") == "" || json && !strings.HasSuffix(request, strconv.Itoa(a.status)) {
				t.Errorf("%s, JSON %v: %d %v", request, json, a.status, h)
			}
			if kind := h.Get("Content-Type"); json && kind != "application/json" && kind != "application/problem+json" {
				t.Errorf("%s: %s", request, kind)
			}
		}
	}
}
