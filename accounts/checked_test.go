package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
)

const staleness = 20 * time.Second

// A readStore counts how often a session is read, and calls read after that, if it is set.
type readStore struct {
	*memstore.Store
	reads atomic.Int64
	read  func()
}

func (s *readStore) SessionUser(ctx context.Context, tenant string, hash [32]byte, now time.Time) (accounts.Session, accounts.User, error) {
	s.reads.Add(1)
	session, u, err := s.Store.SessionUser(ctx, tenant, hash, now)
	if s.read != nil {
		s.read()
	}
	return session, u, err
}

// checkedSite is a site whose sessions may be stale, with a user, matt.
func checkedSite(t *testing.T, configure ...func(*accounts.Config)) (*site, *readStore, accounts.User) {
	t.Helper()
	store := &readStore{Store: memstore.New()}
	s := newSite(t, "http", append([]func(*accounts.Config){func(c *accounts.Config) {
		c.Store, c.SessionStaleness = store, staleness
	}}, configure...)...)
	s.store = store.Store
	return s, store, s.user(t, "matt@lp.com", "matt")
}

// session signs the user in, and returns the cookie.
func (s *site) session(t *testing.T, u accounts.User, remember bool) *http.Cookie {
	t.Helper()
	w, r := httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil)
	check(t, s.SignIn(w, r.WithContext(tenant.With(r.Context(), u.Tenant)), identity.SignIn{UserID: u.ID, Via: "google", ProviderSession: "sid-" + u.ID, Remember: remember}))
	for _, c := range w.Result().Cookies() {
		if c.Name == "session" {
			return c
		}
	}
	t.Fatal("no cookie")
	return nil
}

// who returns the user of a request with the cookie, or "".
func (s *site) who(c *http.Cookie) (id string) {
	s.visit(func(_ http.ResponseWriter, r *http.Request) error {
		id = s.CurrentUser(r.Context())
		return nil
	}, c)
	return id
}

// By default each request reads its session. With a staleness it is read again after that.
func TestSessionStaleness_Reads(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		staleness, passes time.Duration
		reads             int64
	}{{0, 0, 4}, {staleness, 0, 1}, {staleness, staleness/3 - 1, 1}, {staleness, staleness / 2, 2}, {staleness, staleness, 4}, {time.Minute, 20*time.Second - 1, 1}} {
		for _, remember := range []bool{false, true} {
			s, store, u := checkedSite(t, func(c *accounts.Config) { c.SessionStaleness = tt.staleness })
			c := s.session(t, u, remember)
			store.reads.Store(0)
			for i := range 4 {
				if i > 0 {
					s.clock.Advance(tt.passes)
				}
				if s.who(c) != u.ID {
					t.Error("signed out")
				}
			}
			if got := store.reads.Load(); got != tt.reads {
				t.Errorf("%v, every %v: %d reads, want %d", tt.staleness, tt.passes, got, tt.reads)
			}
			s.clock.Advance(-time.Hour) // a clock that is put back
			if s.who(c); store.reads.Load() != tt.reads+1 {
				t.Errorf("%v: not read after the clock was put back", tt.staleness)
			}
		}
	}
}

