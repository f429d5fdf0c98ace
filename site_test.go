package social_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

// A site is an application with social log-in, served.
type site struct {
	*social.Social
	t      *testing.T
	url    string
	acc    *accounts.Accounts
	people accounts.Store
	store  vault.Store
	keys   *keyring.Ring
	log    *buffer
	pages  social.Pages // nil: Handler's
	// transport is the browsers', and no other site's: httptest closes the idle
	// connections of the default one whenever a server ends.
	transport http.RoundTripper

	acme, posty *stub // OAuth 2.0; the second posts its answers
	bird        *stub // OAuth 1.0a

	mu     sync.Mutex
	events []social.Event
	ahead  time.Duration // of the real time
}

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// open serves a site whose stores have no transactions.
func open(t *testing.T, change ...func(*social.Config)) *site {
	t.Helper()
	m := newMemory()
	return openOn(t, struct{ accounts.Store }{m.people}, struct{ vault.Store }{m}, change...)
}

// openTx serves a site that writes users and connections in one transaction.
func openTx(t *testing.T, change ...func(*social.Config)) *site {
	t.Helper()
	m := newMemory()
	return openOn(t, m.people, m, change...)
}

func openOn(t *testing.T, people accounts.Store, connections vault.Store, change ...func(*social.Config)) *site {
	t.Helper()
	s := &site{t: t, people: people, log: &buffer{}}
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	s.url, s.transport = server.URL, server.Client().Transport
	s.acme = newStub("acme", "Acme", oauth.ProtocolOAuth2)
	s.posty = newStub("posty", "Posty", oauth.ProtocolOAuth2)
	s.posty.about.FormPost = true
	s.bird = newStub("bird", "Bird", oauth.ProtocolOAuth1)

	var err error
	s.keys, err = keyring.Parse(keyring.NewKey().Reveal())
	must(t, err)
	c := social.Config{
		AppURL:      server.URL,
		Providers:   []oauth.Provider{s.acme, s.posty, s.bird},
		Connections: connections,
		Keys:        s.keys,
		Logger:      slog.New(slog.NewTextHandler(s.log, nil)),
		Now:         s.now,
		OnEvent: func(_ context.Context, e social.Event) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.events = append(s.events, e)
		},
	}
	s.acc, err = accounts.New(accounts.Config{Store: s.people, AppURL: server.URL, Logger: c.Logger, APITokens: true})
	must(t, err)
	c.Users = s.acc
	for _, f := range change {
		f(&c)
	}
	s.store = c.Connections
	if c.Record == nil && c.Vault == nil {
		c.Record = recordsInTx(t, c.Connections)
	}
	s.Social, err = social.New(c)
	must(t, err)

	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if s.pages != nil {
			s.Endpoints(s.pages).ServeHTTP(w, r)
			return
		}
		s.Handler().ServeHTTP(w, r)
	})
	mux.HandleFunc("GET /whoami", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, s.acc.CurrentUser(r.Context())) })
	mux.HandleFunc("GET /flashes", func(w http.ResponseWriter, r *http.Request) {
		social.WriteJSON(w, 200, s.Flashes(w, r))
	})
	mux.HandleFunc("POST /sign-in/{user}", func(w http.ResponseWriter, r *http.Request) {
		if err := s.acc.SignIn(w, r, identity.SignIn{UserID: r.PathValue("user"), Via: identity.ViaPassword}); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	mux.HandleFunc("POST /sign-out", func(w http.ResponseWriter, r *http.Request) { s.acc.SignOut(w, r) })
	mux.HandleFunc("POST /return/{after}", func(w http.ResponseWriter, r *http.Request) {
		leave := s.ReturnAfterLogin
		if r.PathValue("after") == "connect" {
			leave = s.ReturnAfterConnect
		}
		if err := leave(w, r.FormValue("to")); err != nil {
			http.Error(w, err.Error(), 400)
		}
	})
	mux.HandleFunc("GET /register/{provider}", func(w http.ResponseWriter, r *http.Request) {
		p, err := s.PendingSignUp(r, r.PathValue("provider"))
		if err != nil {
			http.Error(w, err.Error(), 404)
			return
		}
		social.WriteJSON(w, 200, p)
	})
	mux.HandleFunc("POST /register/{provider}", func(w http.ResponseWriter, r *http.Request) {
		done, err := s.CompleteSignUp(w, r, r.PathValue("provider"), social.SignUpForm{
			Email: r.FormValue("email"), Password: secret.Text(r.FormValue("password")),
		})
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		social.WriteJSON(w, 201, done)
	})
	mux.HandleFunc("POST /log-in", func(w http.ResponseWriter, r *http.Request) {
		if err := s.acc.LogIn(w, r, r.FormValue("email"), "correct horse", false); err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		page, err := s.KeepSignUp(w, r, r.FormValue("signup"), s.CurrentUser(r.Context()))
		if err != nil && !errors.Is(err, social.ErrNoSignUp) {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		io.WriteString(w, page)
	})
	mux.HandleFunc("GET /log-in", func(w http.ResponseWriter, r *http.Request) {
		p, err := s.PendingConnection(r)
		if err != nil || p.UserID != "" || p.ID != r.FormValue("signup") {
			http.Error(w, "nothing waits", 404)
			return
		}
		social.WriteJSON(w, 200, p)
	})
	mux.HandleFunc("GET /pending-login", func(w http.ResponseWriter, r *http.Request) {
		p, err := s.PendingLogin(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		social.WriteJSON(w, 200, p)
	})
	mux.HandleFunc("POST /finish/{user...}", func(w http.ResponseWriter, r *http.Request) {
		done, err := s.Finish(w, r, r.PathValue("user"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		social.WriteJSON(w, 200, done)
	})
	signedIn := s.acc.Middleware(mux)
	handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		signedIn.ServeHTTP(w, r.WithContext(social.WithTenant(r.Context(), r.Header.Get("Tenant"))))
	})
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *site) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.ahead)
}

func (s *site) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

// told returns the names of the events since the last call.
func (s *site) told() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, e := range s.events {
		names = append(names, e.Event())
	}
	s.events = nil
	return strings.Join(names, " ")
}

