package accounts_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/secret"
)

// Second factors, trust and the counts of attempts are those of the user's tenant.
func TestAccounts8_FactorsOfATenant(t *testing.T) {
	t.Parallel()
	var es events
	s := factorSite(t, es.collect, func(c *accounts.Config) { c.Throttle.AccountCodes.Count = 2 })
	blue := tenant.With(t.Context(), "blue")
	s.tenant = "blue"
	u, err := s.Create(blue, accounts.NewUser{Email: "ann@lp.com", Password: password})
	check(t, err)
	about := accounts.Subject{Tenant: "blue", UserID: u.ID}
	known := s.newVisitor(t).logIn("ann@lp.com").want("ann@lp.com")
	known.setUp()
	_, err = known.confirm("000000")
	wantErr(t, "a guess", err, accounts.ErrFactor)
	phone := known.enroll()
	known.logIn("ann@lp.com").want(accounts.LimitedToFactor)

	// A stranger's guesses do not count for the browser that knows the user.
	stranger := s.newVisitor(t).logIn("ann@lp.com")
	es.list = nil
	for range 2 {
		wantErr(t, "a guess", stranger.finish(accounts.FactorTOTP, "000000"), accounts.ErrFactor)
		es.want(t, "a guess", accounts.FactorFailed{Subject: about, Kind: accounts.FactorTOTP, Address: "192.0.2.1"})
	}
	var full *accounts.ThrottledError
	if err := stranger.finish(accounts.FactorTOTP, phone.code()); !errors.As(err, &full) {
		t.Errorf("the third: %v", err)
	}
	es.throttled(t, "the third", "AccountCodes", 1)
	code := phone.code()
	check(t, known.finish(accounts.FactorTOTP, code[:3]+" "+code[3:], true))
	es.list = nil
	devices, err := s.TrustedDevices(blue, u.ID)
	check(t, err)
	if len(devices) != 1 {
		t.Fatalf("%d devices", len(devices))
	}
	now := s.clock.Now()
	want := accounts.Session{Hash: devices[0].Hash, Tenant: "blue", UserID: u.ID, LimitedTo: accounts.LimitedToTrust, CreatedAt: now,
		ExpiresAt: now.Add(30 * 24 * time.Hour), LastSeenAt: now, ProvedAt: now, Address: "192.0.2.1", UserAgent: strings.Repeat("x", 255)}
	if devices[0] != want {
		t.Errorf("%+v, want %+v", devices[0], want)
	}
	known.logOut().logIn("ann@lp.com").want("ann@lp.com")

	// New codes end the old ones; nothing of it is another tenant's.
	s.clock.Advance(15 * time.Minute)
	other := s.newVisitor(t).logIn("ann@lp.com")
	check(t, other.finish(accounts.FactorRecoveryCode, strings.ToUpper(phone.recovery[0])))
	var codes []string
	check(t, other.do(func(_ http.ResponseWriter, r *http.Request) (err error) {
		codes, err = s.NewRecoveryCodes(r)
		return err
	}))
	again := s.newVisitor(t).logIn("ann@lp.com")
	wantErr(t, "an old code", again.finish(accounts.FactorRecoveryCode, phone.recovery[1]), accounts.ErrFactor)
	check(t, again.finish(accounts.FactorRecoveryCode, codes[1]))
	if kinds, err := s.FactorKinds(blue, u.ID); strings.Join(kinds, " ") != "totp recovery_code" || err != nil {
		t.Errorf("kinds %v, %v", kinds, err)
	}
	for who, id := range map[context.Context]string{t.Context(): u.ID, blue: "missing"} {
		if kinds, err := s.FactorKinds(who, id); len(kinds) != 0 || err != nil {
			t.Errorf("another's kinds are %v, %v", kinds, err)
		}
	}
	check(t, s.ResetFactors(blue, u.ID))
	if has, err := s.HasFactor(blue, u.ID); has || err != nil {
		t.Errorf("has factors after the reset: %v, %v", has, err)
	}
	if devices, err := s.TrustedDevices(blue, u.ID); len(devices) != 0 || err != nil {
		t.Errorf("devices %v, %v", devices, err)
	}
	es.list = nil
	check(t, s.ResetFactors(blue, u.ID))
	es.want(t, "no factor")
	s.newVisitor(t).logIn("ann@lp.com").want("ann@lp.com")
}

