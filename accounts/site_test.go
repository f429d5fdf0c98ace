package accounts_test

import (
	"context"
	"crypto/sha512"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/secret"
)

const password = secret.Text("correct horse")

// A site is a small application with accounts on a real server.
type site struct {
	*accounts.Accounts
	store *memstore.Store
	url   string
	clock *clock
	log   *lockedBuffer
	// tenant is that of visitors' requests.
	tenant string
	// derive hashes as it is served.
	derive accounts.Derive
	// transport is the browsers', and no other site's: httptest closes the idle
	// connections of the default one whenever a server ends.
	transport http.RoundTripper
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) Advance(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

type lockedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string { b.mu.Lock(); defer b.mu.Unlock(); return b.text.String() }

// newSite starts a site; configure may change what it is made of. It does not hash with
// argon2id, which would take most of the time of the tests: see hashAsServed.
func newSite(t *testing.T, scheme string, configure ...func(*accounts.Config)) *site {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	s := &site{
		store: memstore.New(),
		url:   scheme + "://" + server.Listener.Addr().String(),
		clock: &clock{now: time.Now().Truncate(time.Second)},
		log:   new(lockedBuffer),
	}
	c := accounts.Config{
		Store: s.store, AppURL: s.url, PostLogin: "/whoami", HashWait: time.Minute,
		Now: s.clock.Now, Logger: slog.New(slog.NewTextHandler(s.log, nil)),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	}
	for _, f := range configure {
		f(&c)
	}
	if c.Record == nil {
		c.Record = recordsInTx(t, c.Store)
	}
	var err error
	if s.Accounts, err = accounts.New(c); err != nil {
		t.Fatal(err)
	}
	s.WrapDerive(func(derive accounts.Derive) accounts.Derive { s.derive = derive; return hashQuickly })
	server.Config.Handler = inTenant("Tenant", s.Middleware(inTenant("Inner-Tenant", s.routes())))
	if scheme == "https" {
		server.StartTLS()
	} else {
		server.Start()
	}
	s.transport = server.Client().Transport // which trusts the server's certificate
	t.Cleanup(server.Close)
	return s
}

// hashAsServed has the site hash with argon2id, as it is served.
func (s *site) hashAsServed() *site {
	s.WrapDerive(func(accounts.Derive) accounts.Derive { return s.derive })
	return s
}

// hashQuickly derives another key for each password, salt and set of parameters.
func hashQuickly(password, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
	key := sha512.Sum512(fmt.Appendf(nil, "%d %d %d %x %s", time, memory, threads, salt, password))
	return key[:length]
}

// inTenant is a middleware that sets the tenant of requests with the header.
func inTenant(header string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id := r.Header.Get(header); id != "" {
			r = r.WithContext(tenant.With(r.Context(), id))
		}
		next.ServeHTTP(w, r)
	})
}

