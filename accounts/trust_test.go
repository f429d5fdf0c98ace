package accounts_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
)

// trusting returns a browser in which matt has logged in and trusts it, and another one of
// his.
func trusting(t *testing.T, s *site) (b, other *visitor, phone authenticator) {
	t.Helper()
	other = s.newVisitor(t).logIn("matt@lp.com")
	phone = other.enroll()
	b = s.newVisitor(t).logIn("matt")
	check(t, b.finish(accounts.FactorTOTP, phone.code(), true))
	s.clock.Advance(time.Minute)
	return b.want("matt@lp.com"), other, phone
}

func (v *visitor) logOut() *visitor {
	v.t.Helper()
	check(v.t, v.do(v.SignOut))
	return v.want("")
}

// In a browser that a user trusts no factor is asked for, for 30 days, after no kind of
// log-in, and of no other user.
func TestAccounts8_TrustedDevice(t *testing.T) {
	t.Parallel()
	var es events
	s := factorSite(t, es.collect)
	other := s.newVisitor(t).logIn("matt@lp.com")
	phone := other.enroll()
	u, _ := s.Find(t.Context(), "matt")
	about := accounts.Subject{UserID: u.ID}
	b := s.newVisitor(t).logIn("matt")
	es.list = nil
	check(t, b.finish(accounts.FactorTOTP, phone.code(), true))
	es.want(t, "trust", accounts.DeviceTrusted{Subject: about, Address: "192.0.2.1"},
		accounts.LoggedIn{Subject: about, Via: identity.ViaPassword, Address: "192.0.2.1", NewBrowser: true})
	s.clock.Advance(time.Minute)
	b.logOut().logIn("matt").want("matt@lp.com")
	check(t, b.logOut().do(func(w http.ResponseWriter, r *http.Request) error {
		if page, err := s.RequireFactor(r.Context(), u.ID); page != "" || err != nil {
			t.Errorf("%q, %v", page, err)
		}
		return s.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: "google"})
	}))
	b.want("matt@lp.com")
	s.newVisitor(t).logIn("matt").want(accounts.LimitedToFactor)

	// Another user of the browser is asked, and trusts it beside the first.
	joes := s.newVisitor(t).logIn("joe@lp.com").enroll()
	b.logOut().logIn("joe@lp.com").want(accounts.LimitedToFactor)
	check(t, b.finish(accounts.FactorTOTP, joes.code(), true))
	b.logOut().logIn("joe@lp.com").want("joe@lp.com")
	b.logOut().logIn("matt").want("matt@lp.com")

	devices, err := s.TrustedDevices(t.Context(), u.ID)
	check(t, err)
	if len(devices) != 1 || devices[0].LastSeenAt != s.clock.Now() || devices[0].ExpiresAt != devices[0].CreatedAt.Add(30*24*time.Hour) {
		t.Errorf("%+v", devices)
	}
	ss, err := s.Sessions(t.Context(), u.ID)
	check(t, err)
	n := 0
	for _, v := range ss {
		if v.DeviceID == devices[0].ID() {
			n++
		}
	}
	if n != 1 || len(ss) != 2 {
		t.Errorf("%d of %d sessions are of the device", n, len(ss))
	}
	s.clock.Advance(30*24*time.Hour - 3*time.Minute)
	b.logIn("matt").want("matt@lp.com")
	s.clock.Advance(time.Minute)
	b.logOut().logIn("matt").want(accounts.LimitedToFactor)
}

// The cookie is not the session's, and signs no user in.
func TestAccounts8_TrustSignsNobodyIn(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	b, _, _ := trusting(t, s)
	c := b.cookies["social_trusted"]
	if c == nil || c.MaxAge != 30*24*3600 || !c.HttpOnly {
		t.Fatalf("%v", c)
	}
	(&visitor{s, t, map[string]*http.Cookie{"session": {Name: "session", Value: c.Value}}}).want("")
	for _, value := range []string{"", ".", "x", c.Value[1:], b.cookies["session"].Value, strings.Repeat(zeroToken+".", 4) + c.Value} {
		other := &visitor{s, t, map[string]*http.Cookie{"social_trusted": {Name: "social_trusted", Value: value}}}
		other.logIn("matt").want(accounts.LimitedToFactor)
	}
	// Trust is given by a log-in in which the factor was shown, and asked for.
	s.clock.Advance(time.Minute)
	plain := s.newVisitor(t).logIn("matt")
	if _, has := plain.cookies["social_trusted"]; has {
		t.Error("the browser is trusted without having been asked")
	}
}

