package social_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/vault"
)

// What an address takes is in the header Allow, in order, with HEAD wherever there is
// something to read.
func TestMethodsOfEndpoints(t *testing.T) {
	t.Parallel()
	for legacy, all := range map[bool]map[string]string{
		false: {
			"/login/acme": "POST", "/connect/acme": "DELETE, POST", "/connect/acme/1": "DELETE", "/reconnect/acme": "POST",
			"/callback/acme": "GET", "/callback/posty": "GET, POST", "/register/acme": "GET, HEAD, POST", "/providers": "GET, HEAD",
			"/connections": "GET, HEAD", "/connections/pending": "DELETE, GET, HEAD, POST", "/connections/1/check": "POST", "/connect/posty/1": "DELETE",
		},
		true: {"/login/acme": "GET, POST", "/connect/acme": "DELETE, GET, POST"},
	} {
		s := open(t, func(c *social.Config) { c.LegacyCallbacks = legacy })
		pages := &recordingPages{}
		h := s.Endpoints(pages) // the site has pages of its own at /register
		for path, want := range all {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("PATCH", path, nil))
			if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != want || pages.last.Code != social.CodeMethodNotAllowed {
				t.Errorf("%s: %d, %q, want %q", path, w.Code, w.Header().Get("Allow"), want)
			}
			if !strings.Contains(want, "HEAD") {
				continue
			}
			get, head := httptest.NewRecorder(), httptest.NewRecorder()
			h.ServeHTTP(get, httptest.NewRequest("GET", path, nil))
			h.ServeHTTP(head, httptest.NewRequest("HEAD", path, nil))
			if get.Code != head.Code || head.Code == http.StatusMethodNotAllowed {
				t.Errorf("%s: GET %d, HEAD %d", path, get.Code, head.Code)
			}
		}
	}
}

// An answer has the headers that it needs and no others: an application's pages have their
// own policies.
func TestHeadersOfAnswers(t *testing.T) {
	t.Parallel()
	s := asUser(t)
	pages := &recordingPages{}
	s.pages = pages
	b := s.browser()
	for _, request := range []string{"GET /nowhere", "GET /connections", "POST /connections/x/check", "DELETE /connect/acme/1", "POST /login/acme"} {
		method, path, _ := strings.Cut(request, " ")
		a := b.do(method, path, nil)
		for _, name := range []string{"Referrer-Policy", "Content-Security-Policy", "Retry-After", "Allow"} {
			if line, ok := a.header[name]; ok {
				t.Errorf("%s has %s: %q", request, name, line)
			}
		}
		if a.header.Get("Cache-Control") != "no-store" || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", request, a.status, a.header)
		}
	}
	if a := b.do("DELETE", "/connect/acme/1", nil, "Accept", "application/json", "Sec-Fetch-Site", "cross-site"); a.status != 403 || a.problem() != social.CodeCrossSite {
		t.Errorf("cross-site: %d %s", a.status, a.body)
	}
}

// A callback that fails unexpectedly loads nothing either.
func TestSecurity10_FailedCallbacksLoadNothing(t *testing.T) {
	t.Parallel()
	s, store := openBroken(t)
	b := s.browser()
	callback, answer := b.begin("/login/acme", "1")
	store.fail("Claim")
	a := b.get(callback + "?" + answer.Encode())
	if a.status != 500 || !strings.HasPrefix(a.header.Get("Content-Security-Policy"), "default-src 'none';") || a.header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%d %v", a.status, a.header)
	}
}

// throttledFor refuses for so long.
type throttledFor time.Duration

func (throttledFor) Error() string         { return "too many" }
func (d throttledFor) Wait() time.Duration { return time.Duration(d) }

// busyFor may succeed after so long.
type busyFor time.Duration

func (busyFor) Error() string         { return "busy" }
func (d busyFor) Busy() time.Duration { return time.Duration(d) }

// A refusal for now says in how many whole seconds to come again, in one at least.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]string{
		throttledFor(0): "429 1", throttledFor(1500 * time.Millisecond): "429 2", throttledFor(time.Minute): "429 60",
		busyFor(0): "503 1", busyFor(1500 * time.Millisecond): "503 2", busyFor(time.Minute): "503 60",
	} {
		s := open(t, func(c *social.Config) { c.Users = refusingUsers{c.Users, err} })
		s.connected("1", s.acme, "1")
		a := s.browser().flow("/login/acme", "1")
		if got := fmt.Sprint(a.status, " ", a.header.Get("Retry-After")); got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
	}
}

