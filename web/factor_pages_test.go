package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
)

// enrol sets up an authenticator application for matt and returns its key and the recovery
// codes.
func (g *guest) enrol() (key string, recovery []string) {
	g.t.Helper()
	_, page := g.byPassword().do("POST", "/security/totp")
	key = keyPattern.FindStringSubmatch(page)[1]
	_, page = g.do("POST", "/security/totp/confirm", "code", codeOf(g.t, key, 0))
	for _, code := range recoveryPattern.FindAllStringSubmatch(page, -1) {
		recovery = append(recovery, code[1])
	}
	return key, recovery
}

// A browser is trusted when its user says so, whatever the factor is.
func TestAccounts8_TrustIsAskedFor(t *testing.T) {
	t.Parallel()
	s, keys := openPasskeys(t, nil)
	owner := s.guest()
	_, recovery := owner.enrol()
	owner.do("POST", "/security/passkeys", "credential", owner.create(keys))
	trusted := func() int {
		t.Helper()
		_, answer, _ := owner.json("GET", "/security", "")
		devices, _ := answer["trusted_devices"].([]any)
		return len(devices)
	}
	want := 0
	for i, tc := range []struct {
		passkey bool
		trust   string
	}{{false, ""}, {false, "y"}, {true, ""}, {true, "y"}} {
		g := s.guest().byPassword()
		fields := []string{"recovery_code", recovery[i], "trust", tc.trust}
		if tc.passkey {
			fields = []string{"credential", g.get(keys, "/passkeys/options"), "trust", tc.trust}
		}
		g.do("POST", "/two-factor", fields...)
		if at, _ := g.do("GET", "/profile"); at != "/profile" {
			t.Fatalf("%+v: at %s", tc, at)
		}
		if tc.trust != "" {
			want++
		}
		if n := trusted(); n != want {
			t.Errorf("%+v: %d trusted browsers, want %d", tc, n, want)
		}
	}
}

// The section of second factors has what is set up, and each trusted browser.
func TestSecurityPageOfFactors(t *testing.T) {
	t.Parallel()
	s, keys := openPasskeys(t, nil)
	owner := s.guest()
	_, recovery := owner.enrol()
	_, page := owner.do("GET", "/security")
	has(t, "an authenticator", page, "badge badge-active", "10 codes are left", "!Trusted since")
	g := s.guest().byPassword()
	before := time.Now().Add(-time.Minute)
	g.do("POST", "/two-factor", "recovery_code", recovery[0], "trust", "y")
	_, answer, text := g.json("GET", "/security", "")
	devices, _ := answer["trusted_devices"].([]any)
	if len(devices) != 1 {
		t.Fatal(text)
	}
	d := devices[0].(map[string]any)
	for _, name := range []string{"created_at", "last_seen_at", "expires_at"} {
		if at, err := time.Parse(time.RFC3339, d[name].(string)); err != nil || at.Before(before) {
			t.Errorf("%s is %v", name, d[name])
		}
	}
	if d["device"] == "" || d["address"] != "127.0.0.1" || d["id"] == "" {
		t.Errorf("%v", d)
	}
	row := `action="/sessions/` + d["id"].(string) + `"`
	_, page = g.do("GET", "/security")
	has(t, "in the trusted browser", page, row, "127.0.0.1", "This browser", `<div class="name">`+d["device"].(string), "9 codes are left")
	_, page = owner.do("GET", "/security")
	has(t, "in another browser", page, row, "Trusted since", "!This browser")

	missing := func(want string) {
		t.Helper()
		_, page := owner.do("GET", "/security")
		if got := strings.Join(missingOn(t, page), " "); got != want {
			t.Errorf("leads to %q, want %q\n%s", got, want, page)
		}
	}
	for i := 1; i < 7; i++ {
		s.guest().byPassword().do("POST", "/two-factor", "recovery_code", recovery[i])
	}
	missing("") // three are left
	s.guest().byPassword().do("POST", "/two-factor", "recovery_code", recovery[7])
	missing("#factors")
	_, page = owner.do("GET", "/security")
	has(t, "two are left", page, "so that you can get in without your phone")
	owner.do("POST", "/security/passkeys", "credential", owner.create(keys))
	owner.do("POST", "/security/totp", "_method", "DELETE")
	_, page = owner.do("GET", "/security")
	has(t, "a passkey alone", page, "!badge badge-active", `href="/security/passkeys">`, `href="/security/totp">Set up`)
}

// A user who may not log in any more after the second step of a provider's log-in gets the
// reason, and no session.
func TestAccounts8_RefusedAfterTheSecondStep(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	owner := s.guest()
	_, recovery := owner.enrol()
	s.pretend.Approve("ana")
	owner.do("POST", "/connect/google")
	u, err := s.acc.Find(t.Context(), "matt@lp.com")
	if err != nil {
		t.Fatal(err)
	}
	person, program := s.guest(), s.guest()
	for _, g := range []*guest{person, program} {
		if at, _ := g.do("POST", "/login/google"); !strings.HasPrefix(at, "/two-factor") {
			t.Fatalf("the log-in leads to %s", at)
		}
	}
	if err := s.acc.SetActive(t.Context(), u.ID, false); err != nil {
		t.Fatal(err)
	}
	at, page := person.do("POST", "/two-factor", "recovery_code", recovery[0])
	if at != "/login" {
		t.Errorf("at %s", at)
	}
	wantFlash(t, page, "error", "inactive")
	status, answer, text := program.json("POST", "/two-factor", `{"recovery_code":"`+recovery[1]+`"}`)
	if detail, _ := answer["detail"].(string); status != http.StatusUnauthorized || answer["code"] != "inactive" || detail == "" {
		t.Errorf("%d %s", status, text)
	}
}

