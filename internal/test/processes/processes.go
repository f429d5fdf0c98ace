// Package processes is a suite of package accounts on every kind of database: what holds
// among processes that share nothing but the database. The module of each store runs it.
package processes

import (
	"crypto/rand"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/passkeytest"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/mail/mailtest"
)

// A house is an application of two processes.
type house struct {
	processes [2]*accounts.Accounts
	box       *mailtest.Box
	later     atomic.Int64 // how far the clock of both is ahead, in nanoseconds
}

const (
	appURL   = "https://app.example.com"
	password = "correct horse"
)

// Run runs the suite on two stores that are open on one database.
func Run(t *testing.T, stores [2]accounts.Store) {
	off := accounts.Limit{Count: -1}
	h := newHouse(t, stores, accounts.Throttle{AccountLogins: off, NetworkLogins: off, AccountCodes: off, NetworkRegistrations: off})
	for what, tests := range map[string]map[string]func(*testing.T, *house){"Used once": usedOnce, "Seen at once": seenAtOnce} {
		for name, test := range tests {
			t.Run(what+": "+name, func(t *testing.T) { test(t, h) })
		}
	}
	for name, test := range countedTogether {
		t.Run("Counted together: "+name, func(t *testing.T) { test(t, newHouse(t, stores, accounts.Throttle{})) })
	}
}

func newHouse(t *testing.T, stores [2]accounts.Store, throttle accounts.Throttle) *house {
	t.Helper()
	h := &house{box: new(mailtest.Box)}
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	must(t, err)
	for i, store := range stores {
		h.processes[i], err = accounts.New(accounts.Config{
			Store: store, AppURL: appURL, Keys: keys, Mail: h.box, HashWait: 10 * time.Minute, Throttle: throttle,
			ConfirmEmail: true, MagicLink: true, APITokens: true,
			Passkeys: passkeytest.RelyingParty{ID: "app.example.com", Origin: appURL},
			Now:      func() time.Time { return time.Now().Add(time.Duration(h.later.Load())) },
		})
		must(t, err)
	}
	return h
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// user makes a user, whose address is verified.
func (h *house) user(t *testing.T) accounts.User {
	t.Helper()
	u, err := h.processes[0].Create(t.Context(), accounts.NewUser{
		Email: strings.ToLower(rand.Text()) + "@lp.com", Password: password, EmailVerified: true,
	})
	must(t, err)
	return u
}

// A browser keeps cookies.
type browser map[string]*http.Cookie

// A visit is what a handler of a process does.
type visit func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error

// at visits a process.
func (b browser) at(a *accounts.Accounts, f visit) (err error) {
	r := httptest.NewRequest(http.MethodPost, appURL+"/", nil)
	for _, c := range b {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	a.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { err = f(a, w, r) })).ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if b[c.Name] = c; c.MaxAge < 0 {
			delete(b, c.Name)
		}
	}
	return err
}

func signIn(userID string) visit {
	return func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error {
		return a.SignIn(w, r, identity.SignIn{UserID: userID, Via: "hub"})
	}
}

// signedIn returns a browser in which the user has signed in at the first process.
func (h *house) signedIn(t *testing.T, userID string) browser {
	t.Helper()
	b := browser{}
	must(t, b.at(h.processes[0], signIn(userID)))
	return b
}

// who is the user signed in to a process, or what the session is limited to.
func (b browser) who(a *accounts.Accounts) (who string) {
	b.at(a, func(_ *accounts.Accounts, _ http.ResponseWriter, r *http.Request) error {
		if u := accounts.Current(r.Context()); u != nil {
			who = u.ID
		} else if s := accounts.LimitedSession(r.Context()); s != nil {
			who = s.LimitedTo
		}
		return nil
	})
	return who
}

// mailed returns the token of the newest link of a kind to an address, and the code.
func (h *house) mailed(t *testing.T, kind, to string) (token, code string) {
	t.Helper()
	l, ok := h.box.Last(kind, to)
	if !ok {
		t.Fatalf("no letter %s to %s", kind, to)
	}
	return l.Link[strings.LastIndex(l.Link, "/")+1:], l.Code
}

// atOnce has each of 20 browsers visit at the same time, the processes in turn.
func (h *house) atOnce(browsers func(i int) browser, f func(i int) visit) (errs []error) {
	errs = make([]error, 20)
	begin := make(chan struct{})
	var done sync.WaitGroup
	for i := range errs {
		b, visit := maps.Clone(browsers(i)), f(i)
		done.Go(func() {
			<-begin
			errs[i] = b.at(h.processes[i%2], visit)
		})
	}
	close(begin)
	done.Wait()
	return errs
}

// race checks that one of 20 visits at the same time succeeds. The others get the error.
func (h *house) race(t *testing.T, lost error, browsers func(i int) browser, f func(i int) visit) {
	t.Helper()
	succeeded := 0
	for _, err := range h.atOnce(browsers, f) {
		if err == nil {
			succeeded++
		} else if !errors.Is(err, lost) {
			t.Errorf("%v, want %v", err, lost)
		}
	}
	if succeeded != 1 {
		t.Errorf("%d of 20 succeeded", succeeded)
	}
}