// A proof in one of several accounts, or in one tenant, is none in another.
func TestAccounts8_ProofIsOfItsAccounts(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	phone := s.newVisitor(t).logIn("matt").enroll()
	u, _ := s.Find(t.Context(), "matt")
	staff := factorSite(t)
	blue := tenant.With(t.Context(), "blue")
	for store, of := range map[*memstore.Store]string{staff.store: "", s.store: "blue"} {
		check(t, store.InsertUser(blue, accounts.User{ID: u.ID, Tenant: of, Active: true}))
		check(t, store.PutFactor(blue, accounts.StoredFactor{Tenant: of, UserID: u.ID, Kind: accounts.FactorTOTP, ID: "1", ConfirmedAt: s.clock.Now()}))
	}
	check(t, s.newVisitor(t).do(func(_ http.ResponseWriter, r *http.Request) error {
		proved, err := s.ProveFactor(r, u.ID, accounts.FactorAnswer{Kind: accounts.FactorTOTP, Shown: secret.Text(phone.code())})
		if err != nil {
			return err
		}
		ctx := proved.Context()
		for what, tt := range map[string]struct {
			site *site
			ctx  context.Context
			page string
		}{
			"here": {s, ctx, ""}, "other accounts": {staff, ctx, "/two-factor"}, "another tenant": {s, tenant.With(ctx, "blue"), "/two-factor"},
		} {
			if page, err := tt.site.RequireFactor(tt.ctx, u.ID); page != tt.page || err != nil {
				t.Errorf("%s: %q, %v", what, page, err)
			}
		}
		return nil
	}))
	if page, err := s.RequireFactor(t.Context(), u.ID); page != "/two-factor" || err != nil { // outside of Middleware
		t.Errorf("%q, %v", page, err)
	}
}

// A user without a second factor cannot show one, and no attempt is counted.
func TestAccounts8_NoFactorToShow(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	joe, _ := s.Find(t.Context(), "joe@lp.com")
	phone := s.newVisitor(t).logIn("matt").enroll()
	matt, _ := s.Find(t.Context(), "matt")
	_, err := s.store.DeleteFactors(t.Context(), accounts.FactorFilter{UserID: matt.ID, Kind: accounts.FactorRecoveryCode})
	check(t, err)
	b := s.newVisitor(t).logIn("matt")
	if kinds, err := s.FactorKinds(t.Context(), matt.ID); strings.Join(kinds, " ") != "totp" || err != nil {
		t.Errorf("kinds %v, %v", kinds, err)
	}
	if has, err := s.HasFactor(t.Context(), matt.ID); !has || err != nil {
		t.Errorf("has a factor: %v, %v", has, err)
	}
	wantErr(t, "no code is left", b.finish(accounts.FactorRecoveryCode, phone.recovery[0]), accounts.ErrFactor)
	check(t, s.newVisitor(t).do(func(_ http.ResponseWriter, r *http.Request) error {
		for range 20 {
			_, err := s.ProveFactor(r, joe.ID, accounts.FactorAnswer{Kind: accounts.FactorTOTP, Shown: "000000"})
			wantErr(t, "no factor", err, accounts.ErrFactor)
		}
		return nil
	}))
}

// A deactivatingStore deactivates a user before it locks their row.
type deactivatingStore struct {
	accounts.Store
	done bool
}

func (s *deactivatingStore) LockUser(ctx context.Context, tenant, id string, version int64) error {
	if !s.done {
		s.done = true
		u, err := s.Store.UserByID(ctx, tenant, id)
		if err != nil {
			return err
		}
		u.Active = false
		if err := s.Store.UpdateUser(ctx, u); err != nil {
			return err
		}
	}
	return s.Store.LockUser(ctx, tenant, id, version)
}

