// Package processes tests package accounts in several processes that share only the
// database. The module of each store runs it.
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

// A cluster is an application of two processes.
type cluster struct {
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
	c := newCluster(t, stores, accounts.Throttle{AccountLogins: off, NetworkLogins: off, AccountCodes: off, NetworkRegistrations: off})
	for what, tests := range map[string]map[string]func(*testing.T, *cluster){"Used once": usedOnce, "Seen at once": seenAtOnce} {
		for name, test := range tests {
			t.Run(what+": "+name, func(t *testing.T) { test(t, c) })
		}
	}
	for name, test := range countedTogether {
		t.Run("Counted together: "+name, func(t *testing.T) { test(t, newCluster(t, stores, accounts.Throttle{})) })
	}
}

func newCluster(t *testing.T, stores [2]accounts.Store, throttle accounts.Throttle) *cluster {
	t.Helper()
	c := &cluster{box: new(mailtest.Box)}
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	must(t, err)
	for i, store := range stores {
		c.processes[i], err = accounts.New(accounts.Config{
			Store: store, AppURL: appURL, Keys: keys, Mail: c.box, HashWait: 10 * time.Minute, Throttle: throttle,
			ConfirmEmail: true, MagicLink: true, APITokens: true,
			Passkeys: passkeytest.RelyingParty{ID: "app.example.com", Origin: appURL},
			Now:      func() time.Time { return time.Now().Add(time.Duration(c.later.Load())) },
		})
		must(t, err)
	}
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// user makes a user, whose address is verified.
func (c *cluster) user(t *testing.T) accounts.User {
	t.Helper()
	u, err := c.processes[0].Create(t.Context(), accounts.NewUser{
		Email: strings.ToLower(rand.Text()) + "@lp.com", Password: password, EmailVerified: true,
	})
	must(t, err)
	return u
}

// A browser keeps cookies.
type browser map[string]*http.Cookie

// A visit is the handler of one request.
type visit func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error

// at visits a process.
func (b browser) at(a *accounts.Accounts, f visit) (err error) {
	r := httptest.NewRequest(http.MethodPost, appURL+"/", nil)
	for _, k := range b {
		r.AddCookie(k)
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

// signedIn returns a browser whose user is signed in by the first process.
func (c *cluster) signedIn(t *testing.T, userID string) browser {
	t.Helper()
	b := browser{}
	must(t, b.at(c.processes[0], signIn(userID)))
	return b
}

// who returns the ID of the user signed in at a process, or what the session is limited to.
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
func (c *cluster) mailed(t *testing.T, kind, to string) (token, code string) {
	t.Helper()
	l, ok := c.box.Last(kind, to)
	if !ok {
		t.Fatalf("no letter %s to %s", kind, to)
	}
	return l.Link[strings.LastIndex(l.Link, "/")+1:], l.Code
}

// atOnce has each of 20 browsers visit at the same time, the processes in turn.
func (c *cluster) atOnce(browsers func(i int) browser, f func(i int) visit) (errs []error) {
	errs = make([]error, 20)
	begin := make(chan struct{})
	var done sync.WaitGroup
	for i := range errs {
		b, visit := maps.Clone(browsers(i)), f(i)
		done.Go(func() {
			<-begin
			errs[i] = b.at(c.processes[i%2], visit)
		})
	}
	close(begin)
	done.Wait()
	return errs
}

// race checks that one of 20 visits at the same time succeeds. The others get the error.
func (c *cluster) race(t *testing.T, lost error, browsers func(i int) browser, f func(i int) visit) {
	t.Helper()
	succeeded := 0
	for _, err := range c.atOnce(browsers, f) {
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
