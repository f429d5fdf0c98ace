package social_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A callback that comes again, by a double click, a reload or the back button, leads
// its browser to where it went, and asks the provider nothing.
func TestCallbackComesTwice(t *testing.T) {
	t.Parallel()
	long := "/" + strings.Repeat("n", 300)
	for name, tc := range map[string]struct{ path, next, want string }{
		"log-in":               {"/login/acme", "", "/profile"},
		"log-in with next":     {"/login/acme", "/there?a=b", "/there?a=b"},
		"log-in, long next":    {"/login/acme", long, long},
		"OAuth 1.0a":           {"/login/bird", "/there", "/there"},
		"the provider posts":   {"/login/posty", "/there", "/there"},
		"connect":              {"/connect/acme", "/there", "/there"},
		"reconnect":            {"/reconnect/acme", "", "/profile"},
		"connect, it had that": {"/connect/bird", "", "/profile"},
		"verify":               {"/verify/acme", "/there", "/there"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openTx(t)
			matt, joe := s.user("matt@lp.com"), s.user("joe@lp.com")
			for _, p := range []*stub{s.acme, s.posty, s.bird} {
				s.connected(matt, p, "1")
			}
			requests := func() int { return s.acme.requests() + s.posty.requests() + s.bird.requests() }
			b := s.browser()
			if !strings.HasPrefix(tc.path, "/login/") {
				b.signIn(matt)
			}
			callback, answer := b.begin(tc.path, "1", "next", tc.next)
			address, original := callback+"?"+answer.Encode(), b.cookies()
			if strings.HasSuffix(tc.path, "posty") {
				address = b.posts(callback, answer).location
			}
			for range 3 {
				if a := b.get(address); a.status != 303 || a.location != tc.want || b.whoami() != matt {
					t.Fatalf("%d %q %s", a.status, a.location, a.body)
				}
			}
			if strings.HasSuffix(tc.path, "posty") { // the form is sent again
				if a := b.get(b.posts(callback, answer).location); a.location != tc.want {
					t.Errorf("posted again: %d %q", a.status, a.location)
				}
			}
			if n := requests(); n != 1 {
				t.Errorf("%d token requests", n)
			}
			told := s.told()
			b.json = true
			if a := b.get(address); a.status != 303 || a.location != tc.want {
				t.Errorf("as JSON: %d %q", a.status, a.location)
			}
			b.json = false

			refused := func(what string, a reply) {
				t.Helper()
				if a.status != http.StatusBadRequest || a.location != "" || requests() != 1 {
					t.Errorf("%s: %d %q, %d token requests", what, a.status, a.location, requests())
				}
			}
			refused("another browser", s.browser().get(address))
			refused("another browser with his session", s.signedIn(matt).get(address))
			refused("a state of one's own", b.get(callback+"?code=x&state=other&oauth_token=x"))
			refused("with what the browser had before", s.browser().get(callback+"?"+answer.Encode(), "Cookie", original))
			b.signIn(joe)
			refused("another user", b.get(address))
			b.post("/sign-out", nil)
			refused("nobody", b.get(address))
			b.signIn(matt)
			if a := b.get(address); a.location != tc.want {
				t.Errorf("he again: %d %q", a.status, a.location)
			}
			s.pass(10 * time.Minute)
			refused("too late", b.get(address))
			if again := s.told(); strings.Contains(again, "login_completed") || strings.Contains(again, "connection_") {
				t.Errorf("events %s, then %s", told, again)
			}
		})
	}
}

// What did not succeed is refused when it comes again.
func TestCallbackComesTwiceAfterAFailure(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt, joe := s.user("matt@lp.com"), s.user("joe@lp.com")
	s.connected(joe, s.acme, "1")
	b := s.signedIn(matt)
	callback, answer := b.begin("/connect/acme", "1") // joe's
	b.get(callback + "?" + answer.Encode())
	if a := b.get(callback + "?" + answer.Encode()); a.status != 400 {
		t.Errorf("taken: %d %q", a.status, a.location)
	}
	b = s.browser()
	callback, answer = b.begin("/login/acme", "9")
	b.get(callback + "?" + answer.Encode())
	if a := b.get(callback + "?" + answer.Encode()); a.status != 400 {
		t.Errorf("unknown: %d %q", a.status, a.location)
	}
}

