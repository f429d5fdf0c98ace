package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/accounts/ticket"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/secret"
)

var errFault = errors.New("the database is away")

// A faultyStore fails at its call number failAt, counted from 1; 0 is none.
type faultyStore struct {
	*memstore.Store
	failAt, calls int
	method        string // that failed
	methods       []string
}

func (s *faultyStore) call(method string) error {
	s.methods = append(s.methods, method)
	if s.calls++; s.calls == s.failAt {
		s.method = method
		return errFault
	}
	return nil
}

func fault1[T any](s *faultyStore, method string, f func() (T, error)) (v T, err error) {
	if err := s.call(method); err != nil {
		return v, err
	}
	return f()
}

func fault0(s *faultyStore, method string, f func() error) error {
	_, err := fault1(s, method, func() (struct{}, error) { return struct{}{}, f() })
	return err
}

// InTx fails at its end.
func (s *faultyStore) InTx(ctx context.Context, f func(context.Context) error) error {
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		if err := f(ctx); err != nil {
			return err
		}
		return s.call("InTx")
	})
}

func (s *faultyStore) InsertUser(ctx context.Context, u accounts.User) error {
	return fault0(s, "InsertUser", func() error { return s.Store.InsertUser(ctx, u) })
}

func (s *faultyStore) UserByID(ctx context.Context, tenant, id string) (accounts.User, error) {
	return fault1(s, "UserByID", func() (accounts.User, error) { return s.Store.UserByID(ctx, tenant, id) })
}

func (s *faultyStore) UserByEmail(ctx context.Context, tenant, email string) (accounts.User, error) {
	return fault1(s, "UserByEmail", func() (accounts.User, error) { return s.Store.UserByEmail(ctx, tenant, email) })
}

func (s *faultyStore) UserByUsername(ctx context.Context, tenant, name string) (accounts.User, error) {
	return fault1(s, "UserByUsername", func() (accounts.User, error) { return s.Store.UserByUsername(ctx, tenant, name) })
}

func (s *faultyStore) Users(ctx context.Context, tenant, after string, limit int) ([]accounts.User, error) {
	return fault1(s, "Users", func() ([]accounts.User, error) { return s.Store.Users(ctx, tenant, after, limit) })
}

func (s *faultyStore) UpdateUser(ctx context.Context, u accounts.User) error {
	return fault0(s, "UpdateUser", func() error { return s.Store.UpdateUser(ctx, u) })
}

func (s *faultyStore) DeleteUser(ctx context.Context, tenant, id string) error {
	return fault0(s, "DeleteUser", func() error { return s.Store.DeleteUser(ctx, tenant, id) })
}

func (s *faultyStore) TrackLogin(ctx context.Context, l accounts.TrackedLogin) error {
	return fault0(s, "TrackLogin", func() error { return s.Store.TrackLogin(ctx, l) })
}

func (s *faultyStore) InsertSession(ctx context.Context, v accounts.Session) error {
	return fault0(s, "InsertSession", func() error { return s.Store.InsertSession(ctx, v) })
}

func (s *faultyStore) SessionUser(ctx context.Context, tenant string, hash [32]byte, now time.Time) (v accounts.Session, u accounts.User, err error) {
	if err := s.call("SessionUser"); err != nil {
		return v, u, err
	}
	return s.Store.SessionUser(ctx, tenant, hash, now)
}

func (s *faultyStore) Sessions(ctx context.Context, tenant, userID string, now time.Time) ([]accounts.Session, error) {
	return fault1(s, "Sessions", func() ([]accounts.Session, error) { return s.Store.Sessions(ctx, tenant, userID, now) })
}

func (s *faultyStore) LockSession(ctx context.Context, tenant string, hash [32]byte, now time.Time) error {
	return fault0(s, "LockSession", func() error { return s.Store.LockSession(ctx, tenant, hash, now) })
}

func (s *faultyStore) DeleteSession(ctx context.Context, tenant string, hash [32]byte) error {
	return fault0(s, "DeleteSession", func() error { return s.Store.DeleteSession(ctx, tenant, hash) })
}

func (s *faultyStore) TrimSessions(ctx context.Context, tenant, userID, limitedTo string, newest [32]byte, keep int) (int, error) {
	return fault1(s, "TrimSessions", func() (int, error) { return s.Store.TrimSessions(ctx, tenant, userID, limitedTo, newest, keep) })
}

