package web_test

import (
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
)

// In an old session the user is asked first who they are.
func TestAccounts6_FactorsNeedAFreshSession(t *testing.T) {
	t.Parallel()
	now := time.Now()
	_, visit := visitorsOf(t, func(c *accounts.Config) { c.Now = func() time.Time { return now } })
	v := visit()
	v.do("POST", "/login", matt)
	now = now.Add(16 * time.Minute)
	for path, method := range map[string]string{"/security/totp": "POST", "/security/totp/confirm": "POST", "/security/recovery-codes": "POST", "/security/totp ": "DELETE"} {
		path = strings.TrimSpace(path)
		status, got := v.json(method, path, `{"code": "000000"}`)
		wantAnswer(t, method+" "+path, status, got, 401, `"code":"reauthentication_required"`)
		if w := v.do("POST", path, url.Values{"code": {"000000"}, "_method": {method}}); !strings.HasPrefix(w.Header().Get("Location"), "/verify") {
			t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Location"))
		}
	}
}

// The user learns nothing of a second factor whose secret is pending in an old session.
func TestAccounts6_PendingSecretNeedsAFreshSession(t *testing.T) {
	t.Parallel()
	now := time.Now()
	_, visit := visitorsOf(t, func(c *accounts.Config) { c.Now = func() time.Time { return now } })
	v := visit()
	v.do("POST", "/login", matt)
	v.do("POST", "/security/totp", url.Values{})
	if page := v.do("GET", "/security/totp", nil).Body.String(); !keyPattern.MatchString(page) {
		t.Errorf("%s", page)
	}
	now = now.Add(16 * time.Minute)
	if w := v.do("GET", "/security/totp", nil); w.Code != 200 || keyPattern.MatchString(w.Body.String()) || !strings.Contains(w.Body.String(), ">Set up<") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A code is a proof for what asks for a recent one, and a wrong one is none.
func TestAccounts6_CodeProvesAtVerify(t *testing.T) {
	t.Parallel()
	var later atomic.Int64
	_, visit := visitorsOf(t, func(c *accounts.Config) {
		c.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	})
	v := visit()
	v.do("POST", "/login", matt)
	key, recovery := setUpFactor(t, v, "")
	later.Store(int64(16 * time.Minute))
	status, got := v.json("POST", "/security/totp", `{}`)
	wantAnswer(t, "before", status, got, 401, `"code":"reauthentication_required"`)
	if page := v.do("GET", "/verify?next=/security/totp", nil).Body.String(); !strings.Contains(page, `name="code"`) {
		t.Errorf("%s", page)
	}
	if page := v.do("POST", "/verify", url.Values{"code": {"000000"}, "next": {"/security/totp"}}).Body.String(); !strings.Contains(page, "Invalid code") || !strings.Contains(page, `value="/security/totp"`) {
		t.Errorf("%s", page)
	}
	status, got = v.json("POST", "/verify", `{"code": "000000"}`)
	wantAnswer(t, "a wrong code", status, got, 401, `"code":"bad_code"`)
	if w := v.do("POST", "/verify", url.Values{"code": {codeOf(t, key, 32)}, "next": {"/security/totp"}}); w.Header().Get("Location") != "/security/totp" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	status, got = v.json("POST", "/security/totp", `{}`)
	wantAnswer(t, "after", status, got, 201, `"secret"`)
	later.Store(int64(32 * time.Minute))
	status, got = v.json("POST", "/verify", `{"recovery_code": "`+recovery[0]+`"}`)
	wantAnswer(t, "a recovery code", status, got, 200, `"fresh_until"`)
	status, got = visit().json("POST", "/verify", `{"code": "000000"}`)
	wantAnswer(t, "nobody", status, got, 401, `"code":"not_signed_in"`)
}
