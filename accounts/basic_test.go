package accounts_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/secret"
)

func withBasic(c *accounts.Config) { c.BasicAuth, c.Issuer = true, `My "App"` }

func basicOf(name string, p secret.Text) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+p.Reveal()))
}

// wantChallenge checks an answer to a password that does not sign in.
func wantChallenge(t *testing.T, what string, r answer, code string) {
	t.Helper()
	if r.status != http.StatusUnauthorized || r.header.Get("WWW-Authenticate") != `Basic realm="My \"App\"", charset="UTF-8"` ||
		r.header.Get("Content-Type") != "application/problem+json" || !strings.Contains(r.body, `"code":"`+code+`"`) {
		t.Errorf("%s: %d %v %s, want %s", what, r.status, r.header, r.body, code)
	}
}

// A password in the header signs its user in for the request, and no cookie does then.
func TestAccounts10_Basic(t *testing.T) {
	t.Parallel()
	var es events
	s := newSite(t, "http", withBasic, es.collect)
	u, err := s.Create(t.Context(), accounts.NewUser{Email: "matt@lp.com", Username: "matt", Password: "pass:word é"})
	check(t, err)
	s.user(t, "joe@lp.com", "")
	b := s.browser(t)
	b.logIn("joe@lp.com", password)
	es.list = nil
	const right = secret.Text("pass:word é")
	r := b.askWith(basicOf("matt@lp.com", right))
	wantUser(t, "by the address", r, "matt@lp.com", "")
	if len(r.header.Values("Set-Cookie")) > 0 || strings.Contains(r.body, `"Via":"password"`) {
		t.Errorf("a session: %v %s", r.header, r.body)
	}
	wantUser(t, "by the username, in upper case", b.askWith(strings.Replace(basicOf(" MATT ", right), "Basic", "BASIC ", 1)), "matt@lp.com", "")
	es.want(t, "no log-in is reported")
	if list, err := s.Sessions(t.Context(), u.ID); err != nil || len(list) > 0 {
		t.Errorf("%d sessions, %v", len(list), err)
	}
	for what, header := range map[string][]string{
		"a wrong password":   {basicOf("matt", "wrong")},
		"nobody":             {basicOf("nobody", right)},
		"no name":            {basicOf("", right)},
		"no password":        {basicOf("matt", "")},
		"nothing":            {"Basic"},
		"no colon":           {"Basic " + base64.StdEncoding.EncodeToString([]byte("matt"))},
		"no base 64":         {"Basic !!!!"},
		"of another kind":    {"Basic " + base64.URLEncoding.EncodeToString([]byte("matt:\xff\xff\xff"))},
		"cut":                {basicOf("matt", right)[:12]},
		"100 kB":             {basicOf("matt", secret.Text(strings.Repeat("a", 100_000)))},
		"with a bearer line": {basicOf("matt", right) + ", Bearer x"},
	} {
		wantChallenge(t, what, b.askWith(header...), "bad_credentials")
	}
	wantChallenge(t, "two headers", b.askWith(basicOf("matt", right), basicOf("matt", right)), "bad_credentials")
	wantUser(t, "the cookie alone", b.askWith(), "joe@lp.com", "")

	// It is never fresh, and no API token: browsers send it by themselves.
	r = b.do("POST", "/fresh", nil, "Authorization", basicOf("matt", right))
	if r.status != http.StatusUnauthorized || !strings.Contains(r.body, "reauthentication_required") {
		t.Errorf("RequireFresh: %d %s", r.status, r.body)
	}
	wantUser(t, "RequireScope", b.do("GET", "/scope", nil, "Authorization", basicOf("matt", right)), "matt@lp.com", "")
	status, _, err := s.visit(func(w http.ResponseWriter, r *http.Request) error { return nil })
	if status != http.StatusOK || err != nil {
		t.Error(status, err)
	}
}

// While it is off the header is for somebody else.
func TestAccounts10_BasicOff(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", withTokens)
	s.user(t, "matt@lp.com", "")
	wantUser(t, "alone", s.browser(t).askWith(basicOf("matt@lp.com", password)), "", "")
	b := s.browser(t)
	b.logIn("matt@lp.com", password)
	wantUser(t, "beside a cookie", b.askWith(basicOf("matt@lp.com", "wrong")), "matt@lp.com", "")
}

