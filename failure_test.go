package social_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// refusingUsers refuse to sign anybody in.
type refusingUsers struct {
	social.Users
	err error
}

func (u refusingUsers) SignIn(http.ResponseWriter, *http.Request, identity.SignIn) error {
	return u.err
}

type tooMany struct{}

func (tooMany) Error() string       { return "too many" }
func (tooMany) Wait() time.Duration { return time.Minute }

// flashCodes returns the codes of the messages that wait.
func (b *browser) flashCodes() (codes []string) {
	b.t.Helper()
	var flashes []social.Flash
	must(b.t, json.Unmarshal([]byte(b.get("/flashes").body), &flashes))
	for _, f := range flashes {
		codes = append(codes, f.Code)
	}
	return codes
}

// A failure has one code: in the problem document, in the message, and in ?error= for
// whom begins a flow with failure=query. Such a flow goes back to next, and never
// leaves a browser at a page.
func TestFailuresOfAFlowHaveOneCode(t *testing.T) {
	t.Parallel()
	down := &oauth.ProviderError{ProviderID: "acme", Op: "token", Status: 503}
	answers := func(change func(url.Values)) func(*browser, string, url.Values) string {
		return func(_ *browser, callback string, answer url.Values) string {
			change(answer)
			return callback + "?" + answer.Encode()
		}
	}
	goes := answers(func(url.Values) {})
	fails := func(b *browser, callback string, answer url.Values) string {
		b.acme.set(func(p *stub) { p.fail = down })
		return callback + "?" + answer.Encode()
	}
	says := func(name, value string) func(*browser, string, url.Values) string {
		return answers(func(answer url.Values) {
			answer.Del("code")
			answer.Set(name, value)
		})
	}
	const page = "" // not a redirect by itself
	for name, tc := range map[string]struct {
		verb    string // "login" without a user, others with one
		change  func(*social.Config)
		before  func(*site)
		subject string
		back    func(*browser, string, url.Values) string
		status  int // of a program's answer
		code    string
		to      string // where a browser goes that did not ask for failure=query
	}{
		"nobody has it":     {verb: "login", subject: "9", back: goes, status: 401, code: "unknown_account", to: "/login?next=%2Fback%3Fa%3Db"},
		"a form is offered": {verb: "login", change: func(c *social.Config) { c.SignUp = social.Form }, subject: "9", back: goes, status: 401, code: "unknown_account", to: "/register/acme?login_failed=1"},
		"no at a log-in":    {verb: "login", back: says("error", "access_denied"), status: 403, code: "access_denied", to: "/login?next=%2Fback%3Fa%3Db"},
		"an account has its address": {verb: "login", change: func(c *social.Config) {
			c.SignUp = social.Form
			c.Providers[0].(*stub).about.TrustEmail = true
		}, before: func(s *site) { s.acme.set(email("matt@lp.com", true)) }, subject: "9", back: goes, status: 409, code: "sign_in_first", to: "/login?signup=ID&next=%2Fback%3Fa%3Db"},
		"the provider is down":        {verb: "login", back: fails, status: 502, code: "provider_failed", to: page},
		"the provider says something": {verb: "login", back: says("error", "server_error"), status: 502, code: "provider_failed", to: page},
		"no code":                     {verb: "login", back: says("x", "y"), status: 400, code: "callback_refused", to: page},
		"the user may not": {verb: "login", change: func(c *social.Config) { c.Users = refusingUsers{c.Users, locked{}} },
			before: func(s *site) { s.connected("1", s.acme, "9") }, subject: "9", back: goes, status: 403, code: "refused", to: "/login?next=%2Fback%3Fa%3Db"},
		"too often": {verb: "login", change: func(c *social.Config) { c.Users = refusingUsers{c.Users, tooMany{}} },
			before: func(s *site) { s.connected("1", s.acme, "9") }, subject: "9", back: goes, status: 429, code: "throttled", to: page},

		"no at connecting": {verb: "connect", back: says("error", "access_denied"), status: 403, code: "access_denied", to: "/back?a=b"},
		"taken": {verb: "connect", before: func(s *site) { s.connected("1", s.acme, "9") },
			subject: "9", back: goes, status: 409, code: "connection_taken", to: "/back?a=b"},
		"another account": {verb: "reconnect", subject: "9", back: goes, status: 409, code: "connection_different", to: "/back?a=b"},
		"gone": {verb: "reconnect", subject: "0", back: func(b *browser, callback string, answer url.Values) string {
			c, err := b.Vault().ByIdentity(context.Background(), "acme", "0")
			must(b.t, err)
			_, err = b.Vault().Disconnect(context.Background(), vault.Removal{UserID: c.UserID, ProviderID: "acme", ProviderUserID: "0"})
			must(b.t, err)
			return callback + "?" + answer.Encode()
		}, status: 409, code: "connection_gone", to: "/back?a=b"},
		"down at connecting": {verb: "connect", back: fails, status: 502, code: "provider_failed", to: page},
		"another user": {verb: "connect", back: func(b *browser, callback string, answer url.Values) string {
			b.signIn(b.user("joe@lp.com"))
			return callback + "?" + answer.Encode()
		}, status: 400, code: "callback_refused", to: page},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// answer returns the browser and what its flow comes to.
			answer := func(json bool, form ...string) (*browser, reply) {
				changes := []func(*social.Config){}
				if tc.change != nil {
					changes = append(changes, tc.change)
				}
				s := open(t, changes...)
				matt := s.user("matt@lp.com")
				b := s.browser()
				if tc.verb != "login" {
					s.connected(matt, s.acme, "0")
					b.signIn(matt)
				}
				if tc.before != nil {
					tc.before(s)
				}
				b.json = json
				callback, answer := b.begin("/"+tc.verb+"/acme", tc.subject, append(form, "next", "/back?a=b")...)
				return b, b.get(tc.back(b, callback, answer))
			}
			_, a := answer(true, "failure", "query")
			if a.status != tc.status || a.problem() != tc.code {
				t.Errorf("a program gets %d %s", a.status, a.body)
			}
			b, a := answer(false, "failure", "query")
			if a.status != 303 || a.location != "/back?a=b&error="+tc.code {
				t.Errorf("failure=query: %d %q", a.status, a.location)
			}
			if codes := b.flashCodes(); len(codes) != 1 || codes[0] != tc.code {
				t.Errorf("the messages have %q", codes)
			}
			b, a = answer(false)
			if tc.to == page {
				if a.status != tc.status || a.location != "" {
					t.Errorf("without: %d %q", a.status, a.location)
				}
				return
			}
			to := signUpID.ReplaceAllString(a.location, "signup=ID")
			if codes := b.flashCodes(); a.status != 303 || to != tc.to || len(codes) != 1 || codes[0] != tc.code {
				t.Errorf("without: %d %q, messages %q", a.status, a.location, codes)
			}
		})
	}
}

