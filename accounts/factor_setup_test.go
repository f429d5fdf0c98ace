package accounts_test

import (
	"encoding/base32"
	"errors"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/mailtest"
)

// Setting up counts when it is confirmed, by a fresh session, within an hour, once.
func TestAccounts8_SetUpIsConfirmed(t *testing.T) {
	t.Parallel()
	var es events
	s := factorSite(t, es.collect, func(c *accounts.Config) { c.FreshFor = 3 * time.Hour })
	u, _ := s.Find(t.Context(), "matt")
	about := accounts.Subject{UserID: u.ID}
	b := s.newVisitor(t).logIn("matt@lp.com")
	es.list = nil
	_, err := b.confirm("123456")
	wantErr(t, "nothing is set up", err, accounts.ErrNoFactor)
	first := b.setUp()
	setup := b.setUp()
	if first.Secret == setup.Secret {
		t.Error("the secret is the same again")
	}
	var pending accounts.TOTPSetup
	check(t, b.do(func(_ http.ResponseWriter, r *http.Request) (err error) { pending, err = s.PendingTOTP(r); return err }))
	if pending != setup {
		t.Errorf("%v waits", pending)
	}
	key := func(s accounts.TOTPSetup) []byte {
		b, _ := base32.StdEncoding.DecodeString(s.Secret.Reveal())
		return b
	}
	_, err = b.confirm(authenticator{site: s, key: key(first)}.code())
	wantErr(t, "the secret before", err, accounts.ErrFactor)
	s.newVisitor(t).logIn("matt").want("matt@lp.com") // it does not count yet
	if has, err := s.HasFactor(t.Context(), u.ID); has || err != nil {
		t.Errorf("a factor counts: %v", err)
	}
	es.list = nil
	phone := authenticator{site: s, key: key(setup)}
	code := phone.code()
	_, err = b.confirm(code[:3] + " " + code[3:])
	check(t, err)
	es.want(t, "a factor", accounts.FactorAdded{Subject: about, Kind: accounts.FactorTOTP})
	b.want("matt@lp.com")
	if kinds, err := s.FactorKinds(t.Context(), u.ID); err != nil || !reflect.DeepEqual(kinds, []string{"totp", "recovery_code"}) {
		t.Errorf("%v, %v", kinds, err)
	}
	_, err = b.confirm(code)
	wantErr(t, "again", err, accounts.ErrNoFactor)
	wantErr(t, "the code that confirmed", s.newVisitor(t).logIn("matt").finish(accounts.FactorTOTP, code), accounts.ErrFactor)
	es.list = nil
	s.newVisitor(t).logIn("matt")
	es.want(t, "a log-in", accounts.FactorDue{Subject: about, Via: identity.ViaPassword, Address: "192.0.2.1"})

	// Another one takes its place when it is confirmed, not before.
	late := b.setUp()
	s.clock.Advance(time.Minute)
	check(t, s.newVisitor(t).logIn("matt").finish(accounts.FactorTOTP, phone.code()))
	s.clock.Advance(59 * time.Minute)
	_, err = b.confirm(authenticator{site: s, key: key(late)}.code())
	wantErr(t, "after an hour", err, accounts.ErrNoFactor)
	other := b.enroll()
	wantErr(t, "the one before", s.newVisitor(t).logIn("matt").finish(accounts.FactorTOTP, phone.code()), accounts.ErrFactor)
	check(t, s.newVisitor(t).logIn("matt").finish(accounts.FactorTOTP, other.code()))

	s.clock.Advance(3 * time.Hour)
	_, err = b.confirm("123456")
	wantErr(t, "an old session confirms", err, accounts.ErrNotFresh)
	err = b.do(func(_ http.ResponseWriter, r *http.Request) error { _, err := s.SetUpTOTP(r); return err })
	wantErr(t, "an old session sets up", err, accounts.ErrNotFresh)
	err = b.do(func(_ http.ResponseWriter, r *http.Request) error { _, err := s.PendingTOTP(r); return err })
	wantErr(t, "an old session reads", err, accounts.ErrNotFresh)
	err = b.do(func(_ http.ResponseWriter, r *http.Request) error { return s.RemoveTOTP(r) })
	wantErr(t, "an old session removes", err, accounts.ErrNotFresh)
	err = s.newVisitor(t).do(func(_ http.ResponseWriter, r *http.Request) error { _, err := s.SetUpTOTP(r); return err })
	wantErr(t, "nobody sets up", err, accounts.ErrNotSignedIn)
	err = s.newVisitor(t).logIn("matt").do(func(_ http.ResponseWriter, r *http.Request) error { _, err := s.SetUpTOTP(r); return err })
	wantErr(t, "a limited session sets up", err, accounts.ErrNotSignedIn)
}

