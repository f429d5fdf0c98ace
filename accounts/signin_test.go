package accounts_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/keyring"
)

// A session says how it began, and the request that begins it knows it at once.
func TestSessionSaysHowItBegan(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	u := s.user(t, "matt@lp.com", "")
	before := s.clock.Now()
	_, _, err := s.visit(func(w http.ResponseWriter, r *http.Request) error {
		return s.LogIn(w, r, "matt@lp.com", password, false)
	})
	check(t, err)
	s.clock.Advance(time.Hour)
	now := s.clock.Now()
	for agent, want := range map[string]string{
		"Browser/1.0 (a b)":       "Browser/1.0 (a b)",
		"Browser\tx":              "Browser",
		"Browser\x7fx":            "Browser",
		"Browser\x00x":            "Browser",
		"Browser\xffx":            "Browser",
		"Bröwser":                 "Bröwser",
		strings.Repeat("é", 200):  strings.Repeat("é", 127),
		strings.Repeat("x", 1000): strings.Repeat("x", 255),
	} {
		_, err := s.EndSessions(t.Context(), identity.SessionFilter{UserID: u.ID})
		check(t, err)
		_, _, err = s.visit(func(w http.ResponseWriter, r *http.Request) error {
			r.Header.Set("User-Agent", agent)
			err := s.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: "google", ConnectionID: "c1", ProviderSession: "sid-1", Remember: true})
			check(t, err)
			ss, err := s.Sessions(r.Context(), u.ID)
			if err != nil || len(ss) != 1 {
				t.Fatalf("%d sessions, %v", len(ss), err)
			}
			if got := accounts.CurrentSession(r.Context()); got == nil || *got != ss[0] {
				t.Errorf("the request has %+v, the store %+v", got, ss[0])
			}
			want := accounts.Session{
				Hash: ss[0].Hash, UserID: u.ID, CreatedAt: now, ExpiresAt: now.Add(30 * 24 * time.Hour), LastSeenAt: now, ProvedAt: now, Remember: true,
				Address: "192.0.2.1", UserAgent: want, Via: "google", ConnectionID: "c1", ProviderSession: "sid-1", RotatedAt: now,
			}
			if want.KeyHash = ss[0].KeyHash; want.KeyHash == "" {
				t.Error("the cookie's key is not kept")
			}
			if ss[0] != want {
				t.Errorf("%+v, want %+v", ss[0], want)
			}
			stored, err := s.User(r.Context(), u.ID)
			if got := accounts.Current(r.Context()); got == nil || !reflect.DeepEqual(*got, stored) {
				t.Errorf("the request has %+v, the store %+v", got, stored)
			}
			return err
		})
		check(t, err)
		if before.IsZero() {
			continue
		}
		tracked := accounts.Tracking{LastAt: before, LastAddress: "192.0.2.1", CurrentAt: now, CurrentAddress: "192.0.2.1", Count: 2}
		if got, err := s.User(t.Context(), u.ID); err != nil || got.Login != tracked {
			t.Errorf("%+v, %v", got.Login, err)
		}
		before = time.Time{}
	}
}

// Of the sessions that begin during one request, and of the one that it came with, the
// last one stays.
func TestSecurity25_OneSessionOfARequest(t *testing.T) {
	t.Parallel()
	var es events
	s := newFaultySite(t, true, &es)
	for _, tt := range []struct {
		name    string
		cookies []*http.Cookie
		logOut  bool
		left    int
	}{
		{"with a session", []*http.Cookie{s.cookie}, false, 1},
		{"without", nil, false, 2}, // that of another browser, too
		{"and a log-out", nil, true, 2},
	} {
		var current string
		check(t, s.visit(func(w http.ResponseWriter, r *http.Request) error {
			for range 3 {
				check(t, s.signIn(w, r))
			}
			session := accounts.CurrentSession(r.Context())
			current = session.ID()
			if tt.logOut {
				check(t, s.SignOut(w, r))
				if accounts.Current(r.Context()) != nil {
					t.Error("still signed in")
				}
			}
			return nil
		}, tt.cookies...))
		ss, err := s.Sessions(t.Context(), s.matt.ID)
		there := slices.ContainsFunc(ss, func(v accounts.Session) bool { return v.ID() == current })
		if err != nil || len(ss) != tt.left || there == tt.logOut {
			t.Errorf("%s: %d sessions, the last one there: %v, %v", tt.name, len(ss), there, err)
		}
	}
}