// Without next a failure is told to the page that it would have led to anyway.
func TestFailuresWithoutNext(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) {
		c.LoginPage, c.ConnectDeny, c.ConnectAllow = "/in?x#y", "/denied", "/allowed?error=old"
	})
	b := s.browser()
	for _, tc := range []struct {
		want string
		a    reply
	}{
		{"/in?x&error=unknown_account#y", b.flow("/login/acme", "1", "failure", "query")},
		{"/in?x&error=provider_failed#y", b.flow("/login/acme", "empty", "failure", "query")},
		{"/in?x#y", b.flow("/login/acme", "1", "failure", "page")},
		{"/in?x&next=%2Fa#y", b.flow("/login/acme", "1", "next", "/a")},
		{"/in?x&error=unknown_account#y", b.flow("/login/acme?failure=query", "1", "next", "//evil.example")},
		{"/in?x&error=unknown_account#y", b.flow("/login/acme?failure=query&next=https:%2F%2Fevil.example", "1")},
	} {
		if tc.a.status != 303 || tc.a.location != tc.want {
			t.Errorf("%d %q, want %q", tc.a.status, tc.a.location, tc.want)
		}
	}
	b.signIn(s.user("matt@lp.com"))
	s.connected("another", s.acme, "2")
	if a := b.flow("/connect/acme", "2", "failure", "query"); a.location != "/allowed?error=connection_taken" {
		t.Error(a.location)
	}
	callback, answer := b.begin("/connect/acme", "", "failure", "query")
	answer.Set("error", "access_denied")
	answer.Del("code")
	if a := b.get(callback + "?" + answer.Encode()); a.location != "/denied?error=access_denied" {
		t.Error(a.location)
	}
}

