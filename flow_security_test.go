package social_test

import (
	"context"
	"encoding/hex"
	"math"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social"
)

// refused checks that a callback was refused before anything was asked of the
// provider, and left nothing behind.
func (b *browser) refused(a reply, p *stub, requests int) {
	b.t.Helper()
	if a.status != http.StatusBadRequest {
		b.t.Errorf("%d %q %s, want 400", a.status, a.location, a.body)
	}
	if n := p.requests(); n != requests {
		b.t.Errorf("%d token requests, want %d", n, requests)
	}
	if told := b.told(); told != "" {
		b.t.Errorf("events: %s", told)
	}
}

func TestSecurity01_AnotherBrowser(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.connected(s.user("matt@lp.com"), s.acme, "1")
	s.connected(s.user("joe@lp.com"), s.bird, "1")
	for _, p := range []*stub{s.acme, s.bird} {
		attacker, victim := s.browser(), s.browser()
		victim.begin("/login/"+p.about.ID, "1")
		callback, answer := attacker.begin("/login/"+p.about.ID, "1")
		victim.refused(victim.get(callback+"?"+answer.Encode()), p, 0)
		if victim.whoami() != "" {
			t.Error("the victim is signed in")
		}
	}
}

func TestSecurity02_BadState(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.connected(s.user("matt@lp.com"), s.acme, "1")
	for name, change := range map[string]func(*browser, url.Values){
		"missing":  func(_ *browser, q url.Values) { q.Del("state") },
		"empty":    func(_ *browser, q url.Values) { q.Set("state", "") },
		"unknown":  func(_ *browser, q url.Values) { q.Set("state", "AAAAAAAAAAAAAAAAAAAAAAAAAA") },
		"tampered": func(_ *browser, q url.Values) { q.Set("state", q.Get("state")+"A") },
		"cut":      func(_ *browser, q url.Values) { q.Set("state", q.Get("state")[1:]) },
		"missing on error": func(_ *browser, q url.Values) {
			q.Del("state")
			q.Del("code")
			q.Set("error", "access_denied")
		},
		"cookie tampered": func(b *browser, _ url.Values) {
			u, _ := url.Parse(b.url)
			for _, c := range b.client.Jar.Cookies(u) {
				v := []byte(c.Value)
				v[40] ^= 1
				c.Value, c.Path = string(v), "/"
				b.client.Jar.SetCookies(u, []*http.Cookie{c})
			}
		},
		"cookie of another flow": func(b *browser, q url.Values) {
			u, _ := url.Parse(b.url)
			mine := b.client.Jar.Cookies(u)[0]
			_, other := b.begin("/login/acme", "1")
			for _, c := range b.client.Jar.Cookies(u) {
				if c.Name != mine.Name {
					c.Value, c.Path = mine.Value, "/"
					b.client.Jar.SetCookies(u, []*http.Cookie{c})
				}
			}
			q.Set("state", other.Get("state"))
		},
	} {
		b := s.browser()
		callback, answer := b.begin("/login/acme", "1")
		change(b, answer)
		t.Log(name)
		b.refused(b.get(callback+"?"+answer.Encode()), s.acme, 0)
		if b.whoami() != "" {
			t.Error("signed in")
		}
	}
}

func TestSecurity02_Expired(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := s.browser()
	callback, answer := b.begin("/login/acme", "1")
	s.pass(10 * time.Minute)
	b.refused(b.get(callback+"?"+answer.Encode()), s.acme, 0)
}

func TestSecurity02_Replayed(t *testing.T) {
	t.Parallel()
	s := openSQL(t)
	s.connected(s.user("matt@lp.com"), s.acme, "1")
	b := s.browser()
	callback, answer := b.begin("/login/acme", "1")
	cookies := b.cookies()
	replay := func() reply {
		// With the cookie, which a browser has forgotten by then.
		return s.browser().get(callback+"?"+answer.Encode(), "Cookie", cookies)
	}

	s.acme.set(func(p *stub) { p.hold = make(chan struct{}) })
	results := make(chan int, 20)
	var started sync.WaitGroup
	for range 20 {
		started.Add(1)
		go func() {
			started.Done()
			results <- replay().status
		}()
	}
	started.Wait()
	counts := map[int]int{}
	for range 19 {
		counts[<-results]++
	}
	close(s.acme.hold)
	counts[<-results]++
	if counts[400] != 19 || counts[303] != 1 || s.acme.requests() != 1 {
		t.Errorf("%v, %d token requests", counts, s.acme.requests())
	}
	if told := s.told(); told != "login_completed" {
		t.Error(told)
	}
	b.refused(replay(), s.acme, 1)
}

func TestSecurity02_ReplayedAfterAnError(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, p := range []*stub{s.acme, s.bird} {
		b := s.browser()
		callback, answer := b.begin("/login/"+p.about.ID, "1")
		cookies := b.cookies()
		no := url.Values{"state": answer["state"], "error": {"access_denied"}}
		if token := answer.Get("oauth_token"); token != "" {
			no = url.Values{"denied": {token}}
		}
		if a := b.get(callback + "?" + no.Encode()); a.status != 303 {
			t.Errorf("%d", a.status)
		}
		b.refused(s.browser().get(callback+"?"+answer.Encode(), "Cookie", cookies), p, 0)
	}
}