func (s *site) routes() http.Handler {
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, r *http.Request, err error) {
		var field *accounts.FieldError
		var throttled *accounts.ThrottledError
		switch {
		case err == nil:
			s.whoami(w, r)
		case strings.Count(err.Error(), "accounts:") > 1:
			http.Error(w, "it says twice whose it is: "+err.Error(), http.StatusInternalServerError)
		case errors.As(err, &field):
			http.Error(w, field.Field()+": "+err.Error(), http.StatusUnprocessableEntity)
		case errors.As(err, &throttled):
			w.Header().Set("Retry-After", fmt.Sprint(int(throttled.RetryAfter.Seconds())))
			http.Error(w, "throttled", http.StatusTooManyRequests)
		case errors.Is(err, accounts.ErrBusy):
			http.Error(w, "busy", http.StatusServiceUnavailable)
		case errors.Is(err, accounts.ErrCredentials), errors.Is(err, accounts.ErrBadCode):
			http.Error(w, err.Error(), http.StatusUnauthorized)
		case errors.Is(err, accounts.ErrNotSignedIn):
			http.Error(w, err.Error(), http.StatusUnauthorized)
		case errors.Is(err, accounts.ErrBadToken):
			http.Error(w, err.Error(), http.StatusBadRequest)
		case errors.Is(err, accounts.ErrOff):
			http.Error(w, err.Error(), http.StatusNotFound)
		case errors.Is(err, accounts.ErrNotFresh):
			http.Error(w, err.Error(), http.StatusPreconditionRequired)
		case errors.Is(err, accounts.ErrInactive), errors.Is(err, accounts.ErrNotConfirmed):
			http.Error(w, err.Error(), http.StatusForbidden)
		default:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		err := s.LogIn(w, r, r.FormValue("email"), secret.Text(r.FormValue("password")), r.FormValue("remember") != "")
		answer(w, r, err)
	})
	mux.HandleFunc("POST /social", func(w http.ResponseWriter, r *http.Request) {
		err := s.SignIn(w, r, identity.SignIn{UserID: r.FormValue("user"), Via: "google", Remember: r.FormValue("remember") != ""})
		answer(w, r, err)
	})
	mux.HandleFunc("POST /register", func(w http.ResponseWriter, r *http.Request) {
		id, err := s.Register(r.Context(), identity.Registration{
			Email: r.FormValue("email"), Username: r.FormValue("username"), Password: secret.Text(r.FormValue("password")),
		})
		if err == nil {
			err = s.SignIn(w, r, identity.SignIn{UserID: id, Via: identity.ViaPassword})
		}
		answer(w, r, err)
	})
	mux.HandleFunc("POST /password", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, s.ChangePassword(r, secret.Text(r.FormValue("password")), secret.Text(r.FormValue("new"))))
	})
	mux.HandleFunc("POST /reset", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, s.RequestReset(r, r.FormValue("email"), r.FormValue("next")))
	})
	mux.HandleFunc("POST /reset/{token}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, s.ResetPassword(w, r, r.PathValue("token"), secret.Text(r.FormValue("password"))))
	})
	mux.HandleFunc("POST /verify", func(w http.ResponseWriter, r *http.Request) {
		err := s.Reauthenticate(r, secret.Text(r.FormValue("password")))
		if err == nil && !s.IsFresh(r.Context()) {
			err = errors.New("the request itself is not fresh")
		}
		answer(w, r, err)
	})
	mux.HandleFunc("POST /magic-link", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, s.RequestMagicLink(w, r, r.FormValue("email"), r.FormValue("next")))
	})
	mux.HandleFunc("POST /magic-link/code", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, s.LogInByCode(w, r, r.FormValue("email"), r.FormValue("code")))
	})
	mux.HandleFunc("POST /magic-link/{token}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, s.LogInByLink(w, r, r.PathValue("token")))
	})
	mux.HandleFunc("POST /change-email", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, s.RequestEmailChange(r, r.FormValue("email"), r.FormValue("next")))
	})
	mux.HandleFunc("POST /change-email/{token}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, s.ChangeEmail(r, r.PathValue("token")))
	})
	mux.HandleFunc("POST /change-email/undo/{token}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, s.UndoEmailChange(r, r.PathValue("token")))
	})
	mux.HandleFunc("POST /change-username", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, s.ChangeUsername(r, r.FormValue("username")))
	})
	mux.HandleFunc("POST /register-to-confirm", func(w http.ResponseWriter, r *http.Request) {
		err := s.RegisterToConfirm(w, r, identity.Registration{
			Email: r.FormValue("email"), Username: r.FormValue("username"), Password: secret.Text(r.FormValue("password")),
		}, r.FormValue("next"))
		answer(w, r, err)
	})
	mux.HandleFunc("POST /confirm", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, s.RequestConfirmation(r, r.FormValue("email"), r.FormValue("next")))
	})
	mux.HandleFunc("POST /confirm/{token}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, s.ConfirmEmail(w, r, r.PathValue("token"), accounts.Confirmer{Password: secret.Text(r.FormValue("password")), NotMe: r.FormValue("not_me") != ""}))
	})
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) { answer(w, r, s.SignOut(w, r)) })
	mux.HandleFunc("GET /whoami", s.whoami)
	private := http.HandlerFunc(s.whoami)
	mux.Handle("/private", s.RequireLogin(private))
	mux.Handle("/admin", s.RequireRole("admin", private))
	mux.Handle("/reports", s.RequirePermission("reports.read", private))
	mux.Handle("/fresh", s.RequireFresh(private, "name", "scopes"))
	mux.Handle("/scope", s.RequireScope("read", private))
	mux.Handle("/anonymous", s.RequireAnonymous(private))
	return mux
}

