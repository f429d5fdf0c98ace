package program_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// documented are the rows of the tables of requests: methods, path.
var documented = regexp.MustCompile("(?m)^\\| (`GET /[^|]*|`POST /[^|]*|`DELETE /[^|]*) \\|")

// Every address of the page about HTTP is there, with its methods.
func TestHTTPPageIsTrue(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"signup": "form", "env:SOCIAL_FACEBOOK_CONSUMER_KEY": "k", "env:SOCIAL_FACEBOOK_CONSUMER_SECRET": "s"})
	page, err := os.ReadFile("../../docs/http.md")
	if err != nil {
		t.Fatal(err)
	}
	request := regexp.MustCompile("`(GET|POST|DELETE) (/[^ `]*)`")
	example := strings.NewReplacer("/deauthorize/PROVIDER", "/deauthorize/facebook", "/data-deletion/PROVIDER", "/data-deletion/facebook", "PROVIDER_USER_ID", "1", "PROVIDER", "acme", "/ID/", "/1/", "…", "social.css")
	n := 0
	for _, row := range documented.FindAllString(string(page), -1) {
		for _, r := range request.FindAllStringSubmatch(row, -1) {
			method, path := r[1], example.Replace(r[2])
			if path == "/metrics" || path == "/data-deletion/CODE" { // on a listener of its own; of a request that was made
				continue
			}
			n++
			a := s.visitor().asJSON().do(method, path)
			if strings.Contains(a.body, `"not_found"`) || a.status == 405 || a.status >= 500 {
				t.Errorf("%s %s: %d %s", method, path, a.status, a.body)
			}
		}
	}
	if n < 24 {
		t.Errorf("%d requests are documented", n)
	}
}
