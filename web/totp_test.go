package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/web"
)

// The pages that set an authenticator application up, step by step.
func TestTOTPPages(t *testing.T) {
	t.Parallel()
	s, keys := openPasskeys(t, nil, web.Options{QR: func(text string) (string, error) { return `<svg data-text="` + text + `"></svg>`, nil }})
	g := s.guest().byPassword()
	const page, orPasskey = "/security/totp", `href="/security/passkeys?signup=s1&amp;next=%2Fconnections"`
	query := "?signup=s1&next=%2Fconnections"
	is := func(active bool) {
		t.Helper()
		if status, answer, text := g.json("GET", page, ""); status != 200 || len(answer) != 1 || answer["totp"] != active {
			t.Errorf("as JSON: %d %s", status, text)
		}
	}
	is(false)
	_, text := g.do("GET", page+query)
	has(t, "before", text, "Set up", "matt@lp.com", hidden("signup", "s1"), hidden("next", "/connections"), orPasskey, `href="/security"`,
		"!value=\"DELETE\"", "!<svg data-text", "!confirm", "!has to have a second factor")

	_, text = g.do("GET", page+"?next=https://evil.example")
	has(t, "of another site", text, "!evil.example")

	status, h, _ := g.raw("POST", page, url.Values{"signup": {"s1"}, "next": {"/connections"}})
	if to := h.Get("Location"); status != http.StatusSeeOther || to != page+query {
		t.Errorf("the set-up leads to %q", to)
	}
	if _, h, _ := g.raw("POST", page, url.Values{"next": {"https://evil.example"}}); h.Get("Location") != page {
		t.Errorf("the set-up leads to %q", h.Get("Location"))
	}
	_, text = g.do("GET", page+query)
	key := keyPattern.FindStringSubmatch(text)[1]
	shown := regexp.MustCompile(`<code class="key">([^<]*)</code>`).FindStringSubmatch(text)[1]
	if !regexp.MustCompile(`^([A-Z2-7]{4} )*[A-Z2-7]{1,4}$`).MatchString(shown) {
		t.Errorf("the key is %q", shown)
	}
	uri := strings.ReplaceAll(shown, " ", "")
	has(t, "the set-up", text, hidden("signup", "s1"), hidden("next", "/connections"), `<svg data-text="otpauth://totp/`, `href="otpauth://totp/`, "secret="+uri, `action="/security/totp/confirm"`, "!aria-invalid")
	for _, tc := range []struct{ code, says, json string }{{"", "Enter the code.", "code_missing"}, {"000000", "Invalid code", "bad_code"}} {
		_, wrong := g.do("POST", page+"/confirm", "code", tc.code, "signup", "s1", "next", "/connections")
		has(t, "a wrong code", wrong, tc.says, `aria-invalid="true"`, hidden("signup", "s1"), hidden("next", "/connections"), key)
	}
	_, text = g.do("POST", page+"/confirm", "code", codeOf(t, key, 0), "next", "/connections")
	has(t, "confirmed", text, `flash-success" data-code="factor_added"`, "without your phone", `<a class="button primary wide" href="/connections">`, "matt@lp.com", `class="narrow"`)
	is(true)
	_, text = g.do("GET", page+query)
	has(t, "after", text, "you are asked for a code of your", `value="DELETE"`, "!"+orPasskey, "!has to have a second factor")

	_, text = g.do("POST", "/security/recovery-codes")
	has(t, "new codes", text, `<a class="button primary wide" href="/security">`)
	if status, answer, text := g.json("POST", "/security/recovery-codes", ""); status != 201 || len(answer["recovery_codes"].([]any)) != 10 || len(answer) != 1 {
		t.Errorf("new codes as JSON: %d %s", status, text)
	}
	g.do("POST", "/security/passkeys", "credential", g.create(keys))
	at, text := g.do("POST", page, "_method", "DELETE")
	says(t, "removed", at, text, "/security", `flash-success" data-code="factor_removed"`)
	is(false)
	at, text = g.do("POST", page, "_method", "DELETE")
	says(t, "removed before", at, text, page, `flash-error" data-code="no_factor"`)
	at, text = g.do("POST", page+"/confirm", "code", "000000")
	says(t, "nothing is set up", at, text, page, `flash-error" data-code="no_factor"`)
	if status, answer, text := g.json("DELETE", page, ""); status != 404 || answer["code"] != "no_factor" {
		t.Errorf("removed before, as JSON: %d %s", status, text)
	}
	_, text = g.do("POST", page)
	_, text = g.do("POST", page+"/confirm", "code", codeOf(t, keyPattern.FindStringSubmatch(text)[1], 0), "next", "https://evil.example")
	has(t, "confirmed with another site", text, `<a class="button primary wide" href="/security">`, "the app and your passkeys")
	if status, _, text := g.json("DELETE", page, ""); status != 204 || text != "" {
		t.Errorf("removed as JSON: %d %s", status, text)
	}
	if _, text := g.do("GET", "/profile"); strings.Contains(text, "is removed") {
		t.Errorf("what a program has removed is said to people:\n%s", text)
	}
}

// The only second factor of users who have to have one stays.
func TestTOTPIsRequired(t *testing.T) {
	t.Parallel()
	_, visit := visitorsOf(t, func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorRequired })
	v := visit()
	for path, method := range map[string]string{"/security/totp": "POST", "/security/totp/confirm": "POST", "/security/totp?next=/x": "GET"} {
		w := v.do(method, path, url.Values{"code": {"000000"}})
		if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "/login?next=%2Fsecurity%2Ftotp" {
			t.Errorf("a visitor's %s %s: %d to %q", method, path, w.Code, to)
		}
	}
	v.do("POST", "/login", matt)
	page := v.do("GET", "/security/totp", nil).Body.String()
	has(t, "before", page, "has to have a second factor", "!href=\"/security/passkeys", "!href=\"/security\">")
	setUpFactor(t, v, "")
	has(t, "after", v.do("GET", "/security/totp", nil).Body.String(), "you are asked for a code of your", `!value="DELETE"`)
	w := v.do("POST", "/security/totp", url.Values{"_method": {"DELETE"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/security" {
		t.Errorf("%d to %s", w.Code, w.Header().Get("Location"))
	}
	has(t, "the page", v.do("GET", "/security", nil).Body.String(), `flash-error" data-code="two_factor_required"`)
}

// A log-in that waits for the set-up goes on to the account that waits to be connected, and a
// set-up of a user who is signed in does not.
func TestTOTPSetUpGoesOnToTheSignUp(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorRequired })
	s.pretend.Approve("ana")
	g := s.guest()
	_, page := g.do("POST", "/login/google")
	id := signUpLink.FindStringSubmatch(page)[1]
	at, _ := g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse", "signup", id, "next", "/profile")
	if at != "/security/totp?signup="+id+"&next=%2Fprofile" {
		t.Errorf("the log-in leads to %s", at)
	}
	_, page = g.do("POST", "/security/totp", "signup", id, "next", "/profile")
	_, page = g.do("POST", "/security/totp/confirm", "code", codeOf(t, keyPattern.FindStringSubmatch(page)[1], 0), "signup", id, "next", "/profile")
	has(t, "the codes", page, `<a class="button primary wide" href="/connections/pending">`)
	_, page = g.do("POST", "/security/totp", "signup", id, "next", "/profile")
	_, page = g.do("POST", "/security/totp/confirm", "code", codeOf(t, keyPattern.FindStringSubmatch(page)[1], 0), "signup", id, "next", "/profile")
	has(t, "the codes of another one", page, `<a class="button primary wide" href="/profile">`)
}
