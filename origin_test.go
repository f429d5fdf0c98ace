package social_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social"
)

const spa = "https://spa.example.com"

func trustsSPA(c *social.Config) { c.TrustedOrigins = []string{"https://SPA.example.com:443/"} }

// Pages of a trusted origin may use every endpoint with the user's cookies, and only
// they may.
func TestTrustedOrigins(t *testing.T) {
	t.Parallel()
	s := open(t, trustsSPA)
	matt := s.user("matt@lp.com")
	b := s.signedIn(matt).program()
	for _, request := range []string{
		"GET /connections", "GET /providers", "POST /connect/acme", "POST /reconnect/acme", "POST /login/acme", "DELETE /connect/acme",
		"DELETE /connect/acme/1", "POST /connections/1/check", "GET /connections/pending", "POST /connections/pending", "GET /nowhere",
	} {
		method, path, _ := strings.Cut(request, " ")
		a := b.do(method, path, nil, "Origin", spa, "Sec-Fetch-Site", "same-site")
		if a.status == http.StatusForbidden || a.header.Get("Access-Control-Allow-Origin") != spa ||
			a.header.Get("Access-Control-Allow-Credentials") != "true" || a.header.Get("Vary") != "Origin" {
			t.Errorf("%s: %d %v", request, a.status, a.header)
		}
		a = b.do("OPTIONS", path, nil, "Origin", spa, "Access-Control-Request-Method", method, "Access-Control-Request-Headers", "content-type")
		if a.status != http.StatusNoContent || a.header.Get("Access-Control-Allow-Origin") != spa ||
			!strings.Contains(a.header.Get("Access-Control-Allow-Methods"), method) || a.header.Get("Access-Control-Allow-Headers") != "content-type" {
			t.Errorf("preflight of %s: %d %v", request, a.status, a.header)
		}
		for _, other := range []string{"https://evil.example", "null", "http://spa.example.com", spa + ":8443"} {
			a = b.do(method, path, nil, "Origin", other, "Sec-Fetch-Site", "cross-site")
			if method != "GET" && path != "/nowhere" && a.status != http.StatusForbidden || a.header.Get("Access-Control-Allow-Origin") != "" || a.header.Get("Vary") != "Origin" {
				t.Errorf("%s from %s: %d %v", request, other, a.status, a.header)
			}
			if a = b.do("OPTIONS", path, nil, "Origin", other, "Access-Control-Request-Method", method); a.status == http.StatusNoContent {
				t.Errorf("preflight of %s from %s: %d %v", request, other, a.status, a.header)
			}
		}
	}
	// What providers send is not shared.
	for _, path := range []string{"/callback/acme", "/callback/acme?code=1&state=2"} {
		if a := b.get(path, "Origin", spa); a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", path, a.header)
		}
	}
	if a := open(t).browser().get("/providers", "Origin", spa); a.header.Get("Access-Control-Allow-Origin") != "" || a.header.Get("Vary") != "" {
		t.Errorf("without trusted origins: %v", a.header)
	}
}

// A flow may go back to a page of a trusted origin, also when it fails.
func TestFlowsGoBackToTrustedOrigins(t *testing.T) {
	t.Parallel()
	s := open(t, trustsSPA)
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	if a := s.browser().flow("/login/acme", "1", "next", spa+"/done?a=b"); a.location != spa+"/done?a=b" {
		t.Errorf("log-in: %q", a.location)
	}
	if a := s.browser().flow("/login/acme", "9", "next", spa+"/#/in", "failure", "query"); a.location != spa+"/?error=unknown_account#/in" {
		t.Errorf("failure: %q", a.location)
	}
	b := s.signedIn(matt)
	if a := b.flow("/connect/acme", "2", "next", spa); a.location != spa+"/" {
		t.Errorf("connect: %q", a.location)
	}
	b.post("/return/connect", url.Values{"to": {spa + "/kept"}})
	if a := b.flow("/reconnect/acme", "1"); a.location != spa+"/kept" {
		t.Errorf("kept: %q", a.location)
	}
	if a := b.flow("/reconnect/acme", "1", "next", "https://evil.example/"); a.location != "/profile" {
		t.Errorf("another: %q", a.location)
	}
}

func TestTrustedOriginsAreChecked(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, text := range []string{"*", "spa.example.com", "https://spa.example.com/app", "https://spa%25.example.com", "null", ""} {
		c := s.Config()
		c.TrustedOrigins = []string{spa, text}
		if _, err := social.New(c); err == nil || !strings.Contains(err.Error(), "TrustedOrigins") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// markedPages have a mark for one provider.
type markedPages struct{ recordingPages }

func (*markedPages) MarkURL(mark string) string {
	if mark == "acme" {
		return "/acme.svg"
	}
	return ""
}

func TestProvidersAsJSON(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) {
		c.URLPrefix = "/social"
		c.Providers[0].(*stub).about.Hints = []string{"login_hint"}
		c.Providers[1].(*stub).about.Mark = "acme" // the same provider under another ID
	})
	s.pages = &markedPages{}
	b := s.browser()
	for _, accept := range []string{"application/json", "text/html", "*/*"} {
		a := b.get("/social/providers", "Accept", accept)
		var list []map[string]any
		must(t, json.Unmarshal([]byte(a.body), &list))
		first, err := json.Marshal(list[0])
		must(t, err)
		want := `{"connect_url":"/social/connect/acme","hints":["login_hint"],"id":"acme","login_url":"/social/login/acme","mark":"/acme.svg","name":"Acme","reconnect_url":"/social/reconnect/acme"}`
		if a.status != 200 || len(list) != 3 || string(first) != want || list[1]["id"] != "posty" || list[1]["mark"] != "/acme.svg" || list[2]["mark"] != "" || list[2]["hints"] == nil {
			t.Errorf("%d %s", a.status, a.body)
		}
		if a.header.Get("Content-Type") != "application/json" || a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%v", a.header)
		}
	}
	if a := b.post("/social/providers", nil); a.status != 405 || a.header.Get("Allow") != "GET, HEAD" {
		t.Errorf("%d %v", a.status, a.header)
	}
	s.pages = nil
	if a := b.get("/social/providers"); !strings.Contains(a.body, `"mark":""`) || strings.Contains(a.body, "svg") {
		t.Errorf("without pages: %s", a.body)
	}
}
