package integration_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/test/mariadb"
	pgtest "github.com/gosocial/social/internal/test/postgres"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/mysql"
	"github.com/gosocial/social/sqlstore/postgres"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

// databases start a database each, and return a function that opens an empty store.
var databases = map[string]func(*testing.T) func(*testing.T) (*sqlstore.Store, error){
	"SQLite": func(*testing.T) func(*testing.T) (*sqlstore.Store, error) {
		return func(t *testing.T) (*sqlstore.Store, error) {
			return sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "races.db"), sqlite.Migrate())
		}
	},
	"PostgreSQL": func(t *testing.T) func(*testing.T) (*sqlstore.Store, error) {
		server := pgtest.Start(t)
		return func(t *testing.T) (*sqlstore.Store, error) {
			return postgres.Open(t.Context(), server.URL(t), postgres.Migrate())
		}
	},
	"MariaDB": func(t *testing.T) func(*testing.T) (*sqlstore.Store, error) {
		server := mariadb.Start(t)
		return func(t *testing.T) (*sqlstore.Store, error) {
			return mysql.Open(t.Context(), server.URL(t), mysql.Migrate())
		}
	},
}

// A house is an application whose users log in through two pretend providers.
type house struct {
	*httptest.Server
	t        *testing.T
	acc      *accounts.Accounts
	soc      *social.Social
	pretends map[string]*socialtest.Provider
}

// A houseStore keeps everything of a house.
type houseStore interface {
	vault.Store
	accounts.Store
}

func newHouse(t *testing.T, store houseStore, change func(*social.Config)) *house {
	t.Helper()
	return newHouseOf(t, accounts.Config{Store: store}, store, change)
}

