package social_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
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

func without(n *accounts.NewUser) { n.Password = "" }

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