// Whatever ends the sessions of a user ends that their browsers are trusted.
func TestAccounts8_TrustEnds(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		end  func(s *site, b, other *visitor, u accounts.User) error
		want string
	}{
		"another password": {func(s *site, _, _ *visitor, u accounts.User) error { return s.SetPassword(t.Context(), u.ID, password) }, accounts.LimitedToFactor},
		"its session, from elsewhere": {func(s *site, _, other *visitor, u accounts.User) error {
			ss, err := s.Sessions(t.Context(), u.ID)
			check(t, err)
			return s.EndSession(t.Context(), u.ID, ss[0].ID())
		}, accounts.LimitedToFactor},
		"another session": {func(s *site, _, other *visitor, u accounts.User) error {
			ss, err := s.Sessions(t.Context(), u.ID)
			check(t, err)
			return s.EndSession(t.Context(), u.ID, ss[1].ID())
		}, "matt@lp.com"},
		"the device": {func(s *site, b, _ *visitor, u accounts.User) error {
			b.logOut()
			devices, err := s.TrustedDevices(t.Context(), u.ID)
			check(t, err)
			return s.EndSession(t.Context(), u.ID, devices[0].ID())
		}, accounts.LimitedToFactor},
		"all others, from elsewhere": {func(s *site, _, other *visitor, u accounts.User) error {
			return other.do(func(_ http.ResponseWriter, r *http.Request) error {
				_, err := s.EndSessions(r.Context(), identity.SessionFilter{UserID: u.ID, KeepCurrent: true})
				return err
			})
		}, accounts.LimitedToFactor},
		"all others, from here": {func(s *site, b, _ *visitor, u accounts.User) error {
			return b.do(func(_ http.ResponseWriter, r *http.Request) error {
				_, err := s.EndSessions(r.Context(), identity.SessionFilter{UserID: u.ID, KeepCurrent: true})
				return err
			})
		}, "matt@lp.com"},
		"its own change of the password": {func(s *site, b, _ *visitor, u accounts.User) error {
			return b.do(func(_ http.ResponseWriter, r *http.Request) error { return s.ChangePassword(r, password, password) })
		}, "matt@lp.com"},
		"a change of the password elsewhere": {func(s *site, _, other *visitor, u accounts.User) error {
			return other.do(func(_ http.ResponseWriter, r *http.Request) error { return s.ChangePassword(r, password, password) })
		}, accounts.LimitedToFactor},
		"another factor": {func(s *site, _, other *visitor, _ accounts.User) error { other.enroll(); return nil }, accounts.LimitedToFactor},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := factorSite(t)
			b, other, _ := trusting(t, s)
			u, _ := s.Find(t.Context(), "matt")
			check(t, tt.end(s, b, other, u))
			b.do(b.SignOut)
			b.logIn("matt").want(tt.want)
		})
	}
}

// A limited session, and another user's, is none to end.
func TestEndSessionEndsOnlyOnesOwn(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	trusting(t, s)
	u, _ := s.Find(t.Context(), "matt")
	joe, _ := s.Find(t.Context(), "joe@lp.com")
	devices, _ := s.TrustedDevices(t.Context(), u.ID)
	wantErr(t, "another user's device", s.EndSession(t.Context(), joe.ID, devices[0].ID()), accounts.ErrNoSession)
	s.newVisitor(t).logIn("matt").do(func(_ http.ResponseWriter, r *http.Request) error {
		wantErr(t, "a limited one", s.EndSession(t.Context(), u.ID, accounts.LimitedSession(r.Context()).ID()), accounts.ErrNoSession)
		return nil
	})
}

