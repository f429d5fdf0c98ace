package social_test

import (
	"context"
	"crypto/rand"
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

// posts sends an answer as a form on the provider's page does: cross-site, so that no
// Lax cookie comes along.
func (b *browser) posts(callback string, answer url.Values) reply {
	b.t.Helper()
	return b.postsText(callback, answer.Encode())
}

func (b *browser) postsText(callback, form string) reply {
	b.t.Helper()
	r, err := http.NewRequest("POST", callback, strings.NewReader(form))
	must(b.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://provider.test")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	client := http.Client{Transport: b.transport, CheckRedirect: b.client.CheckRedirect}
	response, err := client.Do(r)
	must(b.t, err)
	response.Body.Close()
	b.client.Jar.SetCookies(response.Request.URL, response.Cookies())
	to := strings.TrimSuffix(response.Header.Get("Location"), "#")
	return reply{status: response.StatusCode, location: to, header: response.Header}
}

func TestSecurity23_PostedAnswer(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt := s.user("matt@lp.com")
	s.connected(matt, s.posty, "1")
	b := s.browser()
	callback, answer := b.begin("/login/posty", "1")
	other, otherAnswer := b.begin("/login/posty", "1", "next", "/other")

	second := b.posts(other, otherAnswer)
	if a := b.get(second.location); a.status != 303 || a.location != "/other" {
		t.Errorf("the other tab: %d %q", a.status, a.location)
	}
	a := b.posts(callback, answer)
	if line := a.header.Get("Set-Cookie"); a.status != 303 || !strings.HasPrefix(a.location, "/callback/posty?posted=") ||
		!strings.Contains(line, "Max-Age=60;") || !strings.Contains(line, "SameSite=Lax") || s.posty.requests() != 1 {
		t.Errorf("%d %q %s", a.status, a.location, line)
	}
	s.told()
	b.refused(b.get(a.location+"&code=x"), s.posty, 1)
	if done := b.get(a.location); done.status != 303 || done.location != "/profile" || b.whoami() != matt {
		t.Errorf("%d %q", done.status, done.location)
	}
	s.told()
	b.refused(b.get(a.location+"&code=x"), s.posty, 2)

	answer.Set("user", strings.Repeat("u", 100_000))
	if a := b.posts(callback, answer); a.status != 400 || len(a.header["Set-Cookie"]) != 0 {
		t.Errorf("much too long: %d", a.status)
	}

	b.post("/sign-out", nil)
	b.refused(b.get(a.location), s.posty, 2)
	callback, answer = b.begin("/login/posty", "1")
	a = b.posts(callback, answer)
	s.pass(time.Minute)
	b.refused(b.get(a.location), s.posty, 2)
}

// random returns so many characters that do not compress.
func random(n int) string {
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(rand.Text())
	}
	return b.String()[:n]
}

// A code of any length comes through, in a cookie or in a row.
func TestSecurity24_LongPostedAnswers(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.connected(s.user("matt@lp.com"), s.posty, "1")
	for _, long := range []string{"", random(600), random(3000), random(12_000), strings.Repeat("u", 15_000)} {
		b := s.browser()
		callback, answer := b.begin("/login/posty", "1")
		answer.Set("user", long)
		a := b.posts(callback, answer)
		if line := a.header.Get("Set-Cookie"); a.status != 303 || len(line) >= 4096 {
			t.Fatalf("%d bytes: %d, a cookie of %d bytes", len(long), a.status, len(line))
		}
		if a := b.get(a.location); a.status != 303 || a.location != "/profile" || b.whoami() == "" {
			t.Errorf("%d bytes: %d %s", len(long), a.status, a.body)
		}
		if rows := s.waiting("answer"); rows != 0 {
			t.Errorf("%d bytes: %d rows are left", len(long), rows)
		}
	}
	b := s.browser()
	callback, answer := b.begin("/login/posty", "1")
	answer.Set("user", random(16<<10))
	if a := b.posts(callback, answer); a.status != 400 || len(a.header["Set-Cookie"]) != 0 || s.waiting("answer") != 0 {
		t.Errorf("too long: %d", a.status)
	}
}

// waiting counts the rows of a purpose.
func (s *site) waiting(purpose string) int {
	s.t.Helper()
	due, err := s.store.DueOneTime(context.Background(), purpose, s.now().Add(24*time.Hour), 1000)
	must(s.t, err)
	return len(due)
}

// Any other site can post answers. They are one cookie, and no harm to the flow that
// waits.
func TestSecurity24_PostsDoNotFillTheBrowser(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.connected(s.user("matt@lp.com"), s.posty, "1")
	b := s.browser()
	callback, answer := b.begin("/login/posty", "1")
	before := len(b.cookies())
	for i := range 40 {
		b.posts(callback, url.Values{"state": {fmt.Sprint("theirs", i)}, "code": {random(400 * (i%10 + 1))}})
	}
	if n := len(b.cookies()) - before; n > 4096 {
		t.Errorf("40 posts make %d bytes of cookies", n)
	}
	a := b.posts(callback, answer)
	if a := b.get(a.location); a.status != 303 || b.whoami() == "" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// flowCookies returns how many flow cookies the browser has, and their length.
func (b *browser) flowCookies() (count, length int) {
	for pair := range strings.SplitSeq(b.cookies(), "; ") {
		if strings.Contains(pair, "social_flow_") {
			count++
			length += len(pair) + len("; ")
		}
	}
	return count, length
}

// Proxies take 8 KB of cookies: whatever was begun and posted, there is 1 KB left for
// the others.
func TestSecurity24_AllCookiesTogether(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := s.browser()
	for range 40 {
		b.begin("/login/acme", "1", "next", "/"+strings.Repeat("n", 290))
	}
	for n := 100; n < 6000; n += 100 {
		a := b.posts(b.url+"/callback/posty", url.Values{"state": {"x"}, "code": {random(n)}})
		if length := len(b.cookies()); a.status != 303 || length > 8190-1024 {
			t.Errorf("an answer of %d: %d, %d bytes of cookies", n, a.status, length)
		}
	}
}

// Parallel tabs all finish. Beyond 4 KB of cookies the oldest flow goes.
func TestSecurity24_ParallelTabs(t *testing.T) {
	t.Parallel()
	for _, next := range []string{"", "/" + strings.Repeat("n", 300), "/" + strings.Repeat("n", 1000)} {
		s := open(t)
		s.connected(s.user("matt@lp.com"), s.acme, "1")
		b := s.browser()
		type tab struct {
			callback string
			answer   url.Values
		}
		var tabs []tab
		for range 40 {
			callback, answer := b.begin("/login/acme", "1", "next", next)
			tabs = append(tabs, tab{callback, answer})
		}
		left, length := b.flowCookies()
		if left < 4 || left == len(tabs) || length > 4096 {
			t.Errorf("%d flow cookies of %d bytes", left, length)
		}
		for i := len(tabs) - 1; i >= 0; i-- {
			want := 303
			if i < len(tabs)-left {
				want = 400
			}
			if a := b.get(tabs[i].callback + "?" + tabs[i].answer.Encode()); a.status != want {
				t.Errorf("tab %d: %d, want %d", i, a.status, want)
			}
		}
		if _, length := b.flowCookies(); length > 4096 {
			t.Errorf("after that, %d bytes of flow cookies", length)
		}
		if n := s.acme.requests(); n != left {
			t.Errorf("%d token requests", n)
		}
		// Flows that are done make room first.
		before, _ := b.flowCookies()
		b.post("/sign-out", nil)
		callback, answer := b.begin("/login/acme", "1", "next", "/"+strings.Repeat("x", 300))
		if n, _ := b.flowCookies(); n > before+1 {
			t.Errorf("%d flow cookies", n)
		}
		if a := b.get(callback + "?" + answer.Encode()); a.status != 303 {
			t.Errorf("%d", a.status)
		}
	}
}

// Abandoned starts of every protocol leave less than 4 KB.
func TestSecurity24_AbandonedStarts(t *testing.T) {
	t.Parallel()
	secure := open(t, func(c *social.Config) { c.AppURL = "https://app.example.com" })
	for _, id := range []string{"acme", "bird"} {
		var kept []*http.Cookie
		for range 8 {
			r := httptest.NewRequest("POST", "/login/"+id+"?next=/settings/profile", nil)
			for _, c := range kept {
				r.AddCookie(c)
			}
			w := httptest.NewRecorder()
			secure.Handler().ServeHTTP(w, r)
			kept = append(kept, w.Result().Cookies()...)
		}
		length := 0
		for _, c := range kept {
			length += len(c.Name) + len(c.Value) + len("=; ")
		}
		t.Logf("%s: %d bytes a flow", id, length/8)
		if len(kept) != 8 || length >= 4096 {
			t.Errorf("%s: %d Set-Cookie lines, %d bytes", id, len(kept), length)
		}
	}
}

// What does not fit a cookie waits in a row.
func TestSecurity24_LongFlows(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	var scopes []string
	for i := range 70 {
		scopes = append(scopes, fmt.Sprintf("https://www.example.com/auth/scope.%d", i))
	}
	b := s.signedIn(matt)
	next := "/" + strings.Repeat("n", 1000)
	callback, answer := b.begin("/reconnect/acme", "1", "scope", strings.Join(scopes, " "), "next", next)
	if n, length := b.flowCookies(); n != 1 || length > 400 || s.waiting("flow") != 1 {
		t.Errorf("%d flow cookies of %d bytes, %d rows", n, length, s.waiting("flow"))
	}
	other := s.browser()
	other.refused(other.get(callback+"?"+answer.Encode()), s.acme, 0)
	cookies := b.cookies()
	if a := b.get(callback + "?" + answer.Encode()); a.status != 303 || a.location != next {
		t.Errorf("%d %q %s", a.status, a.location, a.body)
	}
	if got := len(s.rows(matt)[0].Scopes); got != 71 || s.waiting("flow") != 0 {
		t.Errorf("%d scopes, %d rows are left", got, s.waiting("flow"))
	}
	s.told()
	b.refused(s.browser().get(callback+"?"+answer.Encode(), "Cookie", cookies), s.acme, 1)

	// Longer than any provider's scopes.
	a := b.program().post("/reconnect/acme", url.Values{"scope": {strings.Repeat("scope ", 100) + random(16<<10)}})
	if a.status != 413 || a.problem() != "too_large" || s.waiting("flow") != 0 {
		t.Errorf("too long: %d %s", a.status, a.body)
	}
	// Abandoned rows end.
	b = s.browser()
	callback, answer = b.begin("/login/acme", "1", "next", next)
	s.pass(10 * time.Minute)
	b.refused(b.get(callback+"?"+answer.Encode()), s.acme, 1)
}

func TestSecurity24_TwoFlowCookiesOfOneName(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := s.browser()
	callback, answer := b.begin("/login/acme", "1")
	b.refused(s.browser().get(callback+"?"+answer.Encode(), "Cookie", b.cookies()+"; "+b.cookies()), s.acme, 0)
}

// Another site may have set many cookies. The answer stays small, and removes some of
// them; reading them takes little time.
func TestSecurity24_ManyFlowCookies(t *testing.T) {
	t.Parallel()
	s := open(t)
	var header strings.Builder
	for i := 0; header.Len() < 58_000; i++ {
		fmt.Fprintf(&header, "social_flow_%d=x; ", i)
	}
	r := httptest.NewRequest("POST", "/login/acme", nil)
	r.Header.Set("Cookie", header.String())
	w := httptest.NewRecorder()
	began := time.Now()
	s.Handler().ServeHTTP(w, r)
	took := time.Since(began)
	removed, begun := 0, 0
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			removed++
		} else {
			begun++
		}
	}
	if w.Code != 303 || removed != 8 || begun != 1 || took > time.Second {
		t.Errorf("%d, %d flow cookies removed, %d begun in %v", w.Code, removed, begun, took)
	}
}
