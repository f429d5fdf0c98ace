package social_test

import (
	"context"
	"math"
	"net/http"
	"net/url"
	"strings"
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
	s := openTx(t)
	s.connected(s.user("matt@lp.com"), s.acme, "1")
	b := s.browser()
	callback, answer := b.begin("/login/acme", "1")
	cookies := b.cookies()
	replay := func() reply {
		// With the cookie, which a browser has forgotten by then.
		return s.browser().get(callback+"?"+answer.Encode(), "Cookie", cookies)
	}

	results := make(chan int, 20)
	start := make(chan struct{})
	for range 20 {
		go func() {
			<-start
			results <- replay().status
		}()
	}
	close(start)
	counts := map[int]int{}
	for range 20 {
		counts[<-results]++
	}
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
		if response, err := s.transport.RoundTrip(r); err == nil {
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