// While the deletion of the account waits, the second step leads to the choice, also after
// a log-in that was to lead elsewhere.
func TestAccounts12_DeletionAfterTheSecondStep(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	owner := s.guest()
	_, recovery := owner.enrol()
	owner.do("POST", "/account/delete")
	g := s.guest()
	if at, _ := g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse", "next", "/connections"); at != "/two-factor?next=%2Fconnections" {
		t.Errorf("the log-in leads to %s", at)
	}
	at, page := g.do("POST", "/two-factor", "recovery_code", recovery[0], "next", "/connections")
	says(t, "after the second step", at, page, "/account/delete?next=%2Fconnections", "Keep your account?")
	if _, page := g.do("GET", "/"); !strings.Contains(page, `href="/account/delete"`) {
		t.Errorf("the way on:\n%s", page)
	}
}

// Where no log-in waits for a second factor, its page leads on: one who is signed in to
// where they wanted, others to the set-up that is due, or to the log-in.
func TestAccounts8_NothingWaits(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorRequired })
	setUp := s.guest().byPassword()
	for _, next := range []string{"/connections", "https://evil.example/"} {
		suffix := ""
		if next == "/connections" {
			suffix = "?next=" + url.QueryEscape(next)
		}
		for g, want := range map[*guest]string{setUp: "/security/totp" + suffix, s.guest(): "/login" + suffix} {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				path, form := "/two-factor", url.Values{"next": {next}, "code": {"123456"}}
				if method == http.MethodGet {
					path, form = path+"?next="+url.QueryEscape(next), nil
				}
				if status, h, _ := g.raw(method, path, form); status != http.StatusSeeOther || h.Get("Location") != want {
					t.Errorf("%s with next %s: %d to %q, want %q", method, next, status, h.Get("Location"), want)
				}
			}
		}
	}
}

// Without recovery codes none is asked for.
func TestAccounts8_NoRecoveryCodesAreLeft(t *testing.T) {
	t.Parallel()
	s, keys := openPasskeys(t, func(c *accounts.Config) { c.Throttle.AccountLogins = accounts.Limit{Count: -1} })
	owner := s.guest()
	_, recovery := owner.enrol()
	use := func(codes []string) {
		t.Helper()
		for _, code := range codes {
			if at, _ := s.guest().byPassword().do("POST", "/two-factor", "recovery_code", code); at != "/profile" {
				t.Fatalf("at %s", at)
			}
		}
	}
	use(recovery)
	due := s.guest().byPassword()
	for _, path := range []string{"/two-factor", "/two-factor?lost=1"} {
		_, page := due.do("GET", path)
		has(t, path, page, `name="code"`, "!lost=1", "!recovery_code", "!data-passkey")
	}
	_, page := owner.do("POST", "/security/passkeys", "credential", owner.create(keys))
	recovery = nil // made anew, because none were left
	for _, code := range recoveryPattern.FindAllStringSubmatch(page, -1) {
		recovery = append(recovery, code[1])
	}
	use(recovery)
	owner.do("POST", "/security/totp", "_method", "DELETE")
	_, page = due.do("GET", "/two-factor")
	has(t, "a passkey alone", page, `data-passkey="get"`, "!"+`class="or"`, "!"+`name="code"`)
}

// A form that is sent empty is no attempt, and says which code is missing.
func TestAccounts8_NothingIsShown(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, func(c *accounts.Config) { c.Throttle.AccountCodes = accounts.Limit{Count: 1, Per: time.Hour} })
	owner := s.guest()
	key, recovery := owner.enrol()
	g := s.guest().byPassword()
	for range 3 {
		status, answer, text := g.json("POST", "/two-factor", "{}")
		if fields := wrongFields(answer); status != http.StatusUnauthorized || fields != "code:code_missing" {
			t.Errorf("%d %q %s", status, fields, text)
		}
	}
	_, page := g.do("POST", "/two-factor", "code", "", "recovery_code", "", "signup", "s1", "next", "/connections")
	has(t, "empty", page, "Enter the code", hidden("signup", "s1"), hidden("next", "/connections"))
	if at, _ := g.do("POST", "/two-factor", "code", codeOf(t, key, 1), "recovery_code", recovery[0]); at != "/profile" {
		t.Errorf("with both codes: at %s", at)
	}
	if _, answer, text := owner.json("GET", "/security", ""); answer["recovery_codes"] != 10.0 {
		t.Errorf("a recovery code beside one of the application is used: %s", text)
	}
}

// Each failure of the stores while a code is checked is answered as one.
func TestAccounts8_SecondStepFails(t *testing.T) {
	t.Parallel()
	s := openFailing(t, nil)
	_, recovery := s.guest().enrol()
	g := s.guest().byPassword()
	n := 0
	for failed := "none"; failed != ""; n++ {
		s.out.begin(n + 1)
		status, h, page := g.raw("POST", "/two-factor", url.Values{"recovery_code": {recovery[n]}})
		if failed = s.out.end(); failed == "" {
			if h.Get("Location") != "/profile" {
				t.Errorf("%d to %q", status, h.Get("Location"))
			}
		} else if wantOneAnswer(t, failed, h, page); status != http.StatusInternalServerError {
			t.Errorf("%s fails: %d\n%s", failed, status, page)
		}
	}
	if n < 3 {
		t.Errorf("%d calls have failed", n-1)
	}
}
