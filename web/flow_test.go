package web_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	accountstore "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/mail/mailtest"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
	"github.com/gosocial/social/web"
)

// A liveSite is a site with a pretend Google and a pretend Acme.
type liveSite struct {
	t       *testing.T
	url     string
	acc     *accounts.Accounts
	soc     *social.Social
	pretend *socialtest.Server
	log     *logbook
	later   atomic.Int64 // how far the accounts' clock is ahead, in nanoseconds
	// transport is the guests', and no other site's: httptest closes the idle
	// connections of the default one whenever a server ends.
	pages     http.Handler // without the server
	transport http.RoundTripper
	box       *mailtest.Box
}

// A logbook keeps what is logged. It is safe for concurrent use.
type logbook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func openLive(t *testing.T, options ...web.Options) *liveSite {
	t.Helper()
	return openLiveWith(t, nil, options...)
}

// openLiveWith is openLive with other accounts.
func openLiveWith(t *testing.T, configure func(*accounts.Config), options ...web.Options) *liveSite {
	t.Helper()
	return openLiveOn(t, memstore.New(), configure, options...)
}

// openLiveOn is openLiveWith with another store of connections.
func openLiveOn(t *testing.T, connections vault.Store, configure func(*accounts.Config), options ...web.Options) *liveSite {
	t.Helper()
	s := &liveSite{t: t, pretend: socialtest.Start(t), log: &logbook{}, box: new(mailtest.Box)}
	server := httptest.NewUnstartedServer(nil)
	t.Cleanup(server.Close)
	s.url = "http://" + server.Listener.Addr().String()
	google, acme := s.pretend.Provider("google"), s.pretend.Provider("acme")
	g := providers.Google(google.Register(socialtest.App{RedirectURIs: []string{s.url + "/callback/google"}}))
	g.Issuer, g.Endpoints = google.Issuer(), google.Endpoints()
	a := providers.OIDC("acme", "Acme", acme.Issuer(), acme.Register(socialtest.App{RedirectURIs: []string{s.url + "/callback/acme"}, PostLogoutRedirectURIs: []string{s.url + "/"}}))
	a.LogoutAtProvider = true
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	c := accounts.Config{Store: accountstore.New(), AppURL: s.url, Mail: s.box, Keys: keys, APITokens: true, TokenScopes: map[string]string{"read": "read your notes", "write": "write notes"}, Now: func() time.Time { return time.Now().Add(time.Duration(s.later.Load())) }}
	if configure != nil {
		configure(&c)
	}
	if s.acc, err = accounts.New(c); err != nil {
		t.Fatal(err)
	}
	config := social.Config{
		AppURL: s.url, Providers: []oauth.Provider{g, a}, Connections: connections, Users: s.acc, Keys: keys,
		SignUp: social.Form, AllowPrivateAddresses: true, Logger: slog.New(slog.NewTextHandler(s.log, nil)),
	}
	if f, ok := connections.(failingConnections); ok {
		config.Source, config.Providers = failingSource{config.Providers, f.outage}, nil
	}
	if s.soc, err = social.New(config); err != nil {
		t.Fatal(err)
	}
	pages, err := web.New(s.soc, s.acc, options...)
	if err != nil {
		t.Fatal(err)
	}
	matt := accounts.NewUser{Email: "matt@lp.com", Password: "correct horse", EmailVerified: true}
	if c.Usernames == accounts.UsernamesRequired {
		matt.Username = "matt"
	}
	if _, err := s.acc.Create(t.Context(), matt); err != nil {
		t.Fatal(err)
	}
	s.pages = pages
	server.Config.Handler = s.acc.Middleware(pages)
	server.Start()
	s.transport = server.Client().Transport
	return s
}

// A guest uses the site with a browser, which follows redirects.
type guest struct {
	*liveSite
	http.Client
}

func (s *liveSite) guest() *guest {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &guest{s, http.Client{Jar: jar, Transport: s.transport}}
}

// do sends a request and returns the path at which it ends, and the page there.
func (g *guest) do(method, path string, fields ...string) (at, page string) {
	g.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	r, err := http.NewRequestWithContext(g.t.Context(), method, g.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		g.t.Fatal(err)
	}
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := g.Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return resp.Request.URL.RequestURI(), string(body)
}

func (g *guest) connections() int {
	g.t.Helper()
	id, _, err := g.acc.FindEmail(g.t.Context(), "matt@lp.com")
	if err != nil {
		g.t.Fatal(err)
	}
	all, err := g.soc.Vault().Connections(g.t.Context(), id, "")
	if err != nil {
		g.t.Fatal(err)
	}
	return len(all)
}

