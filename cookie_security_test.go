package social_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social"
)

func TestSecurity23_FlowCookies(t *testing.T) {
	t.Parallel()
	s := open(t)
	a := s.browser().post("/login/bird", url.Values{"next": {"/" + strings.Repeat("n", 1000)}})
	line := a.header.Get("Set-Cookie")
	if !strings.HasPrefix(line, "social_flow_") || len(line) >= 4096 ||
		!strings.HasSuffix(line, "; Path=/; Max-Age=600; HttpOnly; SameSite=Lax") {
		t.Error(line)
	}
	secure := open(t, func(c *social.Config) { c.AppURL = "https://app.example.com" })
	a = secure.browser().post("/login/acme", nil)
	if line := a.header.Get("Set-Cookie"); !strings.HasPrefix(line, "__Host-social_flow_") || !strings.HasSuffix(line, "; Secure") {
		t.Error(line)
	}
}

func (b *browser) posts(callback string, answer url.Values) reply {
	b.t.Helper()
	r, err := http.NewRequest("POST", callback, strings.NewReader(answer.Encode()))
	must(b.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://provider.test")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	client := http.Client{CheckRedirect: b.client.CheckRedirect}
	response, err := client.Do(r)
	must(b.t, err)
	response.Body.Close()
	b.client.Jar.SetCookies(response.Request.URL, response.Cookies())
	return reply{status: response.StatusCode, location: response.Header.Get("Location"), header: response.Header}
}

func TestSecurity23_PostedAnswer(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt := s.user("matt@lp.com")
	s.connected(matt, s.posty, "1")
	b := s.browser()
	callback, answer := b.begin("/login/posty", "1")
	other, otherAnswer := b.begin("/login/posty", "1", "next", "/other")

	post := b.posts
	a, second := post(callback, answer), post(other, otherAnswer)
	if line := a.header.Get("Set-Cookie"); a.status != 303 || !strings.HasPrefix(a.location, "/callback/posty?posted=") ||
		!strings.Contains(line, "Max-Age=60;") || !strings.Contains(line, "SameSite=Lax") || s.posty.requests() != 0 {
		t.Errorf("%d %q %s", a.status, a.location, line)
	}
	if a := b.get(second.location); a.status != 303 || a.location != "/other" {
		t.Errorf("the other tab: %d %q", a.status, a.location)
	}
	s.told()
	b.refused(b.get(a.location+"&code=x"), s.posty, 1)
	if done := b.get(a.location); done.status != 303 || done.location != "/profile" || b.whoami() != matt {
		t.Errorf("%d %q", done.status, done.location)
	}
	s.told()
	b.refused(b.get(a.location), s.posty, 2)
	b.refused(b.get(a.location+"&code=x"), s.posty, 2)

	answer.Set("user", strings.Repeat("u", 4000))
	if a := post(callback, answer); a.status != 400 || len(a.header["Set-Cookie"]) != 0 {
		t.Errorf("too long: %d", a.status)
	}
	answer.Set("user", strings.Repeat("u", 100_000))
	if a := post(callback, answer); a.status != 400 {
		t.Errorf("much too long: %d", a.status)
	}

	b.post("/sign-out", nil)
	callback, answer = b.begin("/login/posty", "1")
	a = post(callback, answer)
	s.pass(time.Minute)
	b.refused(b.get(a.location), s.posty, 2)
}

func TestSecurity24_ParallelTabs(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.connected(s.user("matt@lp.com"), s.acme, "1")
	b := s.browser()
	type tab struct {
		callback string
		answer   url.Values
	}
	var tabs []tab
	for range 12 {
		callback, answer := b.begin("/login/acme", "1")
		tabs = append(tabs, tab{callback, answer})
	}
	if n := strings.Count(b.cookies(), "social_flow_"); n != 8 {
		t.Errorf("%d flow cookies", n)
	}
	for i := len(tabs) - 1; i >= 0; i-- {
		want := 303
		if i < 4 {
			want = 400
		}
		if a := b.get(tabs[i].callback + "?" + tabs[i].answer.Encode()); a.status != want {
			t.Errorf("tab %d: %d, want %d", i, a.status, want)
		}
	}
	if n := strings.Count(b.cookies(), "social_flow_"); n != 0 {
		t.Errorf("%d flow cookies are left", n)
	}
}

func TestSecurity24_TwoFlowCookiesOfOneName(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := s.browser()
	callback, answer := b.begin("/login/acme", "1")
	b.refused(s.browser().get(callback+"?"+answer.Encode(), "Cookie", b.cookies()+"; "+b.cookies()), s.acme, 0)
}

// Another site may have set many cookies. The answer stays small, and removes some of
// them.
func TestSecurity24_ManyFlowCookies(t *testing.T) {
	t.Parallel()
	s := open(t)
	var header strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&header, "social_flow_%024d=x; ", i)
	}
	r := httptest.NewRequest("POST", "/login/acme", nil)
	r.Header.Set("Cookie", header.String())
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	removed, begun := 0, 0
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			removed++
		} else {
			begun++
		}
	}
	if w.Code != 303 || removed != 64 || begun != 1 {
		t.Errorf("%d, %d flow cookies removed, %d begun", w.Code, removed, begun)
	}
}
