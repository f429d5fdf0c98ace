package social_test

import (
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/oauth"
)

// limitedUsers allow so many flows that do not end well.
type limitedUsers struct {
	guarded
	open, answers, checks, most atomic.Int64
}

// of returns the count of a step.
func (u *limitedUsers) of(step identity.FlowStep) *atomic.Int64 {
	switch step {
	case identity.FlowBegins:
		return &u.open
	case identity.LongAnswer:
		return &u.answers
	case identity.ConnectionCheck:
		return &u.checks
	}
	panic("no step: " + step)
}

func (u *limitedUsers) BeginFlow(_ *http.Request, step identity.FlowStep) error {
	if n := u.of(step); n.Add(1) > u.most.Load() {
		n.Add(-1)
		return &accounts.ThrottledError{RetryAfter: 90 * time.Second}
	}
	return nil
}

func (u *limitedUsers) EndFlow(_ *http.Request, step identity.FlowStep) { u.of(step).Add(-1) }

func openLimited(t *testing.T, change ...func(*social.Config)) (*site, *limitedUsers) {
	t.Helper()
	u := &limitedUsers{}
	u.most.Store(1000)
	s := openTx(t, append(change, func(c *social.Config) {
		u.guarded = guarded{Accounts: c.Users.(*accounts.Accounts)}
		c.Users = u
	})...)
	return s, u
}

