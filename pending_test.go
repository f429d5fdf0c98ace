package social_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
)

// pendingID returns the ID of the browser's unfinished sign-up.
func (b *browser) pendingID() string {
	b.t.Helper()
	var p struct{ ID string }
	decode(b.t, b.get("/register/acme"), &p)
	if p.ID == "" || strings.Contains(b.cookies(), p.ID) {
		b.t.Fatalf("the ID is %q", p.ID)
	}
	return p.ID
}

func openPending(t *testing.T, change ...func(*social.Config)) (s *site, matt string) {
	t.Helper()
	s = open(t, append([]func(*social.Config){func(c *social.Config) {
		c.SignUp = social.Form
		c.Providers[0].(*stub).about.TrustEmail = true
	}}, change...)...)
	return s, s.user("matt@lp.com")
}

// A sign-up goes on as a connection after the one log-in that was begun from it, and
// after the user's answer.
func TestSecurity25_PendingSignUpIsConnectedAfterAQuestion(t *testing.T) {
	t.Parallel()
	s, matt := openPending(t)
	s.connected(matt, s.bird, "7")
	for _, from := range []string{"form", "sign in first"} {
		for _, way := range []string{"password", "provider", "JSON"} {
			t.Log(from, way)
			subject := from + way
			b := s.browser()
			s.acme.set(email("", false))
			if from == "sign in first" {
				s.acme.set(email("matt@lp.com", true))
			}
			a := b.flow("/login/acme", subject, "next", "/there")
			var id string
			if from == "form" {
				id = b.pendingID()
			} else {
				u, err := url.Parse(a.location)
				must(t, err)
				if id = u.Query().Get("signup"); u.Path != "/login" || u.Query().Get("next") != "/there" {
					t.Fatalf("%q", a.location)
				}
			}
			var before struct {
				ID   string `json:"id"`
				Asks bool   `json:"asks"`
			}
			if decode(t, b.get("/connections/pending"), &before); before.ID != id || before.Asks {
				t.Errorf("before the log-in: %+v", before)
			}
			if a := b.post("/connections/pending", url.Values{"signup": {id}}); a.status != 303 || a.location != "/login" {
				t.Errorf("connected before the log-in: %d %s", a.status, a.body)
			}
			if a := b.get("/log-in?signup=" + id); a.status != 200 || !strings.Contains(a.body, "Display "+subject) {
				t.Fatalf("the log-in page learns %d %s", a.status, a.body)
			}
			// What fails is no log-in.
			b.post("/log-in", url.Values{"email": {"nobody@lp.com"}, "signup": {id}})
			var page string
			switch way {
			case "password":
				page = b.post("/log-in", url.Values{"email": {"matt@lp.com"}, "signup": {id}}).body
			case "provider":
				page = b.flow("/login/bird", "7", "signup", id, "next", "/elsewhere").location
			case "JSON":
				b.program()
				var done struct{ Next string }
				decode(t, b.flow("/login/bird", "7", "signup", id), &done)
				page = done.Next
			}
			if page != "/connections/pending" || b.whoami() != matt {
				t.Fatalf("it goes on at %q as %q", page, b.whoami())
			}
			had := len(s.rows(matt))
			var p struct {
				ID          string `json:"id"`
				Asks        bool   `json:"asks"`
				ProviderID  string `json:"provider_id"`
				Subject     string `json:"provider_user_id"`
				DisplayName string `json:"display_name"`
			}
			decode(t, b.get(page), &p)
			if p.ID != id || !p.Asks || p.ProviderID != "acme" || p.Subject != subject || p.DisplayName != "Display "+subject {
				t.Errorf("it asks about %+v", p)
			}
			for _, form := range []url.Values{nil, {"signup": {"other"}}} {
				if a := b.post(page, form); a.status != 404 || len(s.rows(matt)) != had {
					t.Errorf("without its ID: %d", a.status)
				}
			}
			if a := b.post(page, url.Values{"signup": {id}}, "Sec-Fetch-Site", "cross-site"); a.status != 403 {
				t.Errorf("from another site: %d", a.status)
			}
			s.told()
			switch a := b.post(page, url.Values{"signup": {id}}); {
			case b.json && (a.status != 200 || !strings.Contains(a.body, `"provider_id":"acme"`)):
				t.Errorf("%d %s", a.status, a.body)
			case !b.json && a.location != "/there":
				t.Errorf("%d %q", a.status, a.location)
			}
			if len(s.rows(matt)) != had+1 || s.told() != "connection_created" {
				t.Error("it is not connected")
			}
			if a := b.post(page, url.Values{"signup": {id}}); a.status != 404 {
				t.Errorf("again: %d %s", a.status, a.body)
			}
		}
	}
}