// Who has another session knows the secret that they began with: the owner is not shown it,
// also after a new password has ended that session, and cannot confirm it by mistake.
func TestAccounts8_SetUpIsOfOneSession(t *testing.T) {
	t.Parallel()
	for _, require := range []accounts.TwoFactor{accounts.TwoFactorOptional, accounts.TwoFactorRequired} {
		s := factorSite(t, func(c *accounts.Config) { c.TwoFactor = require })
		u, _ := s.Find(t.Context(), "matt")
		thief := s.newVisitor(t).logIn("matt")
		theirs := authenticator{site: s, key: keyOf(t, thief.setUp())}
		check(t, s.SetPassword(t.Context(), u.ID, password))
		owner := s.newVisitor(t).logIn("matt")
		err := owner.do(func(_ http.ResponseWriter, r *http.Request) error { _, err := s.PendingTOTP(r); return err })
		wantErr(t, "the owner's page", err, accounts.ErrNoFactor)
		_, err = owner.confirm(theirs.code())
		wantErr(t, "the owner confirms", err, accounts.ErrNoFactor)
		phone := authenticator{site: s, key: keyOf(t, owner.setUp())}
		_, err = owner.confirm(phone.code())
		check(t, err)
		if list, err := s.Factors(t.Context(), u.ID); err != nil || len(list) == 0 || list[len(list)-1].Name != "" {
			t.Errorf("%+v, %v", list, err)
		}
	}
}

func TestAccounts8_Removal(t *testing.T) {
	t.Parallel()
	var es events
	s := factorSite(t, es.collect)
	b := s.newVisitor(t).logIn("matt@lp.com")
	u, _ := s.Find(t.Context(), "matt")
	phone := b.enroll()
	remove := func(v *visitor) error {
		return v.do(func(_ http.ResponseWriter, r *http.Request) error { return s.RemoveTOTP(r) })
	}
	wantErr(t, "a limited session", remove(s.newVisitor(t).logIn("matt")), accounts.ErrNotSignedIn)
	trusting := s.newVisitor(t).logIn("matt")
	check(t, trusting.finish(accounts.FactorTOTP, phone.code(), true))
	es.list = nil
	check(t, remove(b))
	es.want(t, "removal", accounts.FactorRemoved{Subject: accounts.Subject{UserID: u.ID}, Kind: accounts.FactorTOTP})
	wantErr(t, "again", remove(b), accounts.ErrNoFactor)
	if list, err := s.store.Factors(t.Context(), "", u.ID); len(list) != 0 || err != nil {
		t.Errorf("%v are left, %v", list, err)
	}
	if list, err := s.TrustedDevices(t.Context(), u.ID); len(list) != 0 || err != nil {
		t.Errorf("%v are trusted, %v", list, err)
	}
	s.newVisitor(t).logIn("matt").want("matt@lp.com")

	b.enroll()
	es.list = nil
	check(t, s.ResetFactors(t.Context(), u.ID))
	es.want(t, "reset", accounts.FactorRemoved{Subject: accounts.Subject{UserID: u.ID}, Reset: true})
	check(t, s.ResetFactors(t.Context(), u.ID))
	es.want(t, "reset again")
	wantErr(t, "nobody's", s.ResetFactors(t.Context(), "nobody"), accounts.ErrNoUser)
	s.newVisitor(t).logIn("matt").want("matt@lp.com")
}

// Who has to have a second factor and has none gets a session to set one up, which
// becomes a whole one.
func TestAccounts8_RequiredFactor(t *testing.T) {
	t.Parallel()
	for name, configure := range map[string]func(*accounts.Config){
		"for everybody": func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorRequired },
		"by a role":     func(c *accounts.Config) { c.TwoFactorRoles = []string{"staff", "admin"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var es events
			s := factorSite(t, configure, es.collect)
			u, _ := s.Find(t.Context(), "matt")
			check(t, s.CreateRole(t.Context(), accounts.Role{Name: "admin"}))
			check(t, s.Grant(t.Context(), u.ID, "admin"))
			if joe := s.newVisitor(t).logIn("joe@lp.com").state(); (joe == "joe@lp.com") != (name == "by a role") {
				t.Errorf("joe is %s", joe)
			}
			es.list = nil
			b := s.newVisitor(t).logIn("matt").want(accounts.LimitedToSetup)
			es.want(t, "log-in", accounts.FactorDue{Subject: accounts.Subject{UserID: u.ID}, Via: identity.ViaPassword, Address: "192.0.2.1", SetUp: true})
			wantErr(t, "no factor to show", b.finish(accounts.FactorTOTP, "000000"), accounts.ErrNotSignedIn)
			if page, err := s.RequireFactor(t.Context(), u.ID); page != "" || err != nil {
				t.Errorf("%q, %v", page, err)
			}
			before := b.cookies["session"].Value
			phone := b.enroll()
			if b.want("matt@lp.com"); b.cookies["session"].Value == before {
				t.Error("the token is the same")
			}
			if list, err := s.TrustedDevices(t.Context(), u.ID); len(list) != 0 || len(b.cookies) != 2 || err != nil {
				t.Errorf("the browser is trusted without being asked: %v, %v, cookies %v", list, err, b.cookies)
			}
			b = s.newVisitor(t).logIn("matt").want(accounts.LimitedToFactor)
			check(t, b.finish(accounts.FactorTOTP, phone.code()))
			wantErr(t, "removal", b.do(func(_ http.ResponseWriter, r *http.Request) error { return s.RemoveTOTP(r) }), accounts.ErrFactorRequired)
			b.enroll() // another phone
			check(t, s.ResetFactors(t.Context(), u.ID))
			s.newVisitor(t).logIn("matt").want(accounts.LimitedToSetup)
		})
	}
}