// What ends or changes in this process does so at once.
func TestSessionStaleness_EndsAtOnceHere(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		end   func(t *testing.T, s *site, u accounts.User, c *http.Cookie) error
		stays bool // signed in
	}{
		"log-out": {end: func(_ *testing.T, s *site, _ accounts.User, c *http.Cookie) error {
			_, _, err := s.visit(s.SignOut, c)
			return err
		}},
		"session ended elsewhere": {end: func(t *testing.T, s *site, u accounts.User, _ *http.Cookie) error {
			list, err := s.Sessions(t.Context(), u.ID)
			check(t, err)
			return s.EndSession(t.Context(), u.ID, list[0].ID())
		}},
		"all sessions ended": {end: func(t *testing.T, s *site, u accounts.User, _ *http.Cookie) error {
			_, err := s.EndSessions(t.Context(), identity.SessionFilter{UserID: u.ID})
			return err
		}},
		"logged out at the provider": {end: func(t *testing.T, s *site, u accounts.User, _ *http.Cookie) error {
			n, err := s.EndSessions(t.Context(), identity.SessionFilter{Via: "google", ProviderSession: "sid-" + u.ID})
			if n != 1 {
				t.Errorf("%d ended", n)
			}
			return err
		}},
		"password set": {end: func(t *testing.T, s *site, u accounts.User, _ *http.Cookie) error {
			return s.SetPassword(t.Context(), u.ID, "another horse")
		}},
		"deactivated": {end: func(t *testing.T, s *site, u accounts.User, _ *http.Cookie) error {
			return s.SetActive(t.Context(), u.ID, false)
		}},
		"deleted": {end: func(t *testing.T, s *site, u accounts.User, _ *http.Cookie) error {
			return s.Delete(t.Context(), u.ID)
		}},
		"deletion scheduled": {end: func(t *testing.T, s *site, u accounts.User, _ *http.Cookie) error {
			_, err := s.ScheduleDeletion(t.Context(), u.ID)
			return err
		}},
		"too many sessions": {end: func(t *testing.T, s *site, u accounts.User, _ *http.Cookie) error {
			s.clock.Advance(time.Second)
			s.session(t, u, false)
			s.session(t, u, false)
			return nil
		}},
		"proved": {end: func(t *testing.T, s *site, u accounts.User, c *http.Cookie) error {
			_, _, err := s.visit(func(_ http.ResponseWriter, r *http.Request) error { return s.ProveSession(r.Context(), "google") }, c)
			return err
		}},
		"another user's sessions ended": {stays: true, end: func(t *testing.T, s *site, _ accounts.User, _ *http.Cookie) error {
			_, err := s.EndSessions(t.Context(), identity.SessionFilter{UserID: s.user(t, "joe@lp.com", "").ID})
			return err
		}},
		"ended in a transaction": {end: func(t *testing.T, s *site, u accounts.User, c *http.Cookie) error {
			return s.store.InTx(t.Context(), func(ctx context.Context) error {
				_, err := s.EndSessions(ctx, identity.SessionFilter{UserID: u.ID})
				return err
			})
		}},
		"ended in a transaction that fails": {stays: true, end: func(t *testing.T, s *site, u accounts.User, c *http.Cookie) error {
			err := s.store.InTx(t.Context(), func(ctx context.Context) error {
				_, err := s.EndSessions(ctx, identity.SessionFilter{UserID: u.ID})
				return errors.Join(err, errFault)
			})
			if !errors.Is(err, errFault) {
				t.Error(err)
			}
			return nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, store, u := checkedSite(t, func(c *accounts.Config) { c.Throttle.UserSessions = 2 })
			c := s.session(t, u, false)
			s.who(c)
			store.reads.Store(0)
			if s.who(c) != u.ID || store.reads.Load() != 0 {
				t.Fatal("not kept")
			}
			check(t, tt.end(t, s, u, c))
			if signedIn := s.who(c) != ""; signedIn != tt.stays {
				t.Errorf("signed in: %t", signedIn)
			}
		})
	}
}

// Changes of a user show at once, too.
func TestSessionStaleness_ChangesAtOnceHere(t *testing.T) {
	t.Parallel()
	s, _, u := checkedSite(t)
	ctx := t.Context()
	c := s.session(t, u, false)
	check(t, s.CreateRole(ctx, accounts.Role{Name: "admin"}))
	see := func(f func(u *accounts.User) bool) (is bool) {
		s.visit(func(_ http.ResponseWriter, r *http.Request) error {
			is = f(accounts.Current(r.Context()))
			return nil
		}, c)
		return is
	}
	admin := func(u *accounts.User) bool { return u.HasRole("admin") }
	may := func() (may bool) {
		s.visit(func(_ http.ResponseWriter, r *http.Request) error {
			var err error
			may, err = s.HasPermission(r.Context(), "reports.read")
			return err
		}, c)
		return may
	}
	if see(admin) {
		t.Error("an admin from the beginning")
	}
	if check(t, s.Grant(ctx, u.ID, "admin")); !see(admin) || may() {
		t.Error("no admin, or one who may read reports")
	}
	if check(t, s.GrantPermission(ctx, "admin", "reports.read")); !may() {
		t.Error("the permission is missing")
	}
	if check(t, s.RevokePermission(ctx, "admin", "reports.read")); may() {
		t.Error("the permission is still there")
	}
	if check(t, s.Revoke(ctx, u.ID, "admin")); see(admin) {
		t.Error("still an admin")
	}
	if check(t, s.SetLanguage(ctx, u.ID, "fr")); !see(func(u *accounts.User) bool { return u.Language == "fr" }) {
		t.Error("not in French")
	}
	s.session(t, u, false)
	if !see(func(u *accounts.User) bool { return u.Login.Count == 2 }) {
		t.Error("the log-in does not show")
	}
}