// Nobody but the person who began it finds a sign-up: every log-in that is not its own,
// and every log-out, ends it.
func TestSecurity25_PendingSignUpEndsWithAnyOtherLogIn(t *testing.T) {
	t.Parallel()
	s, matt := openPending(t)
	joe := s.user("joe@lp.com")
	s.connected(matt, s.bird, "7")
	password := func(id string) func(*browser, string) {
		return func(b *browser, own string) {
			b.post("/log-in", url.Values{"email": {"matt@lp.com"}, "signup": {strings.Replace(id, "own", own, 1)}})
		}
	}
	out := func(b *browser, _ string) { b.post("/sign-out", nil) }
	for name, steps := range map[string][]func(*browser, string){
		"a log-in of its own":             {password("")},
		"a log-in with another ID":        {password("x")},
		"a log-in through a provider":     {func(b *browser, _ string) { b.flow("/login/bird", "7") }},
		"another ID at a provider":        {func(b *browser, _ string) { b.flow("/login/bird", "7", "signup", "x") }},
		"the application's own log-in":    {func(b *browser, _ string) { b.signIn(matt) }},
		"log-out":                         {out},
		"log-in, then log-out":            {password("own"), out},
		"log-in and log-out, then its ID": {password(""), out, password("own")},
		"a second log-in":                 {password("own"), password("own")},
		"another user after it":           {password("own"), func(b *browser, _ string) { b.signIn(joe) }},
		"30 minutes":                      {password("own"), func(*browser, string) { s.pass(30 * time.Minute) }},
	} {
		b := s.browser()
		if a := b.flow("/login/acme", name); a.location != "/register/acme?login_failed=1" {
			t.Fatalf("%s: %q", name, a.location)
		}
		id := b.pendingID()
		for _, step := range steps {
			step(b, id)
		}
		rows := len(s.rows(matt)) + len(s.rows(joe))
		for _, request := range []string{"GET /register/acme", "POST /register/acme?email=new@lp.com", "GET /log-in?signup=" + id} {
			method, path, _ := strings.Cut(request, " ")
			if a := b.do(method, path, nil); a.status != 404 && a.status != 409 {
				t.Errorf("%s: %s: %d %s", name, request, a.status, a.body)
			}
		}
		if a := b.post("/connections/pending", url.Values{"signup": {id}}); a.status != 404 && a.status != 303 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		if got := len(s.rows(matt)) + len(s.rows(joe)); got != rows {
			t.Errorf("%s: something was connected", name)
		}
		if strings.Contains(b.cookies(), "social_signup") && name != "30 minutes" {
			t.Errorf("%s: the cookie stays", name)
		}
	}
}

// The user who is asked may say no, or be nobody any more.
func TestPendingConnectionAnswers(t *testing.T) {
	t.Parallel()
	s, matt := openPending(t)
	joe := s.user("joe@lp.com")
	ask := func(subject string) (*browser, string) {
		b := s.browser()
		b.flow("/login/acme", subject, "next", "/there")
		id := b.pendingID()
		b.post("/log-in", url.Values{"email": {"matt@lp.com"}, "signup": {id}})
		return b, id
	}
	b, _ := ask("1")
	if a := b.do("DELETE", "/connections/pending", nil); a.status != 303 || a.location != "/there" {
		t.Errorf("no: %d %q", a.status, a.location)
	}
	b, _ = ask("1")
	if a := b.program().do("DELETE", "/connections/pending", nil); a.status != http.StatusNoContent {
		t.Errorf("no, as JSON: %d %s", a.status, a.body)
	}
	if a := b.get("/connections/pending"); a.status != 404 || a.problem() != "no_signup" {
		t.Errorf("after that: %d %s", a.status, a.body)
	}
	// Another user has connected the account since.
	b, id := ask("1")
	s.connected(joe, s.acme, "1")
	b.ends(t, b.post("/connections/pending", url.Values{"signup": {id}}),
		ending{303, "/there", "error: Acme account not associated with an existing user\nerror: A connection is already established with Acme", "login_failed login_failed login_failed connection_failed"})
	if a := s.browser().program().get("/connections/pending"); a.status != 401 || a.problem() != "not_signed_in" {
		t.Errorf("nobody: %d %s", a.status, a.body)
	}
	if len(s.rows(matt)) != 0 || len(s.rows(joe)) != 1 {
		t.Error("something was connected")
	}
}

// The question waits for the second factor, too.
func TestSecurity25_PendingSignUpAndSecondFactor(t *testing.T) {
	t.Parallel()
	s, matt := openPending(t, func(c *social.Config) {
		c.Users = guarded{Accounts: c.Users.(*accounts.Accounts), page: "/factor"}
	})
	s.connected(matt, s.bird, "7")
	b := s.browser()
	b.flow("/login/acme", "1")
	id := b.pendingID()
	if a := b.flow("/login/bird", "7", "signup", id); a.location != "/factor" {
		t.Fatalf("%d %q", a.status, a.location)
	}
	if a := b.finish(matt); a.status != 200 || !strings.Contains(a.body, `"/connections/pending"`) {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := b.post("/connections/pending", url.Values{"signup": {id}}); a.status != 303 || len(s.rows(matt)) != 2 {
		t.Errorf("%d, %d connections", a.status, len(s.rows(matt)))
	}
	// A log-in that waits ends with another one, and with a log-out.
	for _, end := range []func(){
		func() { b.post("/sign-out", nil) },
		func() { b.signIn(s.user("ann@lp.com")) },
	} {
		b = s.browser()
		b.flow("/login/bird", "7")
		end()
		if a := b.get("/pending-login"); a.status != 409 {
			t.Errorf("it still waits: %d", a.status)
		}
	}
}

// The next person at a browser reads nobody else's messages.
func TestLogOutTakesMessagesAway(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := s.signedIn(s.user("matt@lp.com"))
	b.flow("/connect/acme", "1")
	b.post("/sign-out", nil)
	if f := b.flash(); f != "" || strings.Contains(b.cookies(), "social_") && !strings.Contains(b.cookies(), "social_flow_") {
		t.Errorf("%q is left, and %s", f, b.cookies())
	}
}