// Beyond the limit a flow does not begin, and the provider is asked nothing.
func TestSecurity38_FlowsAreLimited(t *testing.T) {
	t.Parallel()
	s, u := openLimited(t)
	matt := s.user("matt@lp.com")
	c := s.connected(matt, s.acme, "1")
	u.most.Store(0)
	b := s.browser()
	for _, path := range []string{"/login/acme", "/login/bird", "/login/posty"} {
		if a := b.post(path, nil); a.status != 429 || a.header.Get("Retry-After") != "90" || len(a.header["Set-Cookie"]) != 0 {
			t.Errorf("%s: %d %v", path, a.status, a.header)
		}
	}
	b = s.signedIn(matt).program()
	for _, path := range []string{"/connect/acme", "/reconnect/acme?connection=" + c.ID} {
		if a := b.post(path, nil); a.status != 429 || a.problem() != "throttled" || a.header.Get("Retry-After") != "90" {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	s.bird.set(func(p *stub) {
		if len(p.asks) != 0 {
			t.Error("a request token was fetched")
		}
	})
	if a := s.browser().post("/login/acme", url.Values{"next": {"/back"}, "failure": {"query"}}); a.location != "/back?error=throttled" {
		t.Errorf("%d %q", a.status, a.location)
	}
}

// A check asks the provider, and counts apart from flows, also when it succeeds.
func TestSecurity38_ChecksAreLimited(t *testing.T) {
	t.Parallel()
	s, u := openLimited(t)
	matt := s.user("matt@lp.com")
	path := "/connections/" + s.connected(matt, s.acme, "1").ID + "/check"
	const most = 3
	u.most.Store(most)
	b, program := s.signedIn(matt), s.signedIn(matt).program()
	for range most {
		if a := program.post(path, nil); a.status != 200 {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if a := program.post(path, nil); a.status != 429 || a.problem() != "throttled" || a.header.Get("Retry-After") != "90" {
		t.Errorf("%d %s, %q", a.status, a.body, a.header.Get("Retry-After"))
	}
	if a := b.post(path, nil); a.status != 429 || a.header.Get("Retry-After") != "90" || b.flash() != "" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := b.post(path, url.Values{"next": {"/back"}, "failure": {"query"}}); a.location != "/back?error=throttled" {
		t.Errorf("%d %q", a.status, a.location)
	}
	if a := b.post("/connections/none/check", nil); a.status != 404 { // which asks nobody
		t.Errorf("%d %s", a.status, a.body)
	}
	if u.open.Load() != 0 {
		t.Errorf("%d flows are counted", u.open.Load())
	}
	b.flow("/connect/bird", "1")
	if u.checks.Load() != most || len(s.rows(matt)) != 2 {
		t.Errorf("%d checks, %d connections", u.checks.Load(), len(s.rows(matt)))
	}
}

// A flow counts until it has ended in a log-in or a connection.
func TestSecurity38_FlowsThatCount(t *testing.T) {
	t.Parallel()
	form := func(c *social.Config) { c.SignUp = social.Form }
	auto := func(c *social.Config) {
		c.SignUp = social.Auto
		c.Providers[0].(*stub).about.TrustEmail = true
	}
	for name, tc := range map[string]struct {
		change func(*social.Config)
		do     func(s *site, u *limitedUsers, b *browser, matt string)
		counts int64
	}{
		"a log-in": {nil, func(s *site, _ *limitedUsers, b *browser, _ string) { b.flow("/login/acme", "1") }, 0},
		"a log-in whose callback comes twice": {nil, func(s *site, _ *limitedUsers, b *browser, _ string) {
			callback, answer := b.begin("/login/acme", "1")
			for range 3 {
				b.get(callback + "?" + answer.Encode())
			}
		}, 0},
		"a new account": {auto, func(s *site, _ *limitedUsers, b *browser, _ string) {
			s.acme.set(email("new@lp.com", true))
			b.flow("/login/acme", "9")
		}, 0},
		"a form": {form, func(s *site, _ *limitedUsers, b *browser, _ string) { b.flow("/login/acme", "9") }, 1},
		"a form that is sent": {form, func(s *site, _ *limitedUsers, b *browser, _ string) {
			b.flow("/login/acme", "9")
			b.post("/register/acme", url.Values{"email": {"new@lp.com"}})
		}, 0},
		"a pending account": {form, func(s *site, _ *limitedUsers, b *browser, matt string) {
			b.flow("/login/acme", "9")
			id := b.pendingID()
			b.post("/log-in", url.Values{"email": {"matt@lp.com"}, "signup": {id}})
			b.post("/connections/pending", url.Values{"signup": {id}})
		}, 0},
		"a second factor": {nil, func(s *site, u *limitedUsers, b *browser, _ string) {
			u.page = "/factor"
			b.flow("/login/acme", "1")
		}, 1},
		"a second factor that is passed": {nil, func(s *site, u *limitedUsers, b *browser, matt string) {
			u.page = "/factor"
			b.flow("/login/acme", "1")
			b.finish(matt)
		}, 0},
		"connect, twice, reconnect": {nil, func(s *site, _ *limitedUsers, b *browser, matt string) {
			b.signIn(matt)
			b.flow("/connect/acme", "2")
			b.flow("/connect/acme", "2")
			b.flow("/reconnect/acme", "1")
		}, 0},
		"a start":       {nil, func(s *site, _ *limitedUsers, b *browser, _ string) { b.begin("/login/acme", "1") }, 1},
		"a denial":      {nil, func(s *site, _ *limitedUsers, b *browser, _ string) { b.deny("/login/acme") }, 1},
		"nobody has it": {nil, func(s *site, _ *limitedUsers, b *browser, _ string) { b.flow("/login/acme", "9") }, 1},
		"it is another's": {nil, func(s *site, _ *limitedUsers, b *browser, matt string) {
			b.signIn(s.user("joe@lp.com"))
			b.flow("/connect/acme", "1")
		}, 1},
		"another state": {nil, func(s *site, _ *limitedUsers, b *browser, _ string) { b.get("/callback/acme?code=x&state=y") }, 0},
		"the provider fails": {nil, func(s *site, _ *limitedUsers, b *browser, _ string) {
			s.acme.set(func(p *stub) { p.fail = &oauth.ProviderError{Kind: oauth.Transient, ProviderID: "acme", Op: "begin"} })
			b.post("/login/acme", nil)
		}, 1},
		"a long answer": {nil, func(s *site, u *limitedUsers, b *browser, _ string) {
			s.connected(s.user("ann@lp.com"), s.posty, "1")
			callback, answer := b.begin("/login/posty", "1")
			answer.Set("user", random(12_000))
			b.get(b.posts(callback, answer).location)
			if n := u.answers.Load(); n != 0 {
				s.t.Errorf("%d answers count", n)
			}
		}, 0},
		"a short answer of another site's": {nil, func(s *site, _ *limitedUsers, b *browser, _ string) {
			b.posts(b.url+"/callback/posty", url.Values{"state": {"x"}, "code": {random(1000)}})
		}, 0},
		"a long answer of another site's": {nil, func(s *site, u *limitedUsers, b *browser, _ string) {
			b.posts(b.url+"/callback/posty", url.Values{"state": {"x"}, "code": {random(12_000)}})
			if n := u.answers.Load(); n != 1 {
				s.t.Errorf("%d answers count", n)
			}
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changes := []func(*social.Config){}
			if tc.change != nil {
				changes = append(changes, tc.change)
			}
			s, u := openLimited(t, changes...)
			matt := s.user("matt@lp.com")
			s.connected(matt, s.acme, "1")
			tc.do(s, u, s.browser(), matt)
			if n := u.open.Load(); n != tc.counts {
				t.Errorf("%d flows count, want %d", n, tc.counts)
			}
		})
	}
}

// Posts of other sites do not fill the database.
func TestSecurity24_LongPostedAnswersAreLimited(t *testing.T) {
	t.Parallel()
	s, u := openLimited(t)
	u.most.Store(3)
	b := s.browser()
	for i := range 10 {
		a := b.posts(b.url+"/callback/posty", url.Values{"state": {"x"}, "code": {random(12_000)}})
		if want := map[bool]int{true: 303, false: 429}[i < 3]; a.status != want {
			t.Errorf("post %d: %d", i, a.status)
		}
	}
	if n := s.waiting("answer"); n != 3 {
		t.Errorf("%d rows", n)
	}
	if a := b.posts(b.url+"/callback/posty", url.Values{"state": {"x"}, "code": {"y"}}); a.status != 303 {
		t.Errorf("a short one: %d", a.status)
	}
	// Any site has done that in its visitors' browsers, who log in all the same.
	if a := b.post("/login/posty", nil); a.status != 303 {
		t.Errorf("a log-in: %d", a.status)
	}
}