func (s *faultyStore) DeleteSessions(ctx context.Context, f accounts.SessionFilter) (map[string]int, error) {
	return fault1(s, "DeleteSessions", func() (map[string]int, error) { return s.Store.DeleteSessions(ctx, f) })
}

func (s *faultyStore) LockUser(ctx context.Context, tenant, id string, version int64) error {
	return fault0(s, "LockUser", func() error { return s.Store.LockUser(ctx, tenant, id, version) })
}

func (s *faultyStore) PutFactor(ctx context.Context, f accounts.StoredFactor) error {
	return fault0(s, "PutFactor", func() error { return s.Store.PutFactor(ctx, f) })
}

func (s *faultyStore) Factors(ctx context.Context, tenant, userID string) ([]accounts.StoredFactor, error) {
	return fault1(s, "Factors", func() ([]accounts.StoredFactor, error) { return s.Store.Factors(ctx, tenant, userID) })
}

func (s *faultyStore) UseFactor(ctx context.Context, use accounts.FactorUse) error {
	return fault0(s, "UseFactor", func() error { return s.Store.UseFactor(ctx, use) })
}

func (s *faultyStore) DeleteTickets(ctx context.Context, f ticket.Filter) error {
	return fault0(s, "DeleteTickets", func() error { return s.Store.DeleteTickets(ctx, f) })
}

func (s *faultyStore) ProlongSession(ctx context.Context, tenant string, hash [32]byte, seen, expires time.Time) error {
	return fault0(s, "ProlongSession", func() error { return s.Store.ProlongSession(ctx, tenant, hash, seen, expires) })
}

func (s *faultyStore) DeleteFactors(ctx context.Context, f accounts.FactorFilter) (int, error) {
	return fault1(s, "DeleteFactors", func() (int, error) { return s.Store.DeleteFactors(ctx, f) })
}

func (s *faultyStore) InsertRole(ctx context.Context, r accounts.Role) error {
	return fault0(s, "InsertRole", func() error { return s.Store.InsertRole(ctx, r) })
}

func (s *faultyStore) Roles(ctx context.Context, tenant string) ([]accounts.Role, error) {
	return fault1(s, "Roles", func() ([]accounts.Role, error) { return s.Store.Roles(ctx, tenant) })
}

func (s *faultyStore) GrantPermission(ctx context.Context, tenant, role, permission string) error {
	return fault0(s, "GrantPermission", func() error { return s.Store.GrantPermission(ctx, tenant, role, permission) })
}

func (s *faultyStore) RevokePermission(ctx context.Context, tenant, role, permission string) error {
	return fault0(s, "RevokePermission", func() error { return s.Store.RevokePermission(ctx, tenant, role, permission) })
}

func (s *faultyStore) GrantRole(ctx context.Context, tenant, userID, role string) error {
	return fault0(s, "GrantRole", func() error { return s.Store.GrantRole(ctx, tenant, userID, role) })
}

func (s *faultyStore) RevokeRole(ctx context.Context, tenant, userID, role string) error {
	return fault0(s, "RevokeRole", func() error { return s.Store.RevokeRole(ctx, tenant, userID, role) })
}

func (s *faultyStore) Attempt(ctx context.Context, a accounts.Attempt) (n int, ends time.Time, err error) {
	if err := s.call("Attempt"); err != nil {
		return 1 << 30, ends, err
	}
	return s.Store.Attempt(ctx, a)
}

func (s *faultyStore) ForgetAttempts(ctx context.Context, tenant, key string) error {
	return fault0(s, "ForgetAttempts", func() error { return s.Store.ForgetAttempts(ctx, tenant, key) })
}