// asked returns the page that asks whether to connect the account that waits.
func (s *liveSite) asked() string {
	s.t.Helper()
	g := s.guest()
	_, page := g.do("POST", "/login/google")
	_, page = g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse", "signup", signUpLink.FindStringSubmatch(page)[1])
	return page
}

var hiddenSignUp = regexp.MustCompile(`name="signup" value="([^"]+)"`)

var signUpLink = regexp.MustCompile(`href="/login\?signup=([^"]+)"`)

// The sign-up page says in a friendly way that somebody is new. It is no error.
func TestSignUpPageIsNoError(t *testing.T) {
	t.Parallel()
	g := openLive(t).guest()
	g.pretend.Approve("ana")
	at, page := g.do("POST", "/login/google")
	if at != "/register/google?login_failed=1" || strings.Contains(page, "flash-error") || strings.Contains(page, `role="alert"`) ||
		!strings.Contains(page, "You are new here") || !strings.Contains(page, "Ana Duarte") || !strings.Contains(page, `value="ana@example.com"`) {
		t.Errorf("%s:\n%s", at, page)
	}
	if _, page := g.do("GET", "/login"); strings.Contains(page, "not associated") {
		t.Errorf("the message is shown again:\n%s", page)
	}
}

// Who is registered already signs in from the sign-up page, and is asked whether to
// connect the account that waits.
func TestSignUpSurvivesSigningIn(t *testing.T) {
	t.Parallel()
	for _, by := range []string{"password", "another provider"} {
		for _, answer := range []string{"Connect", "Do not connect"} {
			t.Run(by+", "+answer, func(t *testing.T) {
				t.Parallel()
				s := openLive(t)
				before := 0
				if by != "password" {
					first := s.guest()
					s.pretend.Approve("jun")
					first.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
					first.do("POST", "/connect/acme")
					before = 1
				}
				g := s.guest()
				s.pretend.Approve("ana")
				_, page := g.do("POST", "/login/google")
				m := signUpLink.FindStringSubmatch(page)
				if m == nil {
					t.Fatalf("the page does not lead to the log-in:\n%s", page)
				}
				id := m[1]
				hidden := `<input type="hidden" name="signup" value="` + id + `">`
				_, page = g.do("GET", "/login?signup="+id)
				if strings.Count(page, hidden) != 2 || !strings.Contains(page, "Ana Duarte") || !strings.Contains(page, "asked whether to connect this Google account") {
					t.Errorf("the log-in page:\n%s", page)
				}
				if _, page := g.do("POST", "/login", "email", "matt@lp.com", "password", "wrong", "signup", id); strings.Count(page, hidden) != 2 {
					t.Errorf("a wrong password forgets it:\n%s", page)
				}
				var at string
				if by == "password" {
					at, page = g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse", "signup", id)
				} else {
					s.pretend.Approve("jun")
					at, page = g.do("POST", "/login/acme", "signup", id)
				}
				if at != "/connections/pending" || !strings.Contains(page, "Connect this Google account?") || !strings.Contains(page, "Ana Duarte") || !strings.Contains(page, hidden) {
					t.Fatalf("%s:\n%s", at, page)
				}
				if n := g.connections(); n != before {
					t.Errorf("%d connections before the answer", n)
				}
				if answer == "Connect" {
					_, page = g.do("POST", "/connections/pending", "signup", id)
					if n := g.connections(); n != before+1 || !strings.Contains(page, "Connection established to Google") {
						t.Errorf("%d connections:\n%s", n, page)
					}
				} else {
					g.do("POST", "/connections/pending", "_method", "DELETE")
					if n := g.connections(); n != before {
						t.Errorf("%d connections", n)
					}
				}
				if _, page := g.do("GET", "/connections/pending"); !strings.Contains(page, "no registration to finish") {
					t.Errorf("it is asked again:\n%s", page)
				}
			})
		}
	}
}

// Who has to sign in first is told so as what it is, no error, beside the account that
// waits.
func TestSignInFirstIsNoError(t *testing.T) {
	t.Parallel()
	g := openLive(t).guest()
	g.pretend.Approve("matt")
	at, page := g.do("POST", "/login/google", "next", "/connections")
	for _, want := range []string{`flash-notice" data-code="sign_in_first" role="status">There is an account with this e-mail address already`, "Matt Cooper", `value="matt@lp.com"`, `name="signup"`} {
		if !strings.Contains(page, want) {
			t.Errorf("%s does not say %q:\n%s", at, want, page)
		}
	}
	if strings.Contains(page, `role="alert"`) || !strings.HasPrefix(at, "/login?") {
		t.Errorf("%s:\n%s", at, page)
	}
}