// A limited session for setting up removes nothing.
func TestAccounts8_SetupSessionRemovesNothing(t *testing.T) {
	t.Parallel()
	s := factorSite(t, func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorRequired })
	b := s.newVisitor(t).logIn("matt").want(accounts.LimitedToSetup)
	wantErr(t, "before there is one", b.do(func(_ http.ResponseWriter, r *http.Request) error { return s.RemoveTOTP(r) }), accounts.ErrNotSignedIn)
	late := s.newVisitor(t).logIn("matt").want(accounts.LimitedToSetup)
	b.enroll()
	wantErr(t, "removal", late.do(func(_ http.ResponseWriter, r *http.Request) error { return s.RemoveTOTP(r) }), accounts.ErrNotSignedIn)
}

// A session that began before the user had a factor is limited to setting one up. It does
// not put another factor in the place of the one that was set up since.
func TestAccounts8_SetupSessionReplacesNothing(t *testing.T) {
	t.Parallel()
	s := factorSite(t, func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorRequired })
	owner := s.newVisitor(t).logIn("matt").want(accounts.LimitedToSetup)
	thief := s.newVisitor(t).logIn("matt").want(accounts.LimitedToSetup)
	theirs := authenticator{site: s, key: keyOf(t, thief.setUp())}
	phone := authenticator{site: s, key: keyOf(t, owner.setUp())}
	_, err := thief.confirm(theirs.code())
	wantErr(t, "a secret that another session replaced", err, accounts.ErrNoFactor)
	_, err = owner.confirm(phone.code())
	check(t, err)
	begin := func(_ http.ResponseWriter, r *http.Request) error { _, err := s.SetUpTOTP(r); return err }
	wantErr(t, "setting up", thief.do(begin), accounts.ErrNotSignedIn)
	if _, err = thief.confirm(theirs.code()); !errors.Is(err, accounts.ErrNoFactor) && !errors.Is(err, accounts.ErrNotSignedIn) {
		t.Errorf("confirming: %v", err)
	}
	thief.want(accounts.LimitedToSetup)
	s.clock.Advance(time.Minute)
	check(t, s.newVisitor(t).logIn("matt").want(accounts.LimitedToFactor).finish(accounts.FactorTOTP, phone.code()))

	// What was being set up before does not count afterwards either.
	u, _ := s.Find(t.Context(), "matt")
	check(t, s.ResetFactors(t.Context(), u.ID))
	late := s.newVisitor(t).logIn("matt").want(accounts.LimitedToSetup)
	pending := authenticator{site: s, key: keyOf(t, late.setUp())}
	list, err := s.store.Factors(t.Context(), "", u.ID)
	check(t, err)
	f := list[0]
	f.ID, f.ConfirmedAt = "1", s.clock.Now()
	check(t, s.store.PutFactor(t.Context(), f))
	_, err = late.confirm(pending.code())
	wantErr(t, "confirming beside a factor", err, accounts.ErrNotSignedIn)
}

// The user gets a mail about each change of their second factors.
func TestAccounts8_FactorsAreToldByMail(t *testing.T) {
	t.Parallel()
	box, read := new(mailtest.Box), 0
	s := factorSite(t, func(c *accounts.Config) { c.Mail = box })
	u, _ := s.Find(t.Context(), "matt")
	b := s.newVisitor(t).logIn("matt")
	from := "192.0.2.1"
	want := func(kinds ...string) {
		t.Helper()
		var got []string
		letters := box.Letters()
		for _, l := range letters[read:] {
			got = append(got, l.Kind)
			if l.To != "matt@lp.com" || l.Args[mail.ArgFactor] == "" || l.Args[mail.ArgAddress] != from || l.Link != s.url+"/security" {
				t.Errorf("%+v", l)
			}
		}
		if !reflect.DeepEqual(got, kinds) {
			t.Errorf("%q, want %q", got, kinds)
		}
		read = len(letters)
	}
	read = len(box.Letters())
	b.setUp()
	want()
	b.enroll()
	want(mail.KindFactorAdded)
	check(t, b.do(func(_ http.ResponseWriter, r *http.Request) error { _, err := s.NewRecoveryCodes(r); return err }))
	want(mail.KindRecoveryCodes)
	check(t, b.do(func(_ http.ResponseWriter, r *http.Request) error { return s.RemoveTOTP(r) }))
	want(mail.KindFactorRemoved)
	b.enroll()
	read, from = len(box.Letters()), "" // not in a request
	check(t, s.ResetFactors(t.Context(), u.ID))
	want(mail.KindFactorRemoved)
	check(t, s.ResetFactors(t.Context(), u.ID))
	want()
}