// An application may log out outside Middleware.
func TestSignOutOutsideMiddleware(t *testing.T) {
	t.Parallel()
	var es events
	s := newFaultySite(t, true, &es)
	r := httptest.NewRequest("POST", "/", nil)
	r.AddCookie(s.cookie)
	w := httptest.NewRecorder()
	check(t, s.SignOut(w, r))
	if ss, err := s.Sessions(t.Context(), s.matt.ID); len(ss) != 0 || err != nil {
		t.Errorf("%d sessions, %v", len(ss), err)
	}
	// Without a cookie there is nothing to end.
	s.store.calls = 0
	check(t, s.SignOut(httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil)))
	check(t, s.SignIn(httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil), identity.SignIn{UserID: s.matt.ID, Via: "google"}))
	if want := 6; s.store.calls != want { // UserByID, Factors, TrackLogin, InsertSession, TrimSessions, InTx
		t.Errorf("%d calls, want %d", s.store.calls, want)
	}
}

func TestEndSessionsOfAFilter(t *testing.T) {
	t.Parallel()
	type filter = identity.SessionFilter
	for _, tt := range []struct {
		name   string
		filter func(matt string) filter
		left   string // "" is an error
	}{
		{"nothing said", func(string) filter { return filter{} }, ""},
		{"a provider alone", func(string) filter { return filter{Via: "google"} }, ""},
		{"a provider's session alone", func(string) filter { return filter{ProviderSession: "s1"} }, ""},
		{"a connection alone", func(string) filter { return filter{ConnectionID: "c1"} }, ""},
		{"a user", func(matt string) filter { return filter{UserID: matt} }, "joe"},
		{"all but the current", func(matt string) filter { return filter{UserID: matt, KeepCurrent: true} }, "current joe"},
		{"a user's of a provider", func(matt string) filter { return filter{UserID: matt, Via: "google"} }, "current github joe"},
		{"a user's of a connection", func(matt string) filter { return filter{UserID: matt, ConnectionID: "c1"} }, "current github google2 joe"},
		{"a provider's session", func(string) filter { return filter{Via: "google", ProviderSession: "s1"} }, "current github google2"},
		{"of another provider", func(string) filter { return filter{Via: "github", ProviderSession: "s1"} }, "current google google2 joe"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var es events
			s := newFaultySite(t, true, &es)
			current, err := s.Sessions(t.Context(), s.matt.ID)
			check(t, err)
			names := map[string]string{current[0].ID(): "current"}
			for _, in := range []struct {
				name string
				identity.SignIn
			}{
				{"google", identity.SignIn{UserID: s.matt.ID, Via: "google", ConnectionID: "c1", ProviderSession: "s1"}},
				{"google2", identity.SignIn{UserID: s.matt.ID, Via: "google", ConnectionID: "c2", ProviderSession: "s2"}},
				{"github", identity.SignIn{UserID: s.matt.ID, Via: "github", ConnectionID: "c3", ProviderSession: "s1"}},
				{"joe", identity.SignIn{UserID: s.joe.ID, Via: "google", ConnectionID: "c4", ProviderSession: "s1"}},
			} {
				check(t, s.visit(func(w http.ResponseWriter, r *http.Request) error {
					err := s.SignIn(w, r, in.SignIn)
					session := accounts.CurrentSession(r.Context())
					names[session.ID()] = in.name
					return err
				}))
			}
			var ended int
			err = s.visit(func(_ http.ResponseWriter, r *http.Request) (err error) {
				ended, err = s.EndSessions(r.Context(), tt.filter(s.matt.ID))
				return err
			}, s.cookie)
			if tt.left == "" {
				if err == nil {
					t.Error("no error")
				}
				tt.left = "current github google google2 joe"
			} else {
				check(t, err)
			}
			left := map[string]bool{}
			for _, u := range []string{s.matt.ID, s.joe.ID} {
				ss, err := s.Sessions(t.Context(), u)
				check(t, err)
				for _, v := range ss {
					left[names[v.ID()]] = true
				}
			}
			if got := strings.Join(slices.Sorted(maps.Keys(left)), " "); got != tt.left || ended != len(names)-len(left) {
				t.Errorf("%s are left, %d ended; want %s", got, ended, tt.left)
			}
		})
	}
}