// As many trusted devices as sessions are left to a user, the latest, and they are no
// sessions that have ended.
func TestTrustedDevicesAreLimited(t *testing.T) {
	t.Parallel()
	var es events
	s := factorSite(t, es.collect, func(c *accounts.Config) { c.Throttle.UserSessions = 1 })
	phone := s.newVisitor(t).logIn("matt").enroll()
	u, _ := s.Find(t.Context(), "matt")
	about := accounts.Subject{UserID: u.ID}
	var last *visitor
	for i := range 3 {
		last = s.newVisitor(t).logIn("matt")
		es.list = nil
		check(t, last.finish(accounts.FactorTOTP, phone.code(), true))
		es.want(t, "trust", accounts.SessionsEnded{Subject: about, Count: 1}, accounts.DeviceTrusted{Subject: about, Address: "192.0.2.1"},
			accounts.LoggedIn{Subject: about, Via: identity.ViaPassword, Address: "192.0.2.1", NewBrowser: true})
		if devices, err := s.TrustedDevices(t.Context(), u.ID); len(devices) != 1 || err != nil {
			t.Errorf("%d: %d devices, %v", i, len(devices), err)
		}
		s.clock.Advance(time.Minute)
	}
	last.logIn("matt").want("matt@lp.com")
}

// What another site of the domain wrote into the cookie does not prevent trusting the
// browser, and is dropped.
func TestAccounts8_TrustBesideForeignCookies(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	phone := s.newVisitor(t).logIn("matt").enroll()
	b := s.newVisitor(t)
	b.cookies["social_trusted"] = &http.Cookie{Name: "social_trusted", Value: strings.Repeat("x", 5000)}
	b.logIn("matt")
	check(t, b.finish(accounts.FactorTOTP, phone.code(), true))
	if c := b.cookies["social_trusted"]; len(c.Value) != 43 {
		t.Errorf("the cookie is %.100s", c.Value)
	}
	b.logOut().logIn("matt").want("matt@lp.com")
}

// Ending a session ends the trust in its browser, in every tenant.
func TestEndSessionOfATenant(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	blue := tenant.With(t.Context(), "blue")
	u, err := s.Create(blue, accounts.NewUser{Email: "matt@lp.com"})
	check(t, err)
	device := accounts.Session{Hash: [32]byte{1}, Tenant: "blue", UserID: u.ID, LimitedTo: accounts.LimitedToTrust, ExpiresAt: s.clock.Now().Add(time.Hour)}
	session := accounts.Session{Hash: [32]byte{2}, Tenant: "blue", UserID: u.ID, DeviceID: device.ID(), ExpiresAt: device.ExpiresAt}
	check(t, s.store.InsertSession(blue, device))
	check(t, s.store.InsertSession(blue, session))
	check(t, s.EndSession(blue, u.ID, session.ID()))
	if left, err := s.store.Sessions(blue, "blue", u.ID, s.clock.Now()); len(left) != 0 || err != nil {
		t.Errorf("left are %+v, %v", left, err)
	}
}

// Over https the cookie is that of the host alone, and of one browser's users the latest
// four are kept; two cookies of the name are none.
func TestAccounts8_TrustCookie(t *testing.T) {
	t.Parallel()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	check(t, err)
	s := newSite(t, "https", func(c *accounts.Config) { c.Keys = keys })
	s.user(t, "matt@lp.com", "matt")
	phone := s.newVisitor(t).logIn("matt").enroll()
	b := s.newVisitor(t)
	old := strings.Join([]string{strings.Repeat("A", 42) + "A", strings.Repeat("B", 42) + "A", strings.Repeat("C", 42) + "A", strings.Repeat("D", 42) + "A"}, ".")
	b.cookies["__Host-social_trusted"] = &http.Cookie{Name: "__Host-social_trusted", Value: old}
	b.logIn("matt")
	check(t, b.finish(accounts.FactorTOTP, phone.code(), true))
	c := b.cookies["__Host-social_trusted"]
	if !c.Secure || !strings.HasSuffix(c.Value, "."+old[:3*44-1]) || len(c.Value) != 4*44-1 {
		t.Errorf("the cookie is %v", c)
	}
	b.logOut().logIn("matt").want("matt@lp.com")
	b.logOut().cookies["twice"] = c
	b.logIn("matt").want(accounts.LimitedToFactor)
}
