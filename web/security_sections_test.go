package web_test

import (
	"net/http"
	"strings"
	"testing"
)

// The page has each of its sections, and what begins there comes back.
func TestSecurityPageHasItsSections(t *testing.T) {
	t.Parallel()
	g := openLive(t).guest()
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	_, page := g.do("GET", "/security")
	for _, part := range []string{
		"<title>Sign-in and security · Social", "Log out", `href="/change-password"`, `href="/security/totp"`, "You have no API token.", `href="/security/tokens"`,
		"You are signed in in this browser alone.", `href="/sessions"`, `href="/account/export"`, `name="next" value="/security"`,
	} {
		if !strings.Contains(page, part) {
			t.Errorf("no %q in\n%s", part, page)
		}
	}
}

// For programs it has every member, and no null.
func TestSecurityPageAsJSON(t *testing.T) {
	t.Parallel()
	g := openLive(t).guest()
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	const want = `{"password":true,"passkeys":0,"two_factor":[],"recovery_codes":0,"sessions":1,"tokens":0,"trusted_devices":[],"providers":[]}`
	if status, _, body := g.asJSON("GET", "/security"); status != http.StatusOK || strings.TrimSpace(body) != want {
		t.Errorf("%d %s", status, body)
	}
}