// A log-in that is not the sign-up's own ends it.
func TestAnotherLogInForgetsTheSignUp(t *testing.T) {
	t.Parallel()
	g := openLive(t).guest()
	g.pretend.Approve("ana")
	_, page := g.do("POST", "/login/google")
	id := signUpLink.FindStringSubmatch(page)[1]
	if _, page := g.do("GET", "/login"); strings.Contains(page, id) || strings.Contains(page, "Ana Duarte") {
		t.Errorf("the log-in page that nobody asked for it shows it:\n%s", page)
	}
	if at, _ := g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse"); at != "/profile" {
		t.Errorf("the log-in ends at %s", at)
	}
	if _, page := g.do("GET", "/connections/pending"); strings.Contains(page, "Ana Duarte") {
		t.Errorf("it is asked:\n%s", page)
	}
}

// A form that has expired says so at the log-in page.
func TestNoSignUpIsSaid(t *testing.T) {
	t.Parallel()
	g := openLive(t).guest()
	for _, method := range []string{"GET", "POST"} {
		if at, page := g.do(method, "/register/google", "email", "x@y.example"); at != "/login" || !strings.Contains(page, "There is no unfinished sign-up") {
			t.Errorf("%s: %s\n%s", method, at, page)
		}
	}
}

// Connecting leads back to the page that it began from.
func TestConnectingLeadsBack(t *testing.T) {
	t.Parallel()
	g := openLive(t).guest()
	g.pretend.Approve("ana")
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	for _, from := range []string{"/profile", "/connections"} {
		_, page := g.do("GET", from)
		if form := `action="/connect/google"><input type="hidden" name="next" value="` + from + `">`; !strings.Contains(page, form) {
			t.Fatalf("%s does not ask to come back:\n%s", from, page)
		}
		if at, _ := g.do("POST", "/connect/google", "next", from); at != from {
			t.Errorf("from %s to %s", from, at)
		}
	}
}

// A log-in through a provider can be remembered, by a box beside the buttons.
func TestProviderLogInIsRemembered(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	s.pretend.Approve("ana")
	g := s.guest()
	_, page := g.do("GET", "/login")
	_, form, _ := strings.Cut(page, `<form class="providers"`)
	form, _, _ = strings.Cut(form, "</form>")
	if !strings.Contains(form, `name="remember"`) || !strings.Contains(form, `formaction="/login/google"`) || !strings.Contains(form, `formaction="/login/acme"`) {
		t.Errorf("the form of the providers:\n%s", form)
	}
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	g.do("POST", "/connect/google")
	for _, remember := range []string{"", "y"} {
		g := s.guest()
		lasting := false
		g.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
			for _, c := range r.Response.Cookies() {
				lasting = lasting || c.MaxAge > 0 && strings.Contains(c.Name, "session")
			}
			return nil
		}
		g.do("POST", "/login/google", "remember", remember)
		if lasting != (remember != "") {
			t.Errorf("remember %q: a lasting session is %v", remember, lasting)
		}
	}
}

// A message that says only what happened is followed by what to do next.
func TestFailuresSayTheNextStep(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	says := func(what, page, code, want string) {
		t.Helper()
		_, after, found := strings.Cut(page, `data-code="`+code+`"`)
		_, after, _ = strings.Cut(after, "</p>")
		step, _, _ := strings.Cut(after, "</p>")
		if !found || !strings.Contains(step, want) {
			t.Errorf("%s: the step after %s is %q, want %q", what, code, step, want)
		}
	}
	g := s.guest()
	s.pretend.Provider("google").Deny()
	_, page := g.do("POST", "/login/google")
	says("a log-in refused", page, "access_denied", "allow it at Google, or sign in in another way")
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	_, page = g.do("POST", "/connect/google")
	says("connecting refused", page, "access_denied", "You can begin again")

	s.pretend.Approve("ana")
	g.do("POST", "/connect/google")
	s.pretend.Approve("jun")
	_, page = g.do("POST", "/reconnect/google")
	says("reconnected through another account", page, "connection_different", "at Google choose the account that is shown here")
	_, page = g.do("POST", "/verify/google")
	says("proved by another account", page, "connection_different", "At Google choose the account that is connected here.")
	_, page = g.do("POST", "/connect/google/none", "_method", "DELETE")
	says("removed before", page, "no_connection", "removed already")

	s.pretend.Approve("ana")
	other := s.guest()
	other.do("POST", "/register", "email", "kim@lp.com", "password", "a sentence is fine", "password_confirm", "a sentence is fine")
	_, page = other.do("POST", "/connect/google")
	says("another user's account", page, "connection_taken", "disconnect it there first")
	_, page = other.do("GET", "/profile")
	if strings.Contains(page, "hint step") {
		t.Errorf("a step without a message:\n%s", page)
	}
}