// A storedState is what the store has, but for counts of attempts.
type storedState struct {
	users    []accounts.User
	sessions []accounts.Session
	factors  []string // without recovery codes, of which one is used up by itself
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
		fs, err := s.Store.Factors(t.Context(), "", u.ID)
		check(t, err)
		for _, f := range fs {
			if f.Kind != accounts.FactorRecoveryCode {
				v.factors = append(v.factors, fmt.Sprint(u.ID, f.Kind, f.ID, f.ConfirmedAt))
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
	before    storedState
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

// quietly calls f with a store that does not fail; before is the state after it.
func (s *faultySite) quietly(f func() error) error {
	at := s.store.failAt
	s.store.failAt = 0
	err := f()
	s.before = s.store.state(s.t)
	s.store.calls, s.store.failAt, s.events.list = 0, at, nil
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

func newFaultySite(t *testing.T, transactions bool, es *events) *faultySite {
	t.Helper()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	check(t, err)
	store := &faultyStore{Store: memstore.New()}
	s := &faultySite{t: t, store: store, events: es}
	s.site = newSite(t, "http", es.collect, func(c *accounts.Config) {
		c.Store = store
		if !transactions {
			c.Store = struct{ accounts.Store }{store}
		}
		c.Throttle.NetworkFlows.Count = 20
		c.Keys, c.TwoFactorRoles = keys, []string{"admin"}
	})
	s.matt, s.joe = s.user(t, "matt@lp.com", "matt"), s.user(t, "joe@lp.com", "")
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

// At any call the store may fail: then the caller gets the error, no user is signed in,
// no event is reported that did not happen, and a transaction writes nothing.
func TestStoreFailsAtAnyCall(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(s *faultySite, ctx context.Context) error{
		"User":            func(s *faultySite, ctx context.Context) error { _, err := s.User(ctx, s.matt.ID); return err },
		"Find an address": func(s *faultySite, ctx context.Context) error { _, err := s.Find(ctx, "matt@lp.com"); return err },
		"Find a username": func(s *faultySite, ctx context.Context) error { _, err := s.Find(ctx, "matt"); return err },
		"FindEmail": func(s *faultySite, ctx context.Context) error {
			_, _, err := s.FindEmail(ctx, "matt@lp.com")
			return err
		},
		"Users":        func(s *faultySite, ctx context.Context) error { _, err := s.Users(ctx, "", 9); return err },
		"HasPassword":  func(s *faultySite, ctx context.Context) error { _, err := s.HasPassword(ctx, s.matt.ID); return err },
		"DescribeUser": func(s *faultySite, ctx context.Context) error { _, err := s.DescribeUser(ctx, s.matt.ID); return err },
		"SetPassword": func(s *faultySite, ctx context.Context) error {
			return s.SetPassword(ctx, s.matt.ID, "another password")
		},
		"without password": func(s *faultySite, ctx context.Context) error { return s.SetPassword(ctx, s.matt.ID, "") },
		"ChangePassword": func(s *faultySite, _ context.Context) error {
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error {
				return s.ChangePassword(r, password, "another password")
			}, s.cookie)
		},
		"LockSession": func(s *faultySite, _ context.Context) error {
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error {
				_, err := s.LockSession(r.Context())
				return err
			}, s.cookie)
		},
		"SetActive": func(s *faultySite, ctx context.Context) error { return s.SetActive(ctx, s.matt.ID, false) },
		"SetVerified": func(s *faultySite, ctx context.Context) error {
			return s.SetVerifiedKeepingAccess(ctx, s.matt.ID, true)
		},
		"VerifyAndTakeOver": func(s *faultySite, ctx context.Context) error { return s.VerifyAndTakeOver(ctx, s.matt.ID) },
		"Delete":            func(s *faultySite, ctx context.Context) error { return s.Delete(ctx, s.matt.ID) },
		"Create": func(s *faultySite, ctx context.Context) error {
			_, err := s.Create(ctx, accounts.NewUser{Email: "kim@lp.com", Password: password})
			return err
		},
		"Register": func(s *faultySite, _ context.Context) error {
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error {
				_, err := s.Register(r.Context(), identity.Registration{Email: "kim@lp.com", Password: password})
				return err
			})
		},
		"PrepareRegister": func(s *faultySite, _ context.Context) error {
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error {
				_, err := s.PrepareRegister(r.Context(), identity.Registration{Email: "kim@lp.com", Password: password})
				return err
			})
		},
		"Import": func(s *faultySite, ctx context.Context) error {
			_, err := s.Import(ctx, accounts.ImportedUser{ID: "7", Email: "kim@lp.com", Username: "kim", Roles: []string{"admin"}})
			return err
		},
		"CheckImport": func(s *faultySite, ctx context.Context) error {
			_, err := s.CheckImport(ctx, accounts.ImportedUser{ID: "7", Email: "kim@lp.com", Username: "kim", Roles: []string{"admin"}})
			return err
		},
		"CreateRole": func(s *faultySite, ctx context.Context) error { return s.CreateRole(ctx, accounts.Role{Name: "other"}) },
		"Roles":      func(s *faultySite, ctx context.Context) error { _, err := s.Roles(ctx); return err },
		"Grant":      func(s *faultySite, ctx context.Context) error { return s.Grant(ctx, s.matt.ID, "admin") },
		"Revoke":     func(s *faultySite, ctx context.Context) error { return s.Revoke(ctx, s.matt.ID, "admin") },
		"Sessions":   func(s *faultySite, ctx context.Context) error { _, err := s.Sessions(ctx, s.matt.ID); return err },
		"EndSession": func(s *faultySite, ctx context.Context) error { return s.EndSession(ctx, s.matt.ID, s.session) },
		"EndSessions": func(s *faultySite, ctx context.Context) error {
			_, err := s.EndSessions(ctx, identity.SessionFilter{UserID: s.matt.ID})
			return err
		},
		"Middleware": func(s *faultySite, _ context.Context) error {
			return s.visit(func(http.ResponseWriter, *http.Request) error { return nil }, s.cookie)
		},
		"SignIn":       func(s *faultySite, _ context.Context) error { return s.visit(s.signIn) },
		"SignIn again": func(s *faultySite, _ context.Context) error { return s.visit(s.signIn, s.cookie) },
		"LogIn":        func(s *faultySite, _ context.Context) error { return s.visit(s.logIn("matt", password)) },
		"LogIn again": func(s *faultySite, _ context.Context) error {
			return s.visit(s.logIn("matt@lp.com", password), s.cookie)
		},
		"known browser": func(s *faultySite, _ context.Context) error { return s.visit(s.logIn("matt", password), s.known) },
		"LogIn after a wrong password": func(s *faultySite, _ context.Context) error {
			wantErr(s.t, "a wrong password", s.quietly(func() error {
				return s.visit(s.logIn("joe@lp.com", "wrong password"))
			}), accounts.ErrCredentials)
			return s.visit(s.logIn("joe@lp.com", password))
		},
		"wrong password": func(s *faultySite, _ context.Context) error {
			err := s.visit(s.logIn("joe@lp.com", "wrong password"))
			if err == accounts.ErrCredentials {
				return nil // the answer when nothing fails
			}
			return err
		},
		"half a log-in": func(s *faultySite, ctx context.Context) error {
			check(s.t, s.quietly(func() error { return s.Grant(ctx, s.matt.ID, "admin") }))
			return s.visit(s.logIn("matt", password), s.cookie)
		},
		"the other half, and trust": func(s *faultySite, _ context.Context) error {
			b, phone := s.half()
			return s.visit(func(w http.ResponseWriter, r *http.Request) error {
				return s.FinishFactor(w, r, accounts.FactorAnswer{Kind: accounts.FactorTOTP, Shown: secret.Text(phone.code()), Trust: true})
			}, b.cookies["session"])
		},
		"LogIn in a trusted browser": func(s *faultySite, _ context.Context) error {
			b, phone := s.half()
			check(s.t, s.quietly(func() error { return b.finish(accounts.FactorTOTP, phone.code(), true) }))
			return s.visit(s.logIn("matt", password), b.cookies["social_trusted"])
		},
		"the other half, by a recovery code": func(s *faultySite, _ context.Context) error {
			b, phone := s.half()
			return s.visit(func(w http.ResponseWriter, r *http.Request) error {
				return s.FinishFactor(w, r, accounts.FactorAnswer{Kind: accounts.FactorRecoveryCode, Shown: secret.Text(phone.recovery[0])})
			}, b.cookies["session"])
		},
		"Factors":        func(s *faultySite, ctx context.Context) error { _, err := s.Factors(ctx, s.matt.ID); return err },
		"HasFactor":      func(s *faultySite, ctx context.Context) error { _, err := s.HasFactor(ctx, s.matt.ID); return err },
		"FactorKinds":    func(s *faultySite, ctx context.Context) error { _, err := s.FactorKinds(ctx, s.matt.ID); return err },
		"TrustedDevices": func(s *faultySite, ctx context.Context) error { _, err := s.TrustedDevices(ctx, s.matt.ID); return err },
		"ResetFactors": func(s *faultySite, ctx context.Context) error {
			s.half()
			return s.ResetFactors(ctx, s.matt.ID)
		},
		"RequireFactor": func(s *faultySite, _ context.Context) error {
			b, phone := s.half()
			check(s.t, s.quietly(func() error { return b.finish(accounts.FactorTOTP, phone.code(), true) }))
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error {
				page, err := s.RequireFactor(r.Context(), s.matt.ID)
				if page != "" {
					s.t.Errorf("in a trusted browser: %s", page)
				}
				return err
			}, b.cookies["social_trusted"])
		},
		"SetUpTOTP": func(s *faultySite, _ context.Context) error {
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error { _, err := s.SetUpTOTP(r); return err }, s.cookie)
		},
		"PendingTOTP": func(s *faultySite, _ context.Context) error {
			b := s.signedIn()
			check(s.t, s.quietly(func() error { b.setUp(); return nil }))
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error { _, err := s.PendingTOTP(r); return err }, s.cookie)
		},
		"ConfirmTOTP": func(s *faultySite, _ context.Context) error {
			b := s.signedIn()
			phone := authenticator{site: s.site}
			check(s.t, s.quietly(func() error { phone.key = keyOf(s.t, b.setUp()); return nil }))
			return s.visit(func(w http.ResponseWriter, r *http.Request) error {
				codes, err := s.ConfirmTOTP(w, r, secret.Text(phone.code()))
				if len(codes) > 0 != (err == nil) {
					s.t.Errorf("%d codes, %v", len(codes), err)
				}
				return err
			}, s.cookie)
		},
		"RemoveTOTP": func(s *faultySite, _ context.Context) error {
			b := s.signedIn()
			check(s.t, s.quietly(func() error { b.enroll(); return nil }))
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error { return s.RemoveTOTP(r) }, s.cookie)
		},
		"NewRecoveryCodes": func(s *faultySite, _ context.Context) error {
			b := s.signedIn()
			check(s.t, s.quietly(func() error { b.enroll(); return nil }))
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error {
				codes, err := s.NewRecoveryCodes(r)
				if len(codes) > 0 != (err == nil) {
					s.t.Errorf("%d codes, %v", len(codes), err)
				}
				return err
			}, s.cookie)
		},
		"ReauthenticateFactor": func(s *faultySite, _ context.Context) error {
			b := s.signedIn()
			var phone authenticator
			check(s.t, s.quietly(func() error { phone = b.enroll(); return nil }))
			return s.visit(func(_ http.ResponseWriter, r *http.Request) error {
				return s.ReauthenticateFactor(r, accounts.FactorAnswer{Kind: accounts.FactorTOTP, Shown: secret.Text(phone.code())})
			}, s.cookie)
		},
		"SignOut": func(s *faultySite, _ context.Context) error { return s.visit(s.SignOut, s.cookie) },
		"BeginFlow": func(s *faultySite, ctx context.Context) error {
			return s.BeginFlow(httptest.NewRequest("POST", "/", nil).WithContext(ctx), identity.FlowBegins)
		},
	} {
		for _, transactions := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				for at := 1; ; at++ {
					var es events
					s := newFaultySite(t, transactions, &es)
					check(t, s.quietly(func() error { return nil }))
					s.store.failAt = at
					err := do(s, t.Context())
					if s.store.method == "" { // it makes fewer calls
						if check(t, err); at == 1 {
							t.Error("it asks no store")
						}
						return
					}
					if !errors.Is(err, errFault) || !strings.Contains(err.Error(), "accounts: ") {
						t.Errorf("%s fails: %v", s.store.method, err)
					}
					for _, e := range es.list {
						switch e.(type) {
						case accounts.LoginFailed:
						case accounts.RecoveryCodeUsed: // it is used up
						default:
							t.Errorf("%s fails: %s is reported", s.store.method, e.Event())
						}
					}
					for _, c := range (&http.Response{Header: s.header}).Cookies() {
						if name != "SignOut" && c.Value != s.cookie.Value && c.Value != s.known.Value {
							t.Errorf("%s fails: the browser gets %s", s.store.method, c.Name)
						}
					}
					after := s.store.state(t)
					if transactions && !reflect.DeepEqual(after, s.before) {
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
