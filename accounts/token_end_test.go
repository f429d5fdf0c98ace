package accounts_test

import (
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
)

// What may have been an intruder's ends; a user's own change of password leaves the tokens
// that they can see in a list. Another process sees it with its next request.
func TestAccounts10_WhatEndsTokens(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		what string
		ends bool
		do   func(t *testing.T, s *mailSite, b *browser, u accounts.User) error
	}{
		{"SetActive", true, func(t *testing.T, s *mailSite, _ *browser, u accounts.User) error {
			if err := s.SetActive(t.Context(), u.ID, false); err != nil {
				return err
			}
			return s.SetActive(t.Context(), u.ID, true) // what has ended does not begin again
		}},
		{"Delete", true, func(t *testing.T, s *mailSite, _ *browser, u accounts.User) error { return s.Delete(t.Context(), u.ID) }},
		{"ScheduleDeletion", true, func(t *testing.T, s *mailSite, _ *browser, u accounts.User) error {
			if _, err := s.ScheduleDeletion(t.Context(), u.ID); err != nil {
				return err
			}
			return s.CancelDeletion(t.Context(), u.ID)
		}},
		{"SetPassword", true, func(t *testing.T, s *mailSite, _ *browser, u accounts.User) error {
			return s.SetPassword(t.Context(), u.ID, "another password")
		}},
		{"ResetPassword", true, func(t *testing.T, s *mailSite, b *browser, u accounts.User) error {
			b.askReset(u.Email)
			wantStatus(t, "a reset", b.do("POST", s.path(t, "reset", u.Email), form("password", "another password")), 200)
			return nil
		}},
		{"VerifyAndTakeOver", true, func(t *testing.T, s *mailSite, _ *browser, u accounts.User) error {
			if err := s.SetVerifiedKeepingAccess(t.Context(), u.ID, false); err != nil {
				return err
			}
			return s.VerifyAndTakeOver(t.Context(), u.ID)
		}},
		{"UndoEmailChange", true, func(t *testing.T, s *mailSite, b *browser, u accounts.User) error {
			b.askEmail("new@lp.com")
			wantStatus(t, "a change", b.do("POST", s.path(t, "change_email", "new@lp.com"), nil), 200)
			wantStatus(t, "an undoing", b.do("POST", s.path(t, "email_changed", u.Email), nil), 200)
			return nil
		}},
		{"EndToken", true, func(t *testing.T, s *mailSite, _ *browser, u accounts.User) error {
			list, err := s.Tokens(t.Context(), u.ID)
			check(t, err)
			return s.EndToken(t.Context(), u.ID, list[0].ID)
		}},
		{"EndTokens", true, func(t *testing.T, s *mailSite, _ *browser, u accounts.User) error {
			n, err := s.EndTokens(t.Context(), u.ID)
			if n != 1 {
				t.Errorf("%d tokens end", n)
			}
			return err
		}},
		{"ChangePassword", false, func(t *testing.T, _ *mailSite, b *browser, _ accounts.User) error {
			wantStatus(t, "a change", b.do("POST", "/password", form("password", password.Reveal(), "new", "another password")), 200)
			return nil
		}},
		{"ChangeUsername", false, func(t *testing.T, _ *mailSite, b *browser, _ accounts.User) error {
			wantStatus(t, "a change", b.do("POST", "/change-username", form("username", "other")), 200)
			return nil
		}},
		{"ChangeEmail", false, func(t *testing.T, s *mailSite, b *browser, u accounts.User) error {
			b.askEmail("new@lp.com")
			wantStatus(t, "a change", b.do("POST", s.path(t, "change_email", "new@lp.com"), nil), 200)
			return nil
		}},
		{"EndSessions", false, func(t *testing.T, s *mailSite, _ *browser, u accounts.User) error {
			_, err := s.EndSessions(t.Context(), identity.SessionFilter{UserID: u.ID})
			return err
		}},
		{"SetActive, which it is", false, func(t *testing.T, s *mailSite, _ *browser, u accounts.User) error {
			return s.SetActive(t.Context(), u.ID, true)
		}},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			s := newMailSite(t, withTokens)
			other := newSite(t, "http", withTokens, func(c *accounts.Config) { c.Store, c.Now = s.calls, s.clock.Now })
			b, u := s.signedIn(t, "matt@lp.com")
			bearer, _ := s.tokenFor(t, u)
			_, joe := s.signedIn(t, "joe@lp.com")
			joes, _ := s.tokenFor(t, joe)
			there := other.browser(t)
			wantStatus(t, "before", there.askWith(bearer), 200)
			check(t, tt.do(t, s, b, u))
			if r := there.askWith(bearer); tt.ends {
				wantRefused(t, "after", r)
			} else if r.status != 200 || !strings.Contains(r.body, "deploy") {
				t.Errorf("after: %d %s", r.status, r.body)
			}
			wantUser(t, "another user's", there.askWith(joes), "joe@lp.com", "deploy")
		})
	}
}

// What ends a user's tokens ends no one's of another tenant.
func TestAccounts10_TokensEndInTheirTenant(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", withTokens)
	ids := map[string]string{}
	for _, of := range []string{"", "blue"} {
		u := accounts.User{Tenant: of, ID: "7", Email: "ann@lp.com", Active: true}
		check(t, s.store.InsertUser(t.Context(), u))
		_, token := s.tokenFor(t, u)
		ids[of] = token.ID
	}
	blue := tenant.With(t.Context(), "blue")
	wantErr(t, "another tenant's", s.EndToken(blue, "7", ids[""]), accounts.ErrNoToken)
	if n, err := s.EndTokens(blue, "7"); n != 1 || err != nil {
		t.Errorf("%d ended, %v", n, err)
	}
	s.tokenFor(t, accounts.User{Tenant: "blue", ID: "7"})
	check(t, s.SetPassword(blue, "7", another))
	for of, want := range map[string]int{"": 1, "blue": 0} {
		if list, err := s.Tokens(tenant.With(t.Context(), of), "7"); len(list) != want || err != nil {
			t.Errorf("%q: %d tokens, %v", of, len(list), err)
		}
	}
}
