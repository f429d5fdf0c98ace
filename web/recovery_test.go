package web_test

import (
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
)

// Texts about recovery codes speak of what the user has: an app on a phone, passkeys, or
// both.
func TestRecoveryTextsByFactor(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		has            string
		app, passkey   bool
		keep, few      string
		lost, lostPage string // what the step after the password says, and where a code is asked for
	}{
		{"app", true, false, "without your phone: print them", "get in without your phone.", "You do not have your phone?", "/two-factor?lost=1"},
		{"passkey", false, true, "when you have lost your passkeys", "get in without your passkeys.", "", "/two-factor"},
		{"both", true, true, "when you have lost the app and your passkeys", "get in without the app and your passkeys.", "You have neither the app nor a passkey at hand?", "/two-factor?lost=1"},
	} {
		t.Run(tc.has, func(t *testing.T) {
			t.Parallel()
			s, keys := openPasskeys(t, nil)
			g := s.guest().byPassword()
			if tc.app {
				_, page := g.do("POST", "/security/totp")
				g.do("POST", "/security/totp/confirm", "code", codeOf(t, keyPattern.FindStringSubmatch(page)[1], 0))
			}
			if tc.passkey {
				g.do("POST", "/security/passkeys", "credential", g.create(keys))
			}
			_, page := g.do("POST", "/security/recovery-codes")
			says(t, "new codes", "", page, "", tc.keep)
			if !tc.app && strings.Contains(page, "phone") {
				t.Errorf("new codes speak of a phone:\n%s", page)
			}
			codes := recoveryPattern.FindAllStringSubmatch(page, -1)
			if len(codes) != 10 {
				t.Fatalf("%d codes:\n%s", len(codes), page)
			}
			for _, code := range codes[:8] {
				g := s.guest().byPassword()
				_, page := g.do("GET", "/two-factor")
				says(t, "the second step", "", page, "", tc.lost)
				_, page = g.do("GET", tc.lostPage)
				says(t, "a code", "", page, "", "One of the ten codes that you have kept")
				if at, page := g.do("POST", "/two-factor", "recovery_code", code[1]); at != "/profile" {
					t.Fatalf("%s:\n%s", at, page)
				}
			}
			_, page = g.do("GET", "/security")
			says(t, "few codes", "", page, "", tc.few)
		})
	}
}

// The advice to have a second way to sign in counts passkeys.
func TestAdviceCountsPasskeys(t *testing.T) {
	t.Parallel()
	s, keys := openPasskeys(t, func(c *accounts.Config) { c.NoRecovery = true })
	g := s.guest().byPassword()
	if _, page := g.do("GET", "/security"); !strings.Contains(page, `href="#ways"`) {
		t.Errorf("with a password alone:\n%s", page)
	}
	g.do("POST", "/security/passkeys", "credential", g.create(keys))
	if _, page := g.do("GET", "/security"); strings.Contains(page, `href="#ways"`) {
		t.Errorf("with a password and a passkey:\n%s", page)
	}
}