// A flow that succeeds goes to next as it is, also when a failure would be added to it. A
// failure without a page of its own says where to try again, and leaves an error.
func TestWhereFlowsEnd(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.ConnectAllow = "/allowed" })
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	b := s.browser()
	b.ends(t, b.flow("/login/acme", "1", "next", "/there", "failure", "query"), ending{303, "/there", "", "login_completed"})
	b.ends(t, b.flow("/connect/acme", "2", "next", "/there", "failure", "query"), ending{303, "/there", "success: Connection established to Acme", "connection_created"})

	pages := &recordingPages{}
	s.pages = pages
	if b.flow("/connect/acme", "empty"); pages.last.TryAgain != "/allowed" || pages.last.Code != social.CodeProviderFailed {
		t.Errorf("%+v", pages.last)
	}

	s = open(t, func(c *social.Config) { c.Users = refusingUsers{c.Users, tooMany{}} })
	s.connected("1", s.acme, "1")
	b = s.browser()
	b.ends(t, b.flow("/login/acme", "1", "next", "/there", "failure", "query"),
		ending{303, "/there?error=throttled", "error: There were too many attempts. Please try again later.", ""})
}

// No cache keeps a problem, whatever shows it, and a failure is in the log under the ID that
// people and programs get.
func TestProblemsAreNotStored(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, accept := range []string{"text/html", "application/json"} {
		w, r := httptest.NewRecorder(), httptest.NewRequest("PUT", "/a/path?with=SECRET", nil)
		r.Header.Set("Accept", accept)
		pages := &recordingPages{}
		s.Fail(w, r, pages, errors.New("made up"))
		id := pages.last.RequestID
		if accept == "application/json" {
			id = regexp.MustCompile(`"request_id":"(\w{16})"`).FindStringSubmatch(w.Body.String())[1]
		}
		if w.Code != 500 || w.Header().Get("Cache-Control") != "no-store" || len(id) != 16 {
			t.Errorf("%d %v %q", w.Code, w.Header(), id)
		}
		if want := `level=ERROR msg="social: request failed" request_id=` + id + ` method=PUT path=/a/path error="made up"`; !strings.Contains(s.log.String(), want) {
			t.Errorf("the log has not\n%s\n%s", want, s.log)
		}
	}
}

// A problem document has all that the problem has (RFC 9457).
func TestProblemDocument(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	social.WriteProblem(w, social.Problem{
		Status: 422, Code: "invalid_email", Message: social.Text("It is wrong"), RequestID: "ID", TryAgain: "/there",
		Fields: []social.FieldProblem{{"email", social.Message{Code: social.CodePasswordsDiffer}}, {"zip", social.Text("No zip")}},
	})
	sameJSON(t, w.Body.String(), `{"type": "about:blank", "title": "Unprocessable Entity", "status": 422, "detail": "It is wrong", "code": "invalid_email", "request_id": "ID",
		"errors": [{"field": "email", "code": "passwords_differ", "detail": "Passwords do not match"}, {"field": "zip", "code": "text", "detail": "No zip"}]}`)
	if w.Code != 422 || w.Header().Get("Content-Type") != "application/problem+json" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

// Social says what it knows of a provider, and prints as its address alone.
func TestProviderAndFormat(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.LegacyCallbacks = true })
	ctx := context.Background()
	for _, id := range []string{"nobody", "../acme", ""} {
		if p, err := s.Provider(ctx, id); !errors.Is(err, vault.ErrUnknownProvider) || p.ID != "" {
			t.Errorf("%q: %+v, %v", id, p, err)
		}
	}
	for id, want := range map[string]string{"acme": "/login/acme /connect/acme", "posty": "/callback/posty"} {
		p, err := s.Provider(ctx, id)
		must(t, err)
		if got := strings.ReplaceAll(strings.Join(s.RedirectURIs(p), " "), s.url, ""); p.ID != id || got != want {
			t.Errorf("%s: %+v, %q", id, p, got)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d"} {
		if got := fmt.Sprintf(verb, s.Social); got != "social of "+s.url {
			t.Errorf("%s: %s", verb, got)
		}
	}
}

// A page of this site is one of AppURL, also where a proxy has put another Host into the
// request.
func TestRefererBehindAProxy(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.AppURL = "https://app.example.com" })
	for referer, want := range map[string]string{
		"https://app.example.com/settings": "/login?next=%2Fsettings", "https://APP.example.com/settings": "/login?next=%2Fsettings", "http://10.0.0.1:8080/settings": "/login?next=%2Fsettings",
		"https://evil.example/settings": "/login", "https://app.example.com:8443/settings": "/login",
	} {
		r, w := httptest.NewRequest("POST", "http://10.0.0.1:8080/connect/acme", nil), httptest.NewRecorder()
		r.Header.Set("Referer", referer)
		s.Handler().ServeHTTP(w, r)
		if got := w.Header().Get("Location"); w.Code != 303 || got != want {
			t.Errorf("from %s: %d %q, want %q", referer, w.Code, got, want)
		}
	}
}

// The log has no token that a path has, such as that of a mailed link.
func TestSecurity43_FailuresDoNotLogTokensOfPaths(t *testing.T) {
	t.Parallel()
	s := open(t)
	r := httptest.NewRequest("GET", "/reset/CANARY/CANARY?token=CANARY", nil)
	r.SetPathValue("token", "CANARY")
	s.Fail(httptest.NewRecorder(), r, &recordingPages{}, errors.New("made up"))
	if log := s.log.String(); !strings.Contains(log, " path=/reset/TOKEN/TOKEN ") || strings.Contains(log, "CANARY") {
		t.Error(log)
	}
}
