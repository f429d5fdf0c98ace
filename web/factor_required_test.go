package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
)

// A user who has to have a second factor sets one up after the log-in, and goes on from there.
func TestAccounts8_PagesOfARequiredFactor(t *testing.T) {
	t.Parallel()
	_, visit := visitorsOf(t, func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorRequired })
	v := visit()
	w := v.do("POST", "/login", url.Values{"email": matt["email"], "password": matt["password"], "next": {"/sessions"}})
	at := w.Header().Get("Location")
	if at != "/security/totp?next=%2Fsessions" {
		t.Fatalf("%d %s", w.Code, at)
	}
	if page := v.do("GET", at, nil).Body.String(); !strings.Contains(page, "has to have a second factor") || !strings.Contains(page, `value="/sessions"`) || !strings.Contains(page, `href="/security/totp"`) {
		t.Errorf("%s", page)
	}
	if w := v.do("GET", "/profile", nil); w.Header().Get("Location") != "/security/totp?next=%2Fprofile" {
		t.Errorf("%s", w.Header().Get("Location"))
	}
	if w := v.do("GET", "/two-factor?next=/sessions", nil); w.Header().Get("Location") != "/security/totp?next=%2Fsessions" {
		t.Errorf("%s", w.Header().Get("Location"))
	}
	for _, path := range []string{"/security/recovery-codes", "/security/totp"} {
		form := url.Values{}
		if path == "/security/totp" {
			form.Set("_method", "DELETE")
		}
		if w := v.do("POST", path, form); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/security/totp") {
			t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Location"))
		}
	}
	w = v.do("POST", "/security/totp", url.Values{"next": {"/sessions"}})
	page := v.do("GET", w.Header().Get("Location"), nil).Body.String()
	key := keyPattern.FindStringSubmatch(page)[1]
	if page := v.do("POST", "/security/totp/confirm", url.Values{"code": {"000000"}, "next": {"/sessions"}}).Body.String(); !strings.Contains(page, "Invalid code") || !strings.Contains(page, key) {
		t.Errorf("%s", page)
	}
	page = v.do("POST", "/security/totp/confirm", url.Values{"code": {codeOf(t, key, 0)}, "next": {"/sessions"}}).Body.String()
	if !strings.Contains(page, `href="/sessions"`) || len(recoveryPattern.FindAllString(page, -1)) != 10 || !strings.Contains(page, "Log out") {
		t.Errorf("%s", page)
	}
	if w := v.do("GET", "/sessions", nil); w.Code != 200 {
		t.Errorf("%d", w.Code)
	}
	if w := v.do("POST", "/security/totp", url.Values{"_method": {"DELETE"}}); w.Header().Get("Location") != "/security" {
		t.Errorf("%d %s", w.Code, w.Header().Get("Location"))
	}
	if page := v.do("GET", "/security", nil).Body.String(); !strings.Contains(page, "has to have a second factor") {
		t.Errorf("%s", page)
	}
	status, got := v.json("DELETE", "/security/totp", "")
	wantAnswer(t, "removal", status, got, 403, `"code":"two_factor_required"`)

	v = visit()
	status, got = v.json("POST", "/register", `{"email": "kim@lp.com", "password": "correct horse"}`)
	wantAnswer(t, "registration", status, got, 201, `{"two_factor_setup":true}`)
	v = visit()
	status, got = v.json("POST", "/login", `{"email": "kim@lp.com", "password": "correct horse"}`)
	wantAnswer(t, "log-in", status, got, 200, `{"two_factor_setup":true}`)
	status, got = v.json("GET", "/session", "")
	wantAnswer(t, "session", status, got, 401, `"code":"not_signed_in"`)
	_, setup := v.json("POST", "/security/totp", `{}`)
	status, got = v.json("POST", "/security/totp/confirm", `{"code": "`+codeOf(t, setup["secret"].(string), 0)+`"}`)
	wantAnswer(t, "confirmation", status, got, 200, `"recovery_codes":[`)
	status, got = v.json("GET", "/session", "")
	wantAnswer(t, "session", status, got, 200, `"two_factor":true`)
}

// Off is 404, and no page mentions it.
func TestAccounts8_PagesAreOff(t *testing.T) {
	t.Parallel()
	_, visit := visitorsOf(t, func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorOff })
	v := visit()
	v.do("POST", "/login", matt)
	for path, method := range map[string]string{"/two-factor": "GET", "/security/totp": "GET", "/security/totp/confirm": "POST", "/security/recovery-codes": "POST"} {
		if status, got := v.json(method, path, `{}`); status != http.StatusNotFound || got["code"] != "turned_off" {
			t.Errorf("%s: %d %v", path, status, got)
		}
	}
	if page := v.do("GET", "/security", nil).Body.String(); strings.Contains(page, "totp") || strings.Contains(page, "Authenticator") || !strings.Contains(page, "Ways to sign in") {
		t.Errorf("%s", page)
	}
}
