package web_test

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/web"
)

// An error page may be at a callback's address. It loads nothing, and has its style
// all the same.
func TestSecurity10_ErrorPagesLoadNothing(t *testing.T) {
	t.Parallel()
	soc, acc := open()
	pages, err := web.New(soc, acc)
	if err != nil {
		t.Fatal(err)
	}
	h := acc.Middleware(pages)
	for path, status := range map[string]int{"/callback/github?state=x": 400, "/callback/nobody": 404, "/nowhere": 404} {
		w := get(h, path)
		body, policy := w.Body.String(), w.Header().Get("Content-Security-Policy")
		_, style, _ := strings.Cut(body, "<style>")
		style, _, _ = strings.Cut(style, "</style>")
		sum := sha256.Sum256([]byte(style))
		allowed := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "';"
		if w.Code != status || !strings.HasPrefix(policy, "default-src 'none'; "+allowed) {
			t.Errorf("%s: %d %q, which does not allow the style of the page", path, w.Code, policy)
		}
		if strings.Contains(body, "<link") || strings.Contains(body, "src=") {
			t.Errorf("%s: the page loads something:\n%s", path, body)
		}
	}
}

// The heading of an error page needs no knowledge of HTTP.
func TestHeadingsOfErrorPages(t *testing.T) {
	t.Parallel()
	soc, acc := open()
	pages, err := web.New(soc, acc)
	if err != nil {
		t.Fatal(err)
	}
	for path, heading := range map[string]string{"/callback/github?state=x": "This could not be finished", "/nowhere": "There is nothing here"} {
		if body := get(acc.Middleware(pages), path).Body.String(); !strings.Contains(body, "<h1>"+heading+"</h1>") {
			t.Errorf("%s has not the heading %q:\n%s", path, heading, body)
		}
	}
}

// An error page says in plain words what happened, offers the next step, and names the
// request as the log does. What only developers understand stays in the log.
func TestErrorPagesSayWhatToDo(t *testing.T) {
	t.Parallel()
	requestID := regexp.MustCompile(`name the request <code>([A-Z0-9]+)</code>`)
	for name, tc := range map[string]struct {
		signedIn bool
		show     func(g *guest) (page string)
		want     []string
		logged   string // about the request
	}{
		"a callback from nowhere": {false, func(g *guest) string {
			_, page := g.do("GET", "/callback/google?code=x")
			return page
		}, []string{"could not be finished", `href="/login">Go to the sign-in page`, `href="/"`}, "state is missing"},
		"a callback from nowhere, signed in": {true, func(g *guest) string {
			_, page := g.do("GET", "/callback/google?code=x")
			return page
		}, []string{"could not be finished", `href="/connections">Go to your connections`}, "state is missing"},
		"a provider that fails": {false, func(g *guest) string {
			g.pretend.Approve("ana")
			g.pretend.Provider("google").ServeWith(socialtest.EndpointToken, socialtest.Unavailable())
			_, page := g.do("POST", "/login/google", "next", "/connections")
			return page
		}, []string{"Google did not answer as it should", `href="/login?next=%2Fconnections">Try again`}, "provider failed"},
		"a provider that fails to connect": {true, func(g *guest) string {
			g.pretend.Approve("ana")
			g.pretend.Provider("google").ServeWith(socialtest.EndpointToken, socialtest.Unavailable())
			_, page := g.do("POST", "/connect/google", "next", "/connections")
			return page
		}, []string{"Google did not answer as it should", `href="/connections">Try again`}, "provider failed"},
		"an unknown provider": {false, func(g *guest) string {
			_, page := g.do("POST", "/login/myspace")
			return page
		}, []string{"not offered", `href="/login"`}, ""},
		"a button's address": {false, func(g *guest) string {
			_, page := g.do("GET", "/login/google")
			return page
		}, []string{"belongs to a button", `href="/login"`}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := openLive(t).guest()
			if tc.signedIn {
				g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
			}
			page := tc.show(g)
			for _, want := range tc.want {
				if !strings.Contains(page, want) {
					t.Errorf("the page does not say %q:\n%s", want, page)
				}
			}
			main := page[strings.Index(page, "<main"):]
			if strings.Contains(main, "state") || strings.Contains(main, "token") || strings.Contains(main, "callback") {
				t.Errorf("the page is for developers:\n%s", main)
			}
			id := requestID.FindStringSubmatch(page)
			if tc.logged == "" {
				return
			}
			if id == nil {
				t.Fatalf("the page names no request:\n%s", page)
			}
			for line := range strings.Lines(g.log.String()) {
				if strings.Contains(line, id[1]) && strings.Contains(line, tc.logged) {
					return
				}
			}
			t.Errorf("the log has not %s:\n%s", id[1], g.log)
		})
	}
}

// After too many attempts the page says how long to wait.
func TestThrottlingSaysHowLong(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	g := s.guest()
	page := ""
	for range 40 {
		if _, page = g.do("POST", "/login", "email", "nobody@lp.com", "password", "wrong"); strings.Contains(page, "Too many attempts") {
			break
		}
	}
	if !regexp.MustCompile(`try again in (a minute|[0-9]+ minutes)\.`).MatchString(page) || !strings.Contains(page, `href="/login"`) {
		t.Errorf("%s", page)
	}
}