// cookies returns what the browser sends to the site.
func (b *browser) cookies() string {
	u, err := url.Parse(b.url)
	must(b.t, err)
	var pairs []string
	for _, c := range b.client.Jar.Cookies(u) {
		pairs = append(pairs, c.Name+"="+c.Value)
	}
	return strings.Join(pairs, "; ")
}

func TestSecurity03_StateIsFreshAndLong(t *testing.T) {
	t.Parallel()
	s := open(t)
	seen := map[string]bool{}
	characters := map[rune]bool{}
	length := 0
	for range 50 {
		_, answer := s.browser().begin("/login/acme", "1")
		state := answer.Get("state")
		if seen[state] {
			t.Fatal("a state came twice")
		}
		seen[state] = true
		length = len(state)
		for _, c := range state {
			characters[c] = true
		}
	}
	if bits := float64(length) * math.Log2(float64(len(characters))); bits < 128 {
		t.Errorf("%d characters of %d: %.0f bits", length, len(characters), bits)
	}
}

func TestSecurity03_BoundToTheProvider(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := s.browser()
	_, answer := b.begin("/login/posty", "1")
	b.refused(b.get("/callback/acme?"+answer.Encode()), s.acme, 0)
	if n := s.posty.requests(); n != 0 {
		t.Errorf("%d requests to the other provider", n)
	}
}

func TestSecurity03_BoundToTheUser(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"connect", "reconnect"} {
		s := open(t)
		matt, joe := s.user("matt@lp.com"), s.user("joe@lp.com")
		s.connected(matt, s.acme, "1")
		for name, change := range map[string]func(*browser){
			"another user": func(b *browser) { b.signIn(joe) },
			"nobody":       func(b *browser) { b.post("/sign-out", nil) },
		} {
			t.Log(verb, name)
			b := s.signedIn(matt)
			callback, answer := b.begin("/"+verb+"/acme", "1")
			change(b)
			b.refused(b.get(callback+"?"+answer.Encode()), s.acme, 0)
		}
		if len(s.rows(matt)) != 1 || len(s.rows(joe)) != 0 {
			t.Error("something was connected")
		}
	}
}

func TestSecurity03_LogInNeverLinks(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt, joe := s.user("matt@lp.com"), s.user("joe@lp.com")
	s.connected(matt, s.acme, "1")

	b := s.browser()
	callback, answer := b.begin("/login/acme", "1")
	b.signIn(joe)
	before := b.cookies()
	if a := b.get(callback + "?" + answer.Encode()); a.status != 303 || a.location != "/profile" {
		t.Errorf("%d %q", a.status, a.location)
	}
	if b.whoami() != matt || len(s.rows(joe)) != 0 {
		t.Errorf("signed in as %q; joe has %d connections", b.whoami(), len(s.rows(joe)))
	}
	if who := s.browser().get("/whoami", "Cookie", before).body; who != "" {
		t.Error("joe's session goes on")
	}

	// Somebody unknown, too, is not linked to whom is signed in.
	b = s.browser()
	callback, answer = b.begin("/login/acme", "2")
	b.signIn(joe)
	b.get(callback + "?" + answer.Encode())
	if len(s.rows(joe)) != 0 {
		t.Error("linked")
	}
}

func TestSecurity03_BoundToTheIntent(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.LegacyCallbacks = true })
	matt := s.user("matt@lp.com")
	b := s.browser()
	callback, answer := b.begin("/login/acme", "1")
	b.signIn(matt)
	// The log-in comes back where connecting would.
	b.get(strings.Replace(callback, "/login/", "/connect/", 1) + "?" + answer.Encode())
	if len(s.rows(matt)) != 0 || s.told() != "login_failed" {
		t.Error("a log-in became a connect")
	}
}

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
	for _, subject := range []string{"empty", "a\x00b", "a\nb", " 1", "1 ", "\xff", strings.Repeat("1", 256)} {
		b := s.browser()
		if a := b.flow("/login/acme", subject); a.status != 502 {
			t.Errorf("%q: %d", subject, a.status)
		}
	}
	if told := s.told(); told != "" {
		t.Error(told)
	}
}

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

// posts sends an answer as a form on the provider's page does: cross-site, so
// that no Lax cookie comes along.
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

func (brokenClaims) Claim(_ context.Context, key []byte, _, _ time.Time) error {
	return errCause(hex.EncodeToString(key))
}

func TestReconnectGoesThroughWithoutTheBrowser(t *testing.T) {
	t.Parallel()
	events := make(chan social.Event, 10)
	s := open(t, func(c *social.Config) {
		c.OnEvent = func(_ context.Context, e social.Event) { events <- e }
	})
	matt := s.user("matt@lp.com")
	c := s.connected(matt, s.acme, "1")
	b := s.signedIn(matt)
	callback, answer := b.begin("/reconnect/acme", "1")
	hold, arrived := make(chan struct{}), make(chan struct{})
	s.acme.set(func(p *stub) { p.hold, p.arrived = hold, arrived })

	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		r, err := http.NewRequestWithContext(ctx, "GET", callback+"?"+answer.Encode(), nil)
		if err != nil {
			return
		}
		r.Header.Set("Cookie", b.cookies())
		if response, err := http.DefaultClient.Do(r); err == nil {
			response.Body.Close()
		}
	}()
	<-arrived
	cancel()
	<-gone
	close(hold)
	select {
	case e := <-events:
		if e.Event() != "connection_updated" {
			t.Error(e.Event())
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the new token is lost")
	}
	if got := s.token(c); got != "CANARY-access-2" {
		t.Errorf("the token is %q", got)
	}
}
