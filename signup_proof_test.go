package social_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
)

// The address of a sign-up by form is proved if the provider proves that very address,
// in ASCII's upper and lower case alike.
func TestSecurity33_WhatASignUpProves(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		provider string
		verified bool
		form     string
		proved   bool
	}{
		{"New@LP.com", true, "new@lp.com", true},
		{"new@lp.com", true, "NEW@lp.com", true},
		{"new@lp.com", false, "new@lp.com", false},
		{"other@lp.com", true, "new@lp.com", false},
	} {
		var prepared, registered identity.Registration
		s := open(t, auto, func(c *social.Config) {
			c.SignUp = social.Form
			c.Users = preparing{c.Users.(*accounts.Accounts), &prepared, &registered}
		})
		s.acme.set(email(tc.provider, tc.verified))
		b := s.browser()
		b.flow("/login/acme", "1")
		if a := b.post("/register/acme", url.Values{"email": {tc.form}, "password": {"correct horse"}}); a.status != 201 {
			t.Fatalf("%+v: %d %s", tc, a.status, a.body)
		}
		u, err := s.acc.User(t.Context(), b.whoami())
		must(t, err)
		if u.EmailVerifiedAt.IsZero() == tc.proved {
			t.Errorf("%+v: verified at %v", tc, u.EmailVerifiedAt)
		}
		if prepared != registered || prepared.EmailVerified != tc.proved || prepared.Email != tc.form {
			t.Errorf("%+v: prepared %+v, registered %+v", tc, prepared, registered)
		}
	}
}

// preparing users note what they prepare and register, and that the first was done when
// the second is asked for.
type preparing struct {
	*accounts.Accounts
	prepared, registered *identity.Registration
}

type preparedKey struct{}

func (u preparing) PrepareRegister(ctx context.Context, r identity.Registration) (context.Context, error) {
	if r.Email == "refused@lp.com" {
		return nil, refusedField{}
	}
	*u.prepared = r
	ctx, err := u.Accounts.PrepareRegister(ctx, r)
	return context.WithValue(ctx, preparedKey{}, true), err
}

func (u preparing) Register(ctx context.Context, r identity.Registration) (string, error) {
	if ctx.Value(preparedKey{}) == nil {
		return "", errBroken
	}
	*u.registered = r
	return u.Accounts.Register(ctx, r)
}

// An account is made when it is known that no second factor is due, and the log-in
// through the provider waits when one is.
func TestSecurity39_SignUpFormWhenTheFactorFails(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		call  string // of the users: it fails, or "factor"
		store string
	}{
		"it is not known whether it is due": {"RequireFactor", ""},
		"it is due and cannot be kept":      {"factor", "PutOneTime"},
	} {
		s, store := openBroken(t, func(c *social.Config) {
			c.SignUp = social.Form
			c.Users = brokenUsers{c.Users.(*accounts.Accounts), tc.call}
		})
		b := s.browser()
		b.flow("/login/acme", "1")
		store.fail(tc.store)
		if a := b.post("/register/acme", url.Values{"email": {"new@lp.com"}}); a.status != 409 || !strings.Contains(a.body, errBroken.Error()) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		store.fail()
		if all, err := s.acc.Users(t.Context(), "", 10); err != nil || len(all) != 0 || b.whoami() != "" {
			t.Errorf("%s: %d users, %v", name, len(all), err)
		}
	}
}

// What a person enters waits for the factor with them.
func TestSecurity39_SignUpFormWaitsWhole(t *testing.T) {
	t.Parallel()
	var prepared, registered identity.Registration
	s := open(t, func(c *social.Config) {
		c.SignUp = social.Form
		acc := preparing{c.Users.(*accounts.Accounts), &prepared, &registered}
		c.Users = preparingGuarded{acc}
	})
	b := s.browser()
	b.flow("/login/acme", "1")
	w, r := b.direct(t.Context(), "POST", "/")
	done, err := s.CompleteSignUp(w, r, "acme", social.SignUpForm{Email: "new@lp.com", Username: "new", Password: "correct horse"})
	if err != nil || done.UserID != "" || done.Next != "/factor" || registered.Email != "" {
		t.Fatalf("%+v, %v", done, err)
	}
	pair, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	if a := s.browser().do("POST", "/finish/", nil, "Cookie", pair); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if registered.Email != "new@lp.com" || registered.Username != "new" || registered.Password.Reveal() != "correct horse" {
		t.Errorf("%+v", registered)
	}
}

type preparingGuarded struct{ preparing }

func (preparingGuarded) RequireFactor(context.Context, string) (string, error) { return "/factor", nil }

// A program that signs up gets no message for a page.
func TestSignUpMessages(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{"text/html": "success: Account created successfully", "application/json": ""} {
		s := open(t, func(c *social.Config) { c.SignUp = social.Form })
		b := s.browser()
		b.flow("/login/acme", "1")
		b.flash()
		b.post("/register/acme", url.Values{"email": {"new@lp.com"}}, "Accept", accept)
		if got := b.flash(); got != want || b.whoami() == "" {
			t.Errorf("%s: %q, signed in as %q", accept, got, b.whoami())
		}
	}
}