// correctHorse is the hash of the password "correct horse".
const correctHorse = "$argon2id$v=19$m=19456,t=2,p=1$nbHRVCXDMrXWcSg9KCPWXg$fK9eyqktAXmByC10lMQ/d7lmuLo3ZTN35U6tHyYSX+0"

// user makes a local account with a password and a verified address.
func (s *site) user(email string, change ...func(*accounts.NewUser)) string {
	s.t.Helper()
	n := accounts.NewUser{Email: email, Password: "correct horse", EmailVerified: true}
	for _, f := range change {
		f(&n)
	}
	// To hash it for each user would take most of the tests' time.
	has := n.Password != ""
	n.Password = ""
	u, err := s.acc.Create(context.Background(), n)
	must(s.t, err)
	if has {
		u.PasswordHash = correctHorse
		must(s.t, s.people.UpdateUser(context.Background(), u))
	}
	return u.ID
}

func without(n *accounts.NewUser)    { n.Password = "" }
func unverified(n *accounts.NewUser) { n.EmailVerified = false }

// connected makes a connection.
func (s *site) connected(userID string, p *stub, subject string) vault.Connection {
	s.t.Helper()
	c, err := s.Vault().Connect(context.Background(), userID, p.grant(subject))
	must(s.t, err)
	return c
}

// rows lists every connection of a user of the default tenant.
func (s *site) rows(userID string) []vault.Connection {
	s.t.Helper()
	return s.rowsIn("", userID)
}

func (s *site) rowsIn(tenant, userID string) []vault.Connection {
	s.t.Helper()
	all, err := s.store.ByUser(context.Background(), tenant, userID, "")
	must(s.t, err)
	return all
}

// token opens what is kept for a connection.
func (s *site) token(c vault.Connection) string {
	s.t.Helper()
	token, err := s.Vault().Token(context.Background(), c)
	must(s.t, err)
	return token.Access.Reveal()
}

// A browser keeps cookies and follows no redirect.
type browser struct {
	*site
	client http.Client
	json   bool
	tenant string
}