// Outside of a session there is none to keep.
func TestKeepCurrentWithoutASession(t *testing.T) {
	t.Parallel()
	var es events
	s := newFaultySite(t, true, &es)
	if n, err := s.EndSessions(t.Context(), identity.SessionFilter{UserID: s.matt.ID, KeepCurrent: true}); n != 1 || err != nil {
		t.Errorf("%d ended, %v", n, err)
	}
}

// The oldest sessions beyond the limit end, and that is reported; without transactions too.
func TestSecurity38_EndedSessionsAreReported(t *testing.T) {
	t.Parallel()
	for _, transactions := range []bool{true, false} {
		var es events
		s := newSite(t, "http", es.collect, func(c *accounts.Config) {
			c.Throttle.UserSessions = 2
			if !transactions {
				c.Store = struct{ accounts.Store }{c.Store}
			}
		})
		u := s.user(t, "matt@lp.com", "")
		var want []accounts.Event
		about := accounts.Subject{UserID: u.ID}
		es.list = nil
		for i := range 4 {
			s.clock.Advance(1)
			check(t, s.SignIn(httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil), identity.SignIn{UserID: u.ID, Via: "google"}))
			if i >= 2 {
				want = append(want, accounts.SessionsEnded{Subject: about, Count: 1})
			}
			want = append(want, accounts.LoggedIn{Subject: about, Via: "google", Address: "192.0.2.1", NewBrowser: true})
		}
		es.want(t, "four log-ins", want...)
		if ss, err := s.Sessions(t.Context(), u.ID); len(ss) != 2 || err != nil {
			t.Errorf("%d sessions, %v", len(ss), err)
		}
	}
}

// A brokenAEAD cannot seal.
type brokenAEAD struct{ keyring.AEAD }

func (brokenAEAD) Encrypt(_, _ []byte) ([]byte, error) { return nil, errFault }

// A cookie that tells browsers apart is no condition of a log-in.
func TestLogInWhereTheBrowserIsNotRemembered(t *testing.T) {
	t.Parallel()
	whole, err := keyring.Parse(keyring.NewKey().Reveal())
	check(t, err)
	keys, err := keyring.New(keyring.Key{Name: "broken", AEAD: brokenAEAD{whole.Keys()[0].AEAD}})
	check(t, err)
	s := newSite(t, "http", func(c *accounts.Config) { c.Keys = keys })
	s.user(t, "matt@lp.com", "")
	_, header, err := s.visit(func(w http.ResponseWriter, r *http.Request) error {
		err := s.LogIn(w, r, "matt@lp.com", password, false)
		if accounts.Current(r.Context()) == nil {
			t.Error("nobody is signed in")
		}
		return err
	})
	if err != nil || len(header["Set-Cookie"]) == 0 {
		t.Errorf("%v, %q", err, header["Set-Cookie"])
	}
	if log := s.log.String(); !strings.Contains(log, "the browser is not remembered") || !strings.Contains(log, errFault.Error()) {
		t.Errorf("log %s", log)
	}
}