// What another process ends or changes does so here within the staleness.
func TestSessionStaleness_EndsInTimeElsewhere(t *testing.T) {
	t.Parallel()
	s, _, u := checkedSite(t)
	other := s.beside(t)
	for name, end := range map[string]func(c *http.Cookie) error{
		"log-out": func(c *http.Cookie) error { _, _, err := other.visit(other.SignOut, c); return err },
		"banned":  func(*http.Cookie) error { return other.SetActive(t.Context(), u.ID, false) },
	} {
		c := s.session(t, u, false)
		if s.who(c) != u.ID || other.who(c) != u.ID {
			t.Fatal("not signed in")
		}
		check(t, end(c))
		if other.who(c) != "" {
			t.Errorf("%s: goes on where it ended", name)
		}
		s.clock.Advance(staleness)
		if s.who(c) != "" {
			t.Errorf("%s: goes on after the staleness", name)
		}
		check(t, other.SetActive(t.Context(), u.ID, true))
	}
}

// A session that is read while it ends is not kept as it was.
func TestSessionStaleness_EndsWhileItIsRead(t *testing.T) {
	t.Parallel()
	s, store, u := checkedSite(t)
	c := s.session(t, u, false)
	store.read = func() {
		store.read = nil
		_, err := s.EndSessions(t.Context(), identity.SessionFilter{UserID: u.ID})
		check(t, err)
	}
	s.who(c) // may go on: it was read before
	if s.who(c) != "" {
		t.Error("the next request is signed in")
	}
}

// In a transaction a request sees what that has done, and others do not.
func TestSessionStaleness_InATransaction(t *testing.T) {
	t.Parallel()
	s, store, u := checkedSite(t)
	c := s.session(t, u, false)
	visit := func(ctx context.Context) (id string) {
		r := httptest.NewRequest("GET", "/", nil).WithContext(ctx)
		r.AddCookie(c)
		s.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { id = s.CurrentUser(r.Context()) })).ServeHTTP(httptest.NewRecorder(), r)
		return id
	}
	s.who(c)
	err := store.InTx(t.Context(), func(ctx context.Context) error {
		_, err := s.EndSessions(ctx, identity.SessionFilter{UserID: u.ID})
		check(t, err)
		if visit(ctx) != "" {
			t.Error("signed in where it ended")
		}
		return errFault
	})
	if !errors.Is(err, errFault) || s.who(c) != u.ID {
		t.Errorf("%v, and signed out", err)
	}
	// What is read in a transaction is not kept.
	s.clock.Advance(staleness)
	store.InTx(t.Context(), func(ctx context.Context) error { visit(ctx); return nil })
	store.reads.Store(0)
	if s.who(c); store.reads.Load() != 1 {
		t.Error("kept from a transaction")
	}
}

// The idle time-out holds, and the use of a session is written, as without a staleness.
func TestSessionStaleness_Use(t *testing.T) {
	t.Parallel()
	s, store, u := checkedSite(t, func(c *accounts.Config) {
		c.SessionLifetime, c.SessionStaleness, c.SessionMax = 10*time.Minute, time.Minute, 30*time.Minute
	})
	c := s.session(t, u, false)
	seen := func() time.Time {
		list, err := s.Sessions(t.Context(), u.ID)
		check(t, err)
		if len(list) == 0 {
			return time.Time{}
		}
		return list[0].LastSeenAt
	}
	began := s.clock.Now()
	for s.clock.Now().Before(began.Add(25 * time.Minute)) {
		s.clock.Advance(30 * time.Second)
		if s.who(c) != u.ID {
			t.Fatalf("signed out after %v", s.clock.Now().Sub(began))
		}
		if due := s.clock.Now().Sub(began)%(5*time.Minute) == 0; due {
			until(t, func() bool { return seen().Equal(s.clock.Now()) })
		}
	}
	s.clock.Advance(5*time.Minute - time.Second)
	if s.who(c) != u.ID {
		t.Error("signed out before SessionMax")
	}
	if s.clock.Advance(time.Second); s.who(c) != "" {
		t.Error("signed in after SessionMax")
	}

	idle := s.session(t, u, false)
	s.clock.Advance(4 * time.Minute)
	s.who(idle)
	store.reads.Store(0)
	s.clock.Advance(30 * time.Second)
	if s.who(idle) != u.ID || store.reads.Load() != 0 {
		t.Error("read again")
	}
	s.clock.Advance(5*time.Minute + 30*time.Second)
	if s.who(idle) != "" {
		t.Error("signed in after the idle time-out")
	}
}

