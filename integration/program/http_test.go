package program_test

import (
	"os"
	"regexp"
	"slices"
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

// Every field that the page names refuses a JSON value of a wrong type by its name.
func TestHTTPPageFieldsRefuseWrongTypes(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"app_url": "http://localhost:9", "signup": "form", "api_tokens": true, "magic_link": true, "confirm_email": true, "mail_to_log": true})
	v := s.signedIn("matt@lp.com").asJSON()
	page, err := os.ReadFile("../../docs/http.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| ([^|]*`(?:POST|PATCH) /[^|]*) \\| ([^|]*) \\|")
	request := regexp.MustCompile("`(POST|PATCH) (/[^ `]*)`")
	field := regexp.MustCompile("`([a-z_]+)(?:=1)?`")
	example := strings.NewReplacer("PROVIDER", "acme", "/ID", "/1", "TOKEN", "none")
	values := strings.Fields("credential two_factor verify login languages confirm_email") // named beside the fields
	n := 0
	for _, row := range row.FindAllStringSubmatch(string(page), -1) {
		for _, r := range request.FindAllStringSubmatch(row[1], -1) {
			for _, f := range field.FindAllStringSubmatch(row[2], -1) {
				name := f[1]
				if slices.Contains(values, name) || strings.HasSuffix(name, "_token") || strings.HasPrefix(name, "signed_") {
					continue
				}
				n++
				for _, value := range []string{`[1]`, `{"a":"b"}`} {
					a := v.send(r[1], example.Replace(r[2]), strings.NewReader(`{"`+name+`":`+value+`}`), map[string][]string{"Content-Type": {"application/json"}})
					if a.status != 422 || !strings.Contains(a.body, `"field":"`+name+`","code":"wrong_type"`) || !strings.Contains(a.body, `"code":"invalid_`+name+`"`) {
						t.Errorf("%s with %s %s: %d %s", a.what, name, value, a.status, a.body)
					}
				}
			}
		}
	}
	if n < 50 {
		t.Errorf("%d fields", n)
	}
}
