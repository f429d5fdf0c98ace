package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/secret"
)

// A storedState is what the store has, but for counts of attempts.
type storedState struct {
	users    []accounts.User
	sessions []accounts.Session
	factors  []string // without recovery codes, of which one is used up by itself
	tokens   []apitoken.Token
	roles    []accounts.Role
}

func (s *faultyStore) state(t *testing.T) (v storedState) {
	t.Helper()
	var err error
	v.users, err = s.Store.Users(t.Context(), "", "", 100)
	check(t, err)
	for _, u := range v.users {
		ss, err := s.Store.Sessions(t.Context(), "", u.ID, time.Time{})
		check(t, err)
		v.sessions = append(v.sessions, ss...)
		ks, err := s.Store.Tokens(t.Context(), "", u.ID, time.Time{})
		check(t, err)
		v.tokens = append(v.tokens, ks...)
		fs, err := s.Store.Factors(t.Context(), "", u.ID)
		check(t, err)
		for _, f := range fs {
			if f.Kind != accounts.FactorRecoveryCode {
				v.factors = append(v.factors, fmt.Sprint(u.ID, f.Kind, f.ID, f.Name, f.ConfirmedAt, keyring.KeyName(f.Secret)))
			}
		}
	}
	v.roles, err = s.Store.Roles(t.Context(), "")
	check(t, err)
	return v
}

// A faultySite has the user matt, who is signed in, and joe, who is not.
type faultySite struct {
	*site
	t         *testing.T
	store     *faultyStore
	matt, joe accounts.User
	session   string       // the ID of matt's session
	cookie    *http.Cookie // of it
	known     *http.Cookie // of a browser that knows matt
	header    http.Header  // of the last answer
	events    *events
	box       *faultyBox
	key       string // that seals
	before    storedState
	// transactions: the store has them.
	transactions bool
	// inSteps: what a first transaction did stays done when a later call fails.
	inSteps bool
}

// visit calls f with a request that has passed Middleware.
func (s *faultySite) visit(f func(w http.ResponseWriter, r *http.Request) error, cookies ...*http.Cookie) error {
	status, header, err := s.site.visit(f, cookies...)
	s.header = header
	if status == http.StatusServiceUnavailable {
		return fmt.Errorf("accounts: Middleware did not go on: %w", errFault)
	}
	return err
}

func (s *faultySite) signIn(w http.ResponseWriter, r *http.Request) error {
	return s.SignIn(w, r, identity.SignIn{UserID: s.matt.ID, Via: "google"})
}

func (s *faultySite) logIn(login string, p secret.Text) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error { return s.LogIn(w, r, login, p, false) }
}

func (s *faultySite) reauthenticate(p secret.Text) func(http.ResponseWriter, *http.Request) error {
	return func(_ http.ResponseWriter, r *http.Request) error { return s.Reauthenticate(r, p) }
}

// quietly calls f with a store that does not fail; before is the state after it.
func (s *faultySite) quietly(f func() error) error {
	at := s.store.failAt
	s.store.failAt = 0
	err := f()
	s.before = s.store.state(s.t)
	s.store.calls, s.store.committed, s.store.failAt, s.events.list = 0, 0, at, nil
	return err
}

// half returns a browser in which matt is to show a second factor.
func (s *faultySite) half() (b *visitor, phone authenticator) {
	check(s.t, s.quietly(func() error {
		phone = s.newVisitor(s.t).logIn("matt").enroll()
		b = s.newVisitor(s.t).logIn("matt").want(accounts.LimitedToFactor)
		return nil
	}))
	return b, phone
}

// signedIn returns the browser with matt's session.
func (s *faultySite) signedIn() *visitor {
	return &visitor{s.site, s.t, map[string]*http.Cookie{"session": s.cookie}}
}