// A password alone is not enough for those who could not log in by it alone, which is
// said to who knows the password, and to nobody else.
func TestAccounts10_BasicRefusals(t *testing.T) {
	t.Parallel()
	var es events
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	check(t, err)
	s := newMailSite(t, withBasic, es.collect, func(c *accounts.Config) {
		c.Keys, c.ConfirmEmail, c.TwoFactorRoles = keys, true, []string{"admin"}
	})
	check(t, s.CreateRole(t.Context(), accounts.Role{Name: "admin"}))
	off, with := s.verified(t, "off@lp.com"), s.verified(t, "with@lp.com")
	check(t, s.SetActive(t.Context(), off.ID, false))
	check(t, s.Grant(t.Context(), s.verified(t, "admin@lp.com").ID, "admin"))
	s.user(t, "new@lp.com", "")
	if _, err := s.ScheduleDeletion(t.Context(), s.verified(t, "gone@lp.com").ID); err != nil {
		t.Fatal(err)
	}
	s.newVisitor(t).logIn("with@lp.com").enroll()
	b := s.browser(t)
	for email, want := range map[string]struct{ code, detail string }{
		"off@lp.com":   {"inactive", "Account is disabled."},
		"new@lp.com":   {"not_confirmed", "Email requires confirmation: open the link in the e-mail that you got."},
		"with@lp.com":  {"two_factor_required", "A password is not enough for this account: use an API token."},
		"gone@lp.com":  {"deletion_requested", "The account is to be deleted: sign in to keep it."},
		"admin@lp.com": {"two_factor_required", "A password is not enough for this account: use an API token."},
	} {
		es.list = nil
		r := b.askWith(basicOf(email, password))
		wantChallenge(t, email, r, want.code)
		if !strings.Contains(r.body, `"detail":"`+want.detail+`"`) {
			t.Errorf("%s: %s, want %q", email, r.body, want.detail)
		}
		if e, ok := es.list[0].(accounts.LoginFailed); !ok || len(es.list) != 1 || e.UserID == "" || e.Err == nil || e.Via != identity.ViaPassword {
			t.Errorf("%s: %v is reported", email, es.list)
		}
		wantChallenge(t, email+" with a wrong password", b.askWith(basicOf(email, "wrong")), "bad_credentials")
	}
	check(t, s.ResetFactors(t.Context(), with.ID))
	wantUser(t, "without the factor", b.askWith(basicOf("with@lp.com", password)), "with@lp.com", "")
}

// Wrong passwords count as at a log-in, together with those.
func TestAccounts10_BasicIsThrottled(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", withBasic)
	s.user(t, "matt@lp.com", "matt")
	s.user(t, "joe@lp.com", "")
	b := s.browser(t)
	for i := range 10 {
		if i%2 == 0 {
			wantStatus(t, "a log-in", b.logIn("matt@lp.com", "wrong"), 401)
			continue
		}
		wantStatus(t, "a header", b.askWith(basicOf("matt", "wrong")), 401)
	}
	r := b.askWith(basicOf("matt", password))
	if r.status != http.StatusTooManyRequests || r.header.Get("Retry-After") != "900" || !strings.Contains(r.body, `"code":"throttled"`) {
		t.Errorf("%d %v %s", r.status, r.header, r.body)
	}
	wantUser(t, "another user", b.askWith(basicOf("joe@lp.com", password)), "joe@lp.com", "")
	for i := range 90 {
		b.askWith(basicOf(fmt.Sprint("nobody", i), "wrong"))
	}
	wantStatus(t, "the network", b.askWith(basicOf("joe@lp.com", password)), http.StatusTooManyRequests)
	s.clock.Advance(15 * time.Minute)
	wantUser(t, "later", b.askWith(basicOf("matt", password)), "matt@lp.com", "")
}

// A hash of another system is replaced, as at a log-in.
func TestAccounts10_BasicRenewsHashes(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", withBasic)
	in := accounts.ImportedUser{Email: "matt@lp.com", PasswordHash: "pbkdf2_sha256$1000$saltsalt$qQDPSZa3Ormyy9oK1Pu0ZLLwP2Svzmx3yu8OvDdq/J0="}
	if _, err := s.Import(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	b := s.browser(t)
	wantUser(t, "an old hash", b.askWith(basicOf("matt@lp.com", password)), "matt@lp.com", "")
	if u, err := s.Find(t.Context(), "matt@lp.com"); err != nil || !strings.HasPrefix(u.PasswordHash, "$argon2id$") {
		t.Errorf("the hash is %s, %v", u.PasswordHash, err)
	}
	wantUser(t, "the new one", b.askWith(basicOf("matt@lp.com", password)), "matt@lp.com", "")
}

// A password that cannot be compared now is not wrong.
func TestAccounts10_BasicIsBusy(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", withBasic, func(c *accounts.Config) { c.HashMemory, c.HashQueue = 19<<20, -1 })
	r := s.browser(t).askWith(basicOf("matt@lp.com", password))
	if r.status != http.StatusServiceUnavailable || r.header.Get("Retry-After") != "5" || !strings.Contains(r.body, `"code":"busy"`) {
		t.Errorf("%d %v %s", r.status, r.header, r.body)
	}
	store := &faultyStore{Store: memstore.New(), failAt: 1}
	s = newSite(t, "http", withBasic, func(c *accounts.Config) { c.Store = store })
	r = s.browser(t).askWith(basicOf("matt@lp.com", password))
	if r.status != http.StatusServiceUnavailable || !strings.Contains(s.log.String(), errFault.Error()) {
		t.Errorf("%d %v %s", r.status, r.header, r.body)
	}
}
