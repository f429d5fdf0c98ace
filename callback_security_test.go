package social_test

import (
	"context"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/vault"
)

func TestSecurity07_HeadersDoNotChangeRedirectURIs(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := s.browser()
	r, err := http.NewRequest("POST", s.url+"/login/acme", nil)
	must(t, err)
	r.Host = "evil.example"
	for _, name := range []string{"Host", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Original-Host", "X-Forwarded-Prefix"} {
		r.Header.Set(name, "evil.example")
	}
	r.URL.RawQuery = "redirect_uri=https://evil.example&state=mine&client_id=x"
	response, err := b.client.Do(r)
	must(t, err)
	response.Body.Close()
	to := response.Header.Get("Location")
	if strings.Contains(to, "evil") || strings.Contains(to, "state=mine") ||
		!strings.Contains(to, url.QueryEscape(s.url+"/callback/acme")) {
		t.Error(to)
	}
}

func TestSecurity08_CrossSiteRequestsChangeNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt := s.user("matt@lp.com")
	c := s.connected(matt, s.acme, "1")
	b := s.signedIn(matt)
	for _, headers := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
	} {
		for _, request := range []string{
			"POST /connect/acme", "POST /reconnect/acme", "DELETE /connect/acme", "DELETE /connect/acme/1",
			"POST /connect/acme?_method=DELETE", "POST /connections/" + c.ID + "/check",
		} {
			method, path, _ := strings.Cut(request, " ")
			if a := b.do(method, path, nil, headers...); a.status != http.StatusForbidden {
				t.Errorf("%s with %v: %d", request, headers, a.status)
			}
		}
		if a := s.browser().post("/login/acme", nil, headers...); a.status != http.StatusForbidden || len(a.header["Set-Cookie"]) > 0 {
			t.Errorf("log-in with %v: %d", headers, a.status)
		}
	}
	if len(s.rows(matt)) != 1 {
		t.Error("removed")
	}
	for _, headers := range [][]string{{}, {"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"}, {"Origin", s.url}} {
		if a := b.do("POST", "/connect/acme", nil, headers...); a.status != 303 {
			t.Errorf("from here, with %v: %d", headers, a.status)
		}
	}
	// The callback alone comes from elsewhere.
	callback, answer := b.begin("/connect/acme", "2")
	if a := b.get(callback+"?"+answer.Encode(), "Sec-Fetch-Site", "cross-site"); a.status != 303 {
		t.Errorf("callback: %d", a.status)
	}
}

func TestSecurity09_Next(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.connected(s.user("matt@lp.com"), s.acme, "1")
	for _, next := range []string{"//evil.example", `/\evil.example`, "https://evil.example", "/\t/evil.example", "/%09/evil.example", "https:evil.example", "/%255cevil.example", "//a@evil.example"} {
		if a := s.browser().flow("/login/acme", "1", "next", next); a.location != "/profile" {
			t.Errorf("next %q leads to %q", next, a.location)
		}
	}
	b := s.browser()
	if a := b.post("/return/login", url.Values{"to": {"//evil.example"}}); a.status != 400 {
		t.Errorf("ReturnAfterLogin took it: %d", a.status)
	}
}

func TestSecurity10_CallbackAnswers(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.connected(s.user("matt@lp.com"), s.acme, "1")
	check := func(name string, a reply, status int) {
		t.Helper()
		if a.status != status || a.header.Get("Cache-Control") != "no-store" || a.header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %d %v", name, a.status, a.header)
		}
		if a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: the answer may be read as another type", name)
		}
		if csp := a.header.Get("Content-Security-Policy"); status >= 400 && !strings.HasPrefix(csp, "default-src 'none';") {
			t.Errorf("%s: the page may load: %q", name, csp)
		}
		if strings.Contains(a.location, "code=") || strings.Contains(a.location, "state=") || strings.Contains(a.body, "<") {
			t.Errorf("%s: %q %s", name, a.location, a.body)
		}
	}
	b := s.browser()
	check("log-in", b.flow("/login/acme", "1"), 303)
	check("unknown", s.browser().flow("/login/acme", "2"), 303)
	check("denied", s.browser().deny("/login/acme"), 303)
	check("refused", s.browser().get("/callback/acme"), 400)
	check("json", s.browser().program().flow("/login/acme", "1"), 200)
	check("unknown provider", s.browser().get("/callback/nobody"), 404)
	check("method", s.browser().do("DELETE", "/callback/acme", nil), 405)
	check("json refused", s.browser().program().get("/callback/acme"), 400)
	check("posted", s.browser().post("/callback/posty", url.Values{"state": {"x"}, "code": {"y"}}), 303)
	s.acme.set(func(p *stub) { p.fail = http.ErrServerClosed })
	check("provider", s.browser().flowFails(s), 502)

	for _, twice := range []string{"state", "code", "iss", "error"} {
		s.acme.set(func(p *stub) { p.fail = nil })
		b := s.browser()
		callback, answer := b.begin("/login/acme", "1")
		before := s.acme.requests()
		answer.Add(twice, answer.Get(twice))
		if twice == "iss" || twice == "error" {
			answer[twice] = []string{"x", "x"}
		}
		b.told()
		b.refused(b.get(callback+"?"+answer.Encode()), s.acme, before)
	}
	b = s.browser()
	callback, answer := b.begin("/login/acme", "1")
	answer.Set("error", "access_denied")
	before := s.acme.requests()
	b.refused(b.get(callback+"?"+answer.Encode()), s.acme, before)
	for _, raw := range []string{"%zz", "state=a;code=b"} {
		b.refused(b.get("/callback/acme?"+raw), s.acme, before)
	}
}

// flowFails begins while the provider works, and comes back when it does not.
func (b *browser) flowFails(s *site) reply {
	b.t.Helper()
	var fail error
	s.acme.set(func(p *stub) { fail, p.fail = p.fail, nil })
	callback, answer := b.begin("/login/acme", "1")
	s.acme.set(func(p *stub) { p.fail = fail })
	return b.get(callback + "?" + answer.Encode())
}

func TestSecurity21_UnusableProviderUserID(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, subject := range []string{"empty", "a\x00b", "a\nb", " 1", "1 ", "not UTF-8", strings.Repeat("1", 256)} {
		b := s.browser()
		if a := b.flow("/login/acme", subject); a.status != 502 {
			t.Errorf("%q: %d", subject, a.status)
		}
	}
	if told := s.told(); told != "" {
		t.Error(told)
	}
}

func TestClaimComesFirst(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.Connections = brokenClaims{c.Connections.(fullStore)} })
	b := s.browser()
	a := b.flow("/login/acme", "1")
	if a.status != 500 || s.acme.requests() != 0 {
		t.Errorf("%d, %d token requests", a.status, s.acme.requests())
	}
	if strings.Contains(a.body, "CANARY") || !strings.Contains(a.body, "Request ") || !strings.Contains(s.log.String(), "CANARY-cause") {
		t.Errorf("%s\n%s", a.body, s.log)
	}
	id := strings.TrimSpace(a.body[strings.Index(a.body, "Request ")+8:])
	if !strings.Contains(s.log.String(), "request_id="+id) {
		t.Errorf("the log does not know %q", id)
	}
}

type brokenClaims struct{ fullStore }

func (brokenClaims) Claim(_ context.Context, c vault.Claim) error {
	return errCause(hex.EncodeToString(c.Key))
}