func newFaultySite(t *testing.T, transactions bool, es *events, configure ...func(*accounts.Config)) *faultySite {
	t.Helper()
	key := keyring.NewKey().Reveal()
	keys, err := keyring.Parse(key)
	check(t, err)
	store := &faultyStore{Store: memstore.New()}
	s := &faultySite{t: t, store: store, events: es, box: &faultyBox{store: store}, key: key, transactions: transactions}
	s.site = newSite(t, "http", append(configure, es.collect, func(c *accounts.Config) {
		c.Store = store
		if !transactions {
			c.Store = struct{ accounts.Store }{store}
		}
		c.Throttle.NetworkFlows.Count = 20
		c.Keys, c.TwoFactorRoles, c.APITokens = keys, []string{"admin"}, true
		c.Record = func(_ context.Context, e accounts.Event) error {
			if _, refused := e.(audit.Refusal); refused || !store.records {
				return nil
			}
			return store.call("Record")
		}
		if p, ok := c.Passkeys.(*faultyParty); ok {
			p.store = store
		}
		if c.MagicLink || c.ConfirmEmail {
			c.Mail = s.box
		}
	})...)
	s.matt, s.joe = s.user(t, "matt@lp.com", "matt"), s.user(t, "joe@lp.com", "")
	check(t, s.SetVerifiedKeepingAccess(t.Context(), s.matt.ID, s.ConfirmsEmail()))
	check(t, s.CreateRole(t.Context(), accounts.Role{Name: "admin"}))
	check(t, s.visit(s.logIn("matt", password)))
	for _, c := range (&http.Response{Header: s.header}).Cookies() {
		if c.Name == "session" {
			s.cookie = c
		} else {
			s.known = c
		}
	}
	ss, err := s.Sessions(t.Context(), s.matt.ID)
	if err != nil || len(ss) != 1 || s.cookie == nil || s.known == nil {
		t.Fatalf("%d sessions, %v, cookies %v", len(ss), err, s.header)
	}
	s.session = ss[0].ID()
	s.matt, err = s.User(t.Context(), s.matt.ID)
	check(t, err)
	return s
}

// A faulty call is one of the methods of Accounts, on a store that may fail.
type faultyCall = func(s *faultySite, ctx context.Context) error

// failAtAnyCall has the store fail at each of the calls that a method makes: then the caller
// gets the error, no user is signed in, no event is reported that did not happen, and a
// transaction writes nothing.
func failAtAnyCall(t *testing.T, methods map[string]faultyCall, configure ...func(*accounts.Config)) {
	for name, do := range methods {
		for _, transactions := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				for at := 1; ; at++ {
					var es events
					s := newFaultySite(t, transactions, &es, configure...)
					check(t, s.quietly(func() error { return nil }))
					s.store.failAt, s.store.records = at, true
					err := do(s, t.Context())
					if s.store.method == "" { // it makes fewer calls
						if check(t, err); at == 1 {
							t.Error("it asks no store")
						}
						return
					}
					if !errors.Is(err, errFault) || strings.Count(err.Error(), "accounts: ") != 1 {
						t.Errorf("%s fails: %v", s.store.method, err)
					}
					stays := s.inSteps && (s.store.committed > 0 || !transactions) || s.store.method == "Record" && !transactions
					for _, e := range es.list {
						switch e.(type) {
						case accounts.LoginFailed, accounts.ReauthenticationFailed:
						case accounts.RecoveryCodeUsed: // it is used up
						case accounts.VerificationChanged, accounts.TakenOver, accounts.PasswordChanged, accounts.SessionsEnded, accounts.FactorAdded:
							if !stays {
								t.Errorf("%s fails: %s is reported", s.store.method, e.Event())
							}
						default:
							if s.store.method == "Record" && !transactions {
								continue // it happened, and is recorded before others are
							}
							t.Errorf("%s fails: %s is reported", s.store.method, e.Event())
						}
					}
					for _, c := range (&http.Response{Header: s.header}).Cookies() {
						if name != "SignOut" && c.Name != "social_passkey" && !(stays && c.MaxAge < 0) && c.Value != s.cookie.Value && c.Value != s.known.Value {
							t.Errorf("%s fails: the browser gets %s", s.store.method, c.Name)
						}
					}
					after := s.store.state(t)
					if transactions && !stays && !reflect.DeepEqual(after, s.before) {
						t.Errorf("%s fails: half of it is written", s.store.method)
					}
					if len(after.sessions) > len(s.before.sessions) {
						t.Errorf("%s fails: a session began", s.store.method)
					}
				}
			})
		}
	}
}