// newHouseOf is newHouse with a configuration of accounts.
func newHouseOf(t *testing.T, users accounts.Config, store vault.Store, change func(*social.Config)) *house {
	t.Helper()
	var handler http.Handler
	h := &house{t: t, pretends: map[string]*socialtest.Provider{}}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(h.Close)
	var list []oauth.Provider
	for _, id := range []string{"hub", "other"} {
		pretend := socialtest.Start(t).Provider("hub")
		app := pretend.Register(socialtest.App{RedirectURIs: []string{h.URL + "/callback/" + id}})
		p := providers.OAuth2(id, id, pretend.Endpoints(), app)
		p.Issuer, p.Scopes, p.TrustEmail = pretend.Issuer(), []string{"basic", "email"}, true
		p.Profile = oauth.Mapping{Subject: "id", DisplayName: "login", Email: "mail", EmailVerified: "mail_verified"}
		h.pretends[id], list = pretend, append(list, p)
	}
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	h.must(err)
	users.AppURL = h.URL
	h.acc, err = accounts.New(users)
	h.must(err)
	c := social.Config{AppURL: h.URL, Providers: list, Connections: store, Users: h.acc, Keys: keys,
		AllowPrivateAddresses: true, Logger: slog.New(slog.DiscardHandler)}
	change(&c)
	h.soc, err = social.New(c)
	h.must(err)
	mux := http.NewServeMux()
	mux.Handle("/", h.soc.Handler())
	mux.HandleFunc("POST /register/{provider}", func(w http.ResponseWriter, r *http.Request) {
		if _, err := h.soc.CompleteSignUp(w, r, r.PathValue("provider"), social.SignUpForm{Email: r.FormValue("email")}); err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
		}
	})
	mux.HandleFunc("POST /sign-in/{user}", func(w http.ResponseWriter, r *http.Request) {
		if err := h.acc.SignIn(w, r, identity.SignIn{UserID: r.PathValue("user"), Via: identity.ViaPassword}); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	mux.Handle("GET /profile", h.acc.RequireLogin(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	handler = h.acc.Middleware(mux)
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// browser keeps cookies and follows no redirect.
func (h *house) browser() *http.Client {
	jar, err := cookiejar.New(nil)
	h.must(err)
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// callback goes to the provider as its user ana and returns the URL to come back to.
func (h *house) callback(b *http.Client, path, provider string) string {
	h.t.Helper()
	resp, err := b.Post(h.URL+path+provider, "application/x-www-form-urlencoded", nil)
	h.must(err)
	resp.Body.Close()
	r, err := socialtest.Decide(h.t.Context(), h.browser(), resp.Header.Get("Location"), "ana", true)
	h.must(err)
	return r.URL.String()
}

// connect connects the user to the provider's user ana.
func (h *house) connect(user, provider string) {
	h.t.Helper()
	subject := h.pretends[provider].User("ana").Subject
	_, err := h.soc.Vault().Connect(h.t.Context(), user, &oauth.Grant{ProviderID: provider,
		Profile: oauth.Profile{Subject: subject}, Token: oauth.Token{Access: "access", Type: "Bearer"}})
	h.must(err)
}

func (h *house) counts(users, connections int) {
	h.t.Helper()
	all, err := h.acc.Users(h.t.Context(), "", 100)
	h.must(err)
	n := 0
	for _, u := range all {
		list, err := h.soc.Vault().Connections(h.t.Context(), u.ID, "")
		h.must(err)
		n += len(list)
	}
	if len(all) != users || n != connections {
		h.t.Errorf("%d users with %d connections, want %d with %d", len(all), n, users, connections)
	}
}

// atOnce makes the requests at the same time and counts their statuses.
func atOnce(t *testing.T, n int, request func(i int) (*http.Response, error)) map[int]int {
	var mu sync.Mutex
	var done sync.WaitGroup
	statuses := map[int]int{}
	begin := make(chan struct{})
	for i := range n {
		done.Go(func() {
			<-begin
			resp, err := request(i)
			if err != nil {
				t.Error(err)
				return
			}
			resp.Body.Close()
			mu.Lock()
			defer mu.Unlock()
			statuses[resp.StatusCode]++
		})
	}
	close(begin)
	done.Wait()
	return statuses
}

// Requests that race for one identity, one callback or the last way to log in end as if
// they came one after another, on each database.
func TestRaces(t *testing.T) {
	t.Parallel()
	for name, start := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			open := start(t)
			for what, race := range map[string]func(*testing.T, *sqlstore.Store){
				"02 a callback is answered once":         raceCallback,
				"33 one link by verified e-mail":         raceLinks,
				"35 one user for first log-ins":          raceLogins,
				"35 one user for forms":                  raceForms,
				"36 a way to log in stays":               raceRemovals,
				"a user is deleted with the connections": deletion,
			} {
				t.Run(what, func(t *testing.T) {
					store, err := open(t)
					if err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() { store.Close() })
					race(t, store)
				})
			}
		})
	}
}

func raceCallback(t *testing.T, store *sqlstore.Store) {
	h := newHouse(t, store, func(c *social.Config) { c.SignUp = social.Auto })
	b := h.browser()
	to := h.callback(b, "/login/", "hub")
	u, err := url.Parse(to)
	h.must(err)
	cookies := b.Jar.Cookies(u)
	statuses := atOnce(t, 20, func(int) (*http.Response, error) {
		r, err := http.NewRequest(http.MethodGet, to, nil)
		if err != nil {
			return nil, err
		}
		for _, c := range cookies {
			r.AddCookie(c)
		}
		return h.browser().Do(r)
	})
	if statuses[http.StatusSeeOther] != 1 || statuses[http.StatusBadRequest] != 19 {
		t.Errorf("statuses %v", statuses)
	}
	h.counts(1, 1)
}

// arrive lets n browsers log in through the provider, and come back at the same time.
func (h *house) arrive(n int) (browsers []*http.Client) {
	h.t.Helper()
	var callbacks []string
	for range n {
		b := h.browser()
		browsers, callbacks = append(browsers, b), append(callbacks, h.callback(b, "/login/", "hub"))
	}
	statuses := atOnce(h.t, n, func(i int) (*http.Response, error) { return browsers[i].Get(callbacks[i]) })
	if statuses[http.StatusSeeOther] != n {
		h.t.Errorf("statuses %v", statuses)
	}
	return browsers
}

func raceLogins(t *testing.T, store *sqlstore.Store) {
	h := newHouse(t, store, func(c *social.Config) { c.SignUp = social.Auto })
	h.arrive(20)
	h.counts(1, 1)
}

func raceLinks(t *testing.T, store *sqlstore.Store) {
	h := newHouse(t, store, func(c *social.Config) { c.LinkVerifiedEmail = true })
	_, err := h.acc.Create(t.Context(), accounts.NewUser{Email: h.pretends["hub"].User("ana").Email, Password: "correct horse", EmailVerified: true})
	h.must(err)
	h.arrive(20)
	h.counts(1, 1)
}

func raceForms(t *testing.T, store *sqlstore.Store) {
	h := newHouse(t, store, func(c *social.Config) { c.SignUp = social.Form })
	browsers := h.arrive(20)
	statuses := atOnce(t, len(browsers), func(i int) (*http.Response, error) {
		return browsers[i].PostForm(h.URL+"/register/hub", url.Values{"email": {fmt.Sprintf("new%d@example.com", i)}})
	})
	if statuses[http.StatusOK] != 1 || statuses[http.StatusConflict] != 19 {
		t.Errorf("statuses %v", statuses)
	}
	h.counts(1, 1)
}

func raceRemovals(t *testing.T, store *sqlstore.Store) {
	h := newHouse(t, store, func(*social.Config) {})
	user, err := h.acc.Create(t.Context(), accounts.NewUser{Email: "matt@example.com"})
	h.must(err)
	for range 5 {
		var browsers []*http.Client
		ids := []string{"hub", "other"}
		for _, id := range ids {
			list, err := h.soc.Vault().Connections(t.Context(), user.ID, id)
			h.must(err)
			if len(list) == 0 {
				h.connect(user.ID, id)
			}
			b := h.browser()
			resp, err := b.Post(h.URL+"/sign-in/"+user.ID, "", nil)
			h.must(err)
			resp.Body.Close()
			browsers = append(browsers, b)
		}
		atOnce(t, 2, func(i int) (*http.Response, error) {
			r, err := http.NewRequest(http.MethodDelete, h.URL+"/connect/"+ids[i], nil)
			if err != nil {
				return nil, err
			}
			return browsers[i].Do(r)
		})
		h.counts(1, 1)
	}
}

// stubborn users cannot be deleted.
type stubborn struct{ social.Users }

var errStubborn = errors.New("out of order")

func (stubborn) Delete(context.Context, string) error { return errStubborn }

func deletion(t *testing.T, store *sqlstore.Store) {
	h := newHouse(t, store, func(c *social.Config) { c.Users = stubborn{c.Users} })
	user, err := h.acc.Create(t.Context(), accounts.NewUser{Email: "matt@example.com"})
	h.must(err)
	h.connect(user.ID, "hub")
	h.connect(user.ID, "other")
	if err := h.soc.DeleteUser(t.Context(), user.ID); !errors.Is(err, errStubborn) {
		t.Errorf("error %v, want %v", err, errStubborn)
	}
	h.counts(1, 2)

	h = newHouse(t, store, func(*social.Config) {})
	h.must(h.soc.DeleteUser(t.Context(), user.ID))
	h.counts(0, 0)
	if list, err := store.ByUser(t.Context(), "", user.ID, ""); err != nil || len(list) != 0 {
		t.Errorf("%d connections are left, %v", len(list), err)
	}
	if _, err := store.ByIdentity(t.Context(), vault.Identity{ProviderID: "hub", ProviderUserID: h.pretends["hub"].User("ana").Subject}); !errors.Is(err, vault.ErrNoConnection) {
		t.Errorf("error %v, want %v", err, vault.ErrNoConnection)
	}
}