type presence struct {
	Email, Via, Address string
	Token               string // its name
	Remember            bool
	Tracking            accounts.Tracking
}

func (s *site) whoami(w http.ResponseWriter, r *http.Request) {
	var p presence
	if u := accounts.Current(r.Context()); u != nil {
		p = presence{Email: u.Email, Tracking: u.Login}
		if session := accounts.CurrentSession(r.Context()); session != nil {
			p.Via, p.Address, p.Remember = session.Via, session.Address, session.Remember
		}
		if t := accounts.CurrentToken(r.Context()); t != nil {
			p.Token = t.Name
		}
	}
	json.NewEncoder(w).Encode(p)
}

// user creates a user with the password.
func (s *site) user(t *testing.T, email, username string) accounts.User {
	t.Helper()
	u, err := s.Create(t.Context(), accounts.NewUser{Email: email, Username: username, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// visit calls f with a request that has passed Middleware, without a server.
func (s *site) visit(f func(w http.ResponseWriter, r *http.Request) error, cookies ...*http.Cookie) (status int, header http.Header, err error) {
	r := httptest.NewRequest("POST", "/", nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	s.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { err = f(w, r) })).ServeHTTP(w, r)
	return w.Code, w.Header(), err
}

// A browser keeps cookies and follows no redirects.
type browser struct {
	*http.Client
	t    *testing.T
	site *site
}

func (s *site) browser(t *testing.T) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{&http.Client{Jar: jar, Transport: s.transport}, t, s}
	b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return b
}

type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request; headers are pairs of name and value.
func (b *browser) do(method, path string, form url.Values, headers ...string) answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, b.site.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	res, err := b.Do(r)
	if err != nil {
		b.t.Error(err)
		return answer{}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Error(err)
	}
	return answer{res.StatusCode, res.Header, string(body)}
}

func (b *browser) logIn(login string, p secret.Text, headers ...string) answer {
	b.t.Helper()
	return b.do("POST", "/login", url.Values{"email": {login}, "password": {p.Reveal()}}, headers...)
}

// whoami returns what the site knows of the signed-in user.
func (b *browser) whoami() (p presence) {
	b.t.Helper()
	if err := json.Unmarshal([]byte(b.do("GET", "/whoami", nil).body), &p); err != nil {
		b.t.Fatal(err)
	}
	return p
}

// cookie returns the session cookie's value, or "".
func (b *browser) cookie() string {
	u, _ := url.Parse(b.site.url)
	for _, c := range b.Jar.Cookies(u) {
		if strings.HasSuffix(c.Name, "session") {
			return c.Value
		}
	}
	return ""
}

// with returns a browser that has the cookie of another.
func (s *site) with(t *testing.T, name, value string) *browser {
	b := s.browser(t)
	u, _ := url.Parse(s.url)
	b.Jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value, Path: "/", Secure: u.Scheme == "https"}})
	return b
}

// until waits for what comes after a call has returned.
func until(t *testing.T, come func() bool) {
	t.Helper()
	for range 10_000 {
		if come() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("it does not come")
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}
