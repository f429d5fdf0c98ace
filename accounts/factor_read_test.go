package accounts_test

import (
	"context"
	"net/http"
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