func (s *site) browser() *browser {
	jar, err := cookiejar.New(nil)
	must(s.t, err)
	return &browser{site: s, client: http.Client{
		Transport:     s.transport,
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// signedIn returns a browser in which the user is signed in.
func (s *site) signedIn(userID string) *browser {
	b := s.browser()
	b.signIn(userID)
	return b
}

func (b *browser) signIn(userID string) {
	if a := b.post("/sign-in/"+userID, nil); a.status != 200 {
		b.t.Helper()
		b.t.Fatalf("sign in: %v", a)
	}
}

// in takes the browser to a tenant.
func (b *browser) in(tenant string) *browser {
	b.tenant = tenant
	return b
}

// program makes the browser ask for JSON.
func (b *browser) program() *browser {
	b.json = true
	return b
}

type reply struct {
	status   int
	location string
	header   http.Header
	body     string
}

// problem returns the code of a problem document.
func (a reply) problem() string {
	var p struct {
		Status int
		Code   string
	}
	if json.Unmarshal([]byte(a.body), &p) != nil || a.header.Get("Content-Type") != "application/problem+json" || p.Status != a.status {
		return "no problem document: " + a.body
	}
	return p.Code
}

func (b *browser) do(method, path string, form url.Values, header ...string) reply {
	b.t.Helper()
	if !strings.Contains(path, "://") {
		path = b.url + path
	}
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, path, body)
	must(b.t, err)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if b.json {
		r.Header.Set("Accept", "application/json")
	}
	if b.tenant != "" {
		r.Header.Set("Tenant", b.tenant)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := b.client.Do(r)
	must(b.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(b.t, err)
	// A callback ends the fragment of its address.
	to := strings.TrimSuffix(response.Header.Get("Location"), "#")
	return reply{response.StatusCode, to, response.Header, string(text)}
}

func (b *browser) get(path string, header ...string) reply {
	b.t.Helper()
	return b.do("GET", path, nil, header...)
}

func (b *browser) post(path string, form url.Values, header ...string) reply {
	b.t.Helper()
	return b.do("POST", path, form, header...)
}

// begin starts a flow and returns the callback's address and parameters as the
// provider would send them for the subject.
func (b *browser) begin(path string, subject string, form ...string) (string, url.Values) {
	b.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	a := b.post(path, values)
	to := a.location
	if b.json {
		var body struct {
			AuthorizeURL string `json:"authorize_url"`
		}
		must(b.t, json.Unmarshal([]byte(a.body), &body))
		to = body.AuthorizeURL
	} else if a.status != http.StatusSeeOther {
		b.t.Fatalf("POST %s: %d %s", path, a.status, a.body)
	}
	u, err := url.Parse(to)
	must(b.t, err)
	q := u.Query()
	if token := q.Get("oauth_token"); token != "" {
		return q.Get("redirect_uri"), url.Values{"oauth_token": {token}, "oauth_verifier": {"CANARY-code-" + subject}}
	}
	return q.Get("redirect_uri"), url.Values{"state": {q.Get("state")}, "code": {"CANARY-code-" + subject}}
}

// flow goes to the provider and back.
func (b *browser) flow(path, subject string, form ...string) reply {
	b.t.Helper()
	callback, answer := b.begin(path, subject, form...)
	return b.get(callback + "?" + answer.Encode())
}

// deny goes to the provider, where the user says no.
func (b *browser) deny(path string) reply {
	b.t.Helper()
	callback, answer := b.begin(path, "")
	if token := answer.Get("oauth_token"); token != "" {
		return b.get(callback + "?denied=" + token)
	}
	answer.Del("code")
	answer.Set("error", "access_denied")
	return b.get(callback + "?" + answer.Encode())
}

func (b *browser) whoami() string {
	b.t.Helper()
	return b.get("/whoami").body
}

// flash returns the messages, as "category: text".
func (b *browser) flash() string {
	b.t.Helper()
	var flashes []social.Flash
	must(b.t, json.Unmarshal([]byte(b.get("/flashes").body), &flashes))
	var lines []string
	for _, f := range flashes {
		if f.Code == "" || f.Code == social.CodeText {
			b.t.Errorf("a message has a text and no code: %v", f)
		}
		lines = append(lines, f.Category+": "+f.Text())
	}
	return strings.Join(lines, "\n")
}

// decode reads a JSON answer.
func decode(t *testing.T, a reply, v any) {
	t.Helper()
	if a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	must(t, json.Unmarshal([]byte(a.body), v))
}