// A callback is read as browsers write it: a stray character in a parameter that nobody
// needs does no harm.
func TestCallbackIsReadAsBrowsersWriteIt(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.connected(s.user("matt@lp.com"), s.acme, "1")
	s.connected(s.user("joe@lp.com"), s.posty, "1")
	for _, stray := range []string{"&scope=openid;email", "&x=100%", "&x=%zz", "&%", "&;", "&x=a;b=c", "&x=%ff", "&&"} {
		b := s.browser()
		callback, answer := b.begin("/login/acme", "1")
		if a := b.get(callback + "?" + answer.Encode() + stray); a.status != 303 || b.whoami() == "" {
			t.Errorf("%s: %d %s", stray, a.status, a.body)
		}
		b = s.browser()
		callback, answer = b.begin("/login/acme", "1")
		denied := "?error=access_denied&error_description=The+user+denied;+try+again" + stray + "&state=" + answer.Get("state")
		if a := b.get(callback + denied); a.status != 303 || a.location != "/login" || b.flash() != "error: Access was denied to your Acme account" {
			t.Errorf("%s: denied: %d %q", stray, a.status, a.location)
		}
		b = s.browser()
		callback, answer = b.begin("/login/posty", "1")
		a := b.do("POST", callback, nil)
		if a.status != 400 {
			t.Errorf("no form: %d", a.status)
		}
		if a := b.get(b.postsText(callback, answer.Encode()+stray).location); a.status != 303 || b.whoami() == "" {
			t.Errorf("%s: posted: %d %s", stray, a.status, a.body)
		}
	}
	// What is needed still counts once.
	for _, twice := range []string{"&state=x;", "&code=%", "&%63ode=x", "&st%61te="} {
		b := s.browser()
		callback, answer := b.begin("/login/acme", "1")
		before := s.acme.requests()
		s.told()
		b.refused(b.get(callback+"?"+answer.Encode()+twice), s.acme, before)
		callback, answer = b.begin("/login/posty", "1")
		if a := b.postsText(callback, answer.Encode()+twice); a.status != 400 {
			t.Errorf("%s: posted: %d", twice, a.status)
		}
	}
}

// A provider that posts its answers is not believed by a GET, which any page can make.
func TestPostingProviderIsNotBelievedByGET(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.connected(s.user("joe@lp.com"), s.posty, "1")
	b := s.browser()
	callback, answer := b.begin("/login/posty", "1")
	for _, query := range []string{answer.Encode(), answer.Encode() + "&posted=", "state=" + answer.Get("state")} {
		b.refused(b.get(callback+"?"+query), s.posty, 0)
	}
	if a := b.get(b.posts(callback, answer).location); a.status != 303 || b.whoami() == "" {
		t.Errorf("posted: %d %s", a.status, a.body)
	}
	// An error gives nothing to anybody. Servers that cannot post say so by a GET.
	b = s.browser()
	callback, answer = b.begin("/login/posty", "1")
	if a := b.get(callback + "?" + url.Values{"error": {"access_denied"}, "state": answer["state"]}.Encode()); a.location != "/login" {
		t.Errorf("error: %d %q", a.status, a.location)
	}
}

// A redirect from a callback ends the fragment that the provider left (#_=_).
func TestCallbackEndsTheFragment(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.connected(s.user("matt@lp.com"), s.acme, "1")
	for next, want := range map[string]string{"": "/profile#", "/a?b=c": "/a?b=c#", "/a#b": "/a#b"} {
		b := s.browser()
		callback, answer := b.begin("/login/acme", "1", "next", next)
		for range 2 {
			if got := b.get(callback + "?" + answer.Encode()).header.Get("Location"); got != want {
				t.Errorf("next %q: %q", next, got)
			}
		}
	}
	b := s.browser()
	callback, answer := b.begin("/login/posty", "1")
	if got := b.posts(callback, answer).header.Get("Location"); !strings.HasSuffix(got, "#") {
		t.Errorf("posted: %q", got)
	}
	if got := b.post("/login/acme", nil).header.Get("Location"); strings.Contains(got, "#") {
		t.Errorf("to the provider: %q", got)
	}
}
