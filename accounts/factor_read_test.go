package accounts_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
)

// What RequireFactor has read of one user, in one tenant and by one Accounts, lets no other
// user in without the second factor in the same request.
func TestAccounts8_WhatIsReadIsOneUsers(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	phoneless, err := s.Find(t.Context(), "joe@lp.com")
	check(t, err)
	matt, err := s.Find(t.Context(), "matt")
	check(t, err)
	s.newVisitor(t).logIn("matt").enroll()
	blue := accounts.User{Tenant: "blue", ID: matt.ID, Email: "matt@lp.com", Active: true}
	check(t, s.store.InsertUser(t.Context(), blue))
	other := factorSite(t)
	check(t, other.store.InsertUser(t.Context(), accounts.User{ID: matt.ID, Email: "ann@lp.com", Active: true}))
	for what, read := range map[string]func(ctx context.Context) (string, error){
		"another user":   func(ctx context.Context) (string, error) { return s.RequireFactor(ctx, phoneless.ID) },
		"another tenant": func(ctx context.Context) (string, error) { return s.RequireFactor(tenant.With(ctx, "blue"), matt.ID) },
		"other accounts": func(ctx context.Context) (string, error) { return other.RequireFactor(ctx, matt.ID) },
	} {
		b := s.newVisitor(t)
		check(t, b.do(func(w http.ResponseWriter, r *http.Request) error {
			if page, err := read(r.Context()); page != "" || err != nil {
				t.Errorf("%s: %q, %v", what, page, err)
			}
			return s.SignIn(w, r, identity.SignIn{UserID: matt.ID, Via: "google"})
		}))
		if got := b.state(); got != accounts.LimitedToFactor {
			t.Errorf("after %s the browser is %q", what, got)
		}
	}
}

// What RequireFactor has read of the user who signs in is not read again, and holds: who has
// no factor gets a whole session, and who trusts the browser one of that device.
func TestAccounts8_WhatIsReadIsUsedOnce(t *testing.T) {
	t.Parallel()
	for _, has := range []bool{false, true} {
		var es events
		s := newFaultySite(t, true, &es)
		b := s.newVisitor(t)
		if has {
			phone := s.newVisitor(t).logIn("matt").enroll()
			check(t, b.logIn("matt").finish(accounts.FactorTOTP, phone.code(), true))
		}
		check(t, b.do(func(w http.ResponseWriter, r *http.Request) error {
			page, err := s.RequireFactor(r.Context(), s.matt.ID)
			if page != "" {
				t.Errorf("has a factor %t: %q", has, page)
			}
			check(t, err)
			s.store.methods = nil
			return s.SignIn(w, r, identity.SignIn{UserID: s.matt.ID, Via: "google"})
		}))
		if slices.Contains(s.store.methods, "Factors") {
			t.Errorf("has a factor %t: it is read again", has)
		}
		if got := b.want("matt@lp.com").session(); got.DeviceID != "" != has {
			t.Errorf("has a factor %t: the device is %q", has, got.DeviceID)
		}
	}
}
