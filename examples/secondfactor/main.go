// Command secondfactor asks for a code after a log-in through a provider. Until the
// user has entered it, nothing is written: no session, no connection, no new token. The
// example prints the codes; an application would send them.
package main

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"html/template"
	"log"
	"math/big"
	"net/http"
	"sync"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/examples/internal/site"
	"github.com/gosocial/social/sqlstore/sqlite"
)

func main() {
	send := func(u accounts.User, code string) { log.Printf("the code for %s is %s", u.Email, code) }
	site.Main("secondfactor.db", func(ctx context.Context, s site.Site) (*site.App, error) { return open(ctx, s, send) })
}

// users are accounts that need a code for each log-in but the first.
type users struct {
	*accounts.Accounts
	codes codes
	send  func(u accounts.User, code string)
}

// RequireFactor implements social.FactorRequirer.
func (u *users) RequireFactor(_ context.Context, userID string) (string, error) {
	if userID == "" { // a new user: nothing to prove yet
		return "", nil
	}
	return "/factor", nil
}

func open(ctx context.Context, s site.Site, send func(u accounts.User, code string)) (*site.App, error) {
	store, err := sqlite.Open(ctx, s.Database, sqlite.Migrate())
	if err != nil {
		return nil, err
	}
	acc, err := accounts.New(accounts.Config{Store: store, AppURL: s.URL})
	if err != nil {
		return nil, err
	}
	u := &users{Accounts: acc, send: send}
	soc, err := social.New(social.Config{
		AppURL: s.URL, Providers: s.Providers, Connections: store, Users: u, Keys: s.Keys,
		SignUp: social.Auto, LoginPage: "/", PostLogin: "/",
		AllowPrivateAddresses: s.Pretend,
	})
	if err != nil {
		return nil, err
	}
	guard := http.NewCrossOriginProtection()
	mux := http.NewServeMux()
	mux.Handle("/", soc.Handler())
	mux.HandleFunc("GET /{$}", home(soc))
	mux.HandleFunc("GET /factor", u.ask(soc))
	mux.Handle("POST /factor", guard.Handler(u.check(soc)))
	mux.Handle("POST /logout", guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := acc.SignOut(w, r); err != nil {
			http.Error(w, "Try again soon.", http.StatusServiceUnavailable)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})))
	return &site.App{Handler: acc.Middleware(mux), Vault: soc.Vault(), Jobs: append(store.Jobs(), acc.Jobs()...), Close: store.Close}, nil
}

var pages = template.Must(template.New("").Parse(`
{{define "home"}}<!doctype html><title>Second factor</title>
{{with .User}}<p>Hello {{.Email}}</p><form method="post" action="/logout"><button>Sign out</button></form>
{{else}}{{range .Buttons}}<form method="post" action="{{.LoginURL}}"><button>Sign in with {{.Provider.Name}}</button></form>{{end}}{{end}}{{end}}
{{define "factor"}}<!doctype html><title>Enter your code</title>
<p>You come from {{.Provider}}. Enter the code that was sent to you.</p>{{with .Wrong}}<p role="alert">{{.}}</p>{{end}}
<form method="post" action="/factor"><input name="code" inputmode="numeric" autocomplete="one-time-code" required autofocus><button>Go on</button></form>{{end}}`))

func draw(w http.ResponseWriter, status int, page string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if err := pages.ExecuteTemplate(w, page, data); err != nil {
		log.Println(err)
	}
}

func home(soc *social.Social) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		buttons, err := soc.Buttons(r.Context())
		if err != nil {
			http.Error(w, "Try again soon.", http.StatusServiceUnavailable)
			return
		}
		draw(w, http.StatusOK, "home", map[string]any{"User": accounts.Current(r.Context()), "Buttons": buttons})
	}
}

// ask sends a code, and asks for it.
func (u *users) ask(soc *social.Social) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p, err := soc.PendingLogin(r)
		if err != nil {
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
		user, err := u.User(r.Context(), p.UserID)
		if err != nil {
			http.Error(w, "Try again soon.", http.StatusServiceUnavailable)
			return
		}
		if code, ok := u.codes.make(p.UserID); ok {
			u.send(user, code)
		}
		draw(w, http.StatusOK, "factor", map[string]string{"Provider": p.Provider.Name})
	}
}

func (u *users) check(soc *social.Social) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p, err := soc.PendingLogin(r)
		if err != nil {
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
		if !u.codes.take(p.UserID, r.FormValue("code")) {
			draw(w, http.StatusUnprocessableEntity, "factor", map[string]string{"Provider": p.Provider.Name, "Wrong": "That is not the code."})
			return
		}
		done, err := soc.Finish(w, r, p.UserID)
		var refusal social.Refusal
		switch {
		case errors.As(err, &refusal):
			http.Error(w, refusal.Refusal(), http.StatusForbidden)
		case err != nil:
			http.Redirect(w, r, "/", http.StatusSeeOther)
		default:
			http.Redirect(w, r, done.Next, http.StatusSeeOther)
		}
	}
}

// codes are the codes that users have to enter: one for each user, valid for ten
// minutes, in which the user has five guesses however many log-ins wait. An
// application with several processes keeps them in its database.
type codes struct {
	mu     sync.Mutex
	byUser map[string]*code
}

type code struct {
	digits  string
	until   time.Time
	guesses int
}

// make returns a new code, or false while there is one.
func (c *codes) make(userID string) (digits string, ok bool) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if there := c.byUser[userID]; there != nil && time.Now().Before(there.until) {
		return "", false
	}
	if c.byUser == nil {
		c.byUser = map[string]*code{}
	}
	digits = fmt.Sprintf("%06d", n)
	c.byUser[userID] = &code{digits: digits, until: time.Now().Add(10 * time.Minute), guesses: 5}
	return digits, true
}

// take reports whether the code is right, which it is once.
func (c *codes) take(userID, digits string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	want := c.byUser[userID]
	if want == nil || want.guesses == 0 || !time.Now().Before(want.until) {
		return false
	}
	want.guesses--
	right := subtle.ConstantTimeCompare([]byte(want.digits), []byte(digits)) == 1
	if right {
		delete(c.byUser, userID)
	}
	return right
}