// The cookie of a remembered session that another process has replaced is not taken for
// stolen, and the old one is good no longer than the staleness and its minute.
func TestSessionStaleness_ReplacedElsewhere(t *testing.T) {
	t.Parallel()
	s, _, u := checkedSite(t)
	other := s.beside(t)
	old := s.session(t, u, true)
	s.clock.Advance(24*time.Hour - time.Second)
	if s.who(old) != u.ID {
		t.Fatal("signed out")
	}
	s.clock.Advance(time.Second)
	_, header, _ := other.visit(func(http.ResponseWriter, *http.Request) error { return nil }, old)
	set := (&http.Response{Header: header}).Cookies()
	if len(set) != 1 {
		t.Fatalf("%v", header)
	}
	if s.who(old) != u.ID || s.who(set[0]) != u.ID || s.who(old) != u.ID {
		t.Error("signed out")
	}
	s.clock.Advance(time.Minute + staleness)
	if s.who(set[0]) != u.ID {
		t.Error("the new cookie is not good")
	}
	if s.who(old) != "" || s.who(set[0]) != "" {
		t.Error("a stolen cookie is not noticed")
	}
}

// A proof that is old is old for a session that was checked lately, too.
func TestSessionStaleness_Fresh(t *testing.T) {
	t.Parallel()
	s, _, u := checkedSite(t, func(c *accounts.Config) { c.FreshFor = time.Minute })
	c := s.session(t, u, false)
	fresh := func(c *http.Cookie) (is bool) {
		s.visit(func(_ http.ResponseWriter, r *http.Request) error { is = s.IsFresh(r.Context()); return nil }, c)
		return is
	}
	s.clock.Advance(time.Minute - time.Second)
	if !fresh(c) {
		t.Error("not fresh")
	}
	if s.clock.Advance(time.Second); fresh(c) {
		t.Error("fresh for longer")
	}
	_, header, err := s.visit(func(_ http.ResponseWriter, r *http.Request) error { return s.ProveSession(r.Context(), "google") }, c)
	set := (&http.Response{Header: header}).Cookies()
	if err != nil || len(set) != 1 || !fresh(set[0]) || fresh(c) || s.who(c) != "" {
		t.Errorf("%v, %v: not fresh, or the old cookie is good", err, set)
	}
}

// A session of one tenant is none of another.
func TestSessionStaleness_Tenants(t *testing.T) {
	t.Parallel()
	s, _, u := checkedSite(t)
	c := s.session(t, u, false)
	for range 2 {
		if s.who(c) != u.ID {
			t.Error("signed out")
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.AddCookie(c)
		s.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if accounts.Current(r.Context()) != nil {
				t.Error("signed in to another tenant")
			}
		})).ServeHTTP(httptest.NewRecorder(), r.WithContext(tenant.With(r.Context(), "other")))
	}
}

// No more than 10,000 sessions are kept, and nothing of those that have ended.
func TestSessionStaleness_IsBounded(t *testing.T) {
	t.Parallel()
	s, store, u := checkedSite(t, func(c *accounts.Config) { c.Throttle.UserSessions = -1 })
	const many = 10_000
	cookies := make([]*http.Cookie, many+100)
	now := s.clock.Now()
	for i := range cookies {
		token, hash := accounts.NewToken32()
		cookies[i] = &http.Cookie{Name: "session", Value: token}
		check(t, store.InsertSession(t.Context(), accounts.Session{Hash: hash, UserID: u.ID, CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(time.Hour)}))
	}
	for i, c := range cookies {
		if s.who(c) != u.ID {
			t.Fatal("signed out")
		}
		if sessions, users := s.Checked(); sessions != min(i+1, many) || users != 1 {
			t.Fatalf("%d sessions of %d users are kept after %d", sessions, users, i+1)
		}
	}
	store.reads.Store(0)
	if s.who(cookies[len(cookies)-1]); store.reads.Load() != 0 {
		t.Error("the last one is not kept")
	}
	check(t, s.SetActive(t.Context(), u.ID, false))
	if sessions, users := s.Checked(); sessions+users != 0 {
		t.Errorf("%d sessions of %d users are kept", sessions, users)
	}
}