// A provider that fails before the browser leaves is told in the same way. A callback
// that belongs to no flow has nobody to tell.
func TestFailuresBeforeAndWithoutAFlow(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.bird.set(func(p *stub) { p.fail = errors.New("down") })
	b := s.browser()
	form := url.Values{"next": {"/back"}, "failure": {"query"}}
	if a := b.post("/login/bird", form); a.status != 303 || a.location != "/back?error=provider_failed" {
		t.Errorf("%d %q", a.status, a.location)
	}
	form.Del("failure")
	if a := b.post("/login/bird", form); a.status != 502 {
		t.Errorf("%d %q", a.status, a.location)
	}
	if a := b.get("/callback/acme?code=1&state=unknown&next=/back&failure=query"); a.status != 400 || a.location != "" {
		t.Errorf("%d %q", a.status, a.location)
	}
}

// The problem of a flow says from where to try again.
func TestProblemsSayWhereToTryAgain(t *testing.T) {
	t.Parallel()
	for verb, want := range map[string]string{"login": "/login?next=%2Fback", "connect": "/back"} {
		s := open(t)
		pages := &recordingPages{}
		s.pages = pages
		b := s.signedIn(s.user("matt@lp.com"))
		if verb == "login" {
			b = s.browser()
		}
		if b.flow("/"+verb+"/acme", "empty", "next", "/back"); pages.last.TryAgain != want || pages.last.Status != 502 {
			t.Errorf("%s: %+v", verb, pages.last)
		}
		if b.get("/callback/acme"); pages.last.TryAgain != "" || pages.last.Status != 400 {
			t.Errorf("without a flow: %+v", pages.last)
		}
	}
}

// recordingPages keep the last problem.
type recordingPages struct{ last social.Problem }

func (p *recordingPages) ShowProblem(w http.ResponseWriter, _ *http.Request, problem social.Problem) {
	p.last = problem
	w.WriteHeader(problem.Status)
}

// Removing and checking a connection tell their failures in the same way.
func TestFailuresOfConnectionsHaveOneCode(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt := s.user("matt@lp.com", without)
	c := s.connected(matt, s.acme, "1")
	for _, tc := range []struct {
		path   string
		form   url.Values
		status int
		code   string
		page   string // where people go who do not ask for the code; "" for a page there
	}{
		{"/connect/acme/1", url.Values{"_method": {"DELETE"}}, 409, "last_way_in", "/back"},
		{"/connect/acme/9", url.Values{"_method": {"DELETE"}}, 404, "no_connection", "/back"},
		{"/connections/" + c.ID + "/check", url.Values{}, 502, "provider_failed", ""},
		{"/connections/" + c.ID + "/check", url.Values{}, 409, "needs_reauthorization", "/back"},
	} {
		switch tc.code {
		case "provider_failed":
			s.acme.set(func(p *stub) { p.fail = &oauth.ProviderError{ProviderID: "acme", Op: "user info", Status: 503} })
		case "needs_reauthorization":
			s.acme.set(func(p *stub) {
				p.fail = &oauth.ProviderError{ProviderID: "acme", Op: "user info", Status: 401, Kind: oauth.Rejected}
			})
		}
		b := s.signedIn(matt)
		tc.form.Set("next", "/back")
		if a := b.post(tc.path, tc.form); a.status != 303 && tc.page != "" || a.location != tc.page {
			t.Errorf("%s: %d %q", tc.code, a.status, a.location)
		}
		b.flashCodes()
		tc.form.Set("failure", "query")
		if a := b.post(tc.path, tc.form); a.status != 303 || a.location != "/back?error="+tc.code {
			t.Errorf("%s: %d %q", tc.code, a.status, a.location)
		}
		if codes := b.flashCodes(); len(codes) != 1 || codes[0] != tc.code {
			t.Errorf("%s: the messages have %q", tc.code, codes)
		}
		if a := b.program().post(tc.path, tc.form); a.status != tc.status || a.problem() != tc.code {
			t.Errorf("%s: %d %s", tc.code, a.status, a.body)
		}
	}
}