// The first half of a log-in looks at the row once more, as a whole one does.
func TestSecurity25_DeactivatedDuringHalfALogIn(t *testing.T) {
	t.Parallel()
	store := &deactivatingStore{Store: struct{ accounts.Store }{memstore.New()}, done: true}
	s := factorSite(t, func(c *accounts.Config) { c.Store = store })
	s.newVisitor(t).logIn("matt").enroll()
	u, _ := s.Find(t.Context(), "matt")
	before, err := store.Sessions(t.Context(), "", u.ID, s.clock.Now())
	check(t, err)
	store.done = false
	b := s.newVisitor(t)
	wantErr(t, "the log-in", b.do(func(w http.ResponseWriter, r *http.Request) error {
		return s.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: "google"})
	}), accounts.ErrInactive)
	if after, err := store.Sessions(t.Context(), "", u.ID, s.clock.Now()); len(after) != len(before) || len(b.cookies) != 0 || err != nil {
		t.Errorf("%d sessions, %v, cookies %v", len(after), err, b.cookies)
	}
}

// A factor of another kind is no recovery code, whatever its ID.
func TestAccounts8_RecoveryCodesAreOfTheirKind(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	phone := s.newVisitor(t).logIn("matt").enroll()
	u, _ := s.Find(t.Context(), "matt")
	list, err := s.store.Factors(t.Context(), "", u.ID)
	check(t, err)
	for _, f := range list {
		if f.Kind == accounts.FactorRecoveryCode {
			_, err := s.store.DeleteFactors(t.Context(), accounts.FactorFilter{UserID: u.ID, Kind: f.Kind, ID: f.ID})
			check(t, err)
			f.Kind = "passkey"
			check(t, s.store.PutFactor(t.Context(), f))
		}
	}
	check(t, s.store.PutFactor(t.Context(), accounts.StoredFactor{UserID: u.ID, Kind: accounts.FactorRecoveryCode, ID: "1", ConfirmedAt: s.clock.Now()}))
	b := s.newVisitor(t).logIn("matt")
	wantErr(t, "its code", b.finish(accounts.FactorRecoveryCode, phone.recovery[0]), accounts.ErrFactor)
}

// What pages ask of the configuration.
func TestFactorsForPages(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		set                  func(*accounts.Config)
		uses, requires, half bool
		days                 int
	}{
		"by default":   {func(*accounts.Config) {}, true, false, false, 30},
		"off":          {func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorOff }, false, false, false, 30},
		"for 25 h":     {func(c *accounts.Config) { c.TrustFor = 25 * time.Hour }, true, false, false, 2},
		"for two days": {func(c *accounts.Config) { c.TrustFor = 48 * time.Hour }, true, false, false, 2},
		"required":     {func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorRequired }, true, true, true, 30},
	} {
		s := factorSite(t, tt.set)
		b := s.newVisitor(t)
		check(t, b.do(func(w http.ResponseWriter, r *http.Request) error {
			if s.RequiresFactor(r.Context()) {
				t.Errorf("%s: required of a visitor", name)
			}
			err := s.LogIn(w, r, "matt", password, false)
			if s.UsesFactors() != tt.uses || s.RequiresFactor(r.Context()) != tt.requires || s.TrustDays() != tt.days ||
				(accounts.LimitedSession(r.Context()) != nil) != tt.half {
				t.Errorf("%s: used %v, required %v, %d days", name, s.UsesFactors(), s.RequiresFactor(r.Context()), s.TrustDays())
			}
			return err
		}))
	}
}

// A visitor without an account has no factor, and nothing is read.
func TestRequireFactorOfNobody(t *testing.T) {
	t.Parallel()
	var es events
	s := newFaultySite(t, true, &es)
	s.store.calls, s.store.failAt = 0, 1
	if page, err := s.RequireFactor(t.Context(), ""); page != "" || err != nil {
		t.Errorf("%q, %v", page, err)
	}
}