// Requests and what ends their sessions, in parallel: none that begins after the end is
// signed in.
func TestSessionStaleness_InParallel(t *testing.T) {
	t.Parallel()
	s, _, _ := checkedSite(t)
	var wg sync.WaitGroup
	for i := range 8 {
		u := s.user(t, fmt.Sprintf("user%d@lp.com", i), "")
		wg.Go(func() {
			for round := range 30 {
				c := s.session(t, u, round%2 == 0)
				var ended atomic.Bool
				var requests sync.WaitGroup
				for range 4 {
					requests.Go(func() {
						for range 20 {
							over := ended.Load()
							if id := s.who(c); over && id != "" {
								t.Error("signed in after the end")
							}
						}
					})
				}
				switch round % 3 {
				case 0:
					s.visit(s.SignOut, c)
				case 1:
					s.EndSessions(t.Context(), identity.SessionFilter{UserID: u.ID})
				default:
					check(t, s.SetActive(t.Context(), u.ID, false))
					check(t, s.SetActive(t.Context(), u.ID, true))
					s.EndSessions(t.Context(), identity.SessionFilter{UserID: u.ID})
				}
				ended.Store(true)
				requests.Wait()
			}
		})
	}
	wg.Wait()
}

func TestSessionStaleness_Config(t *testing.T) {
	t.Parallel()
	type silent struct { // a Transactor that does not say when it ends
		accounts.Store
		accounts.Transactor
	}
	m := memstore.New()
	for name, tt := range map[string]struct {
		store     accounts.Store
		staleness time.Duration
		want      string
	}{
		"none":                 {silent{m, m}, 0, ""},
		"negative":             {m, -1, "-1ns is not between 0 and 1m0s"},
		"the longest":          {m, time.Minute, ""},
		"longer":               {m, time.Minute + 1, "is not between"},
		"silent transactions":  {silent{m, m}, 1, "TxNotifier"},
		"without transactions": {struct{ accounts.Store }{m}, 1, ""},
	} {
		_, err := accounts.New(accounts.Config{Store: tt.store, AppURL: "http://localhost", SessionStaleness: tt.staleness})
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Each method of a store either ends no session that may be kept and changes no user, or
// has them dropped. A new one has to be looked at.
func TestSessionStaleness_KnowsAllMethods(t *testing.T) {
	t.Parallel()
	drops := strings.Fields(`DeleteSession DeleteSessions ProlongSession RotateSession TrimSessions
		UpdateUser DeleteUser TrackLogin GrantRole RevokeRole`)
	others := strings.Fields(`InsertUser UserByID UserByEmail UserByUsername Users Tenants UsersToDelete LockUser
		InsertSession SessionUser Sessions LockSession
		InsertRole GrantPermission RevokePermission Roles
		PutFactor Factors UseFactor RenameFactor ResealFactor DeleteFactors
		InsertTicket PutTicket Ticket Tickets TakeTicket DeleteTickets
		InsertToken TokenUser Tokens UseToken DeleteTokens Attempt ForgetAttempts`)
	known := map[string]bool{}
	for _, name := range append(drops, others...) {
		known[name] = true
	}
	for m := range reflect.TypeFor[accounts.Store]().Methods() {
		if !known[m.Name] {
			t.Errorf("%s is new", m.Name)
		}
	}
}

// A session that was checked lately with its key is not good with another.
func TestSessionStaleness_AnotherKey(t *testing.T) {
	t.Parallel()
	s, store, u := checkedSite(t)
	c := s.session(t, u, true)
	s.who(c)
	store.reads.Store(0)
	if s.who(c) != u.ID || store.reads.Load() != 0 {
		t.Fatal("not kept")
	}
	copied := *c
	copied.Value = c.Value[:len(c.Value)-22] + strings.Repeat("A", 22)
	if s.who(&copied) != "" {
		t.Error("signed in with another key")
	}
	if s.who(c) != "" {
		t.Error("the session goes on, of which two have the cookie")
	}
}
