package web_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/passkeytest"
	"github.com/gosocial/social/web"
)

// openPasskeys is openLiveWith, with passkeys, and an authenticator for its pages.
func openPasskeys(t *testing.T, configure func(*accounts.Config), options ...web.Options) (*liveSite, *passkeytest.Authenticator) {
	t.Helper()
	s := openLiveWith(t, func(c *accounts.Config) {
		c.Passkeys = passkeytest.RelyingParty{ID: "localhost", Origin: c.AppURL}
		if configure != nil {
			configure(c)
		}
	}, options...)
	return s, &passkeytest.Authenticator{Origin: s.url}
}

// json sends a JSON body and returns the answer.
func (g *guest) json(method, path, body string) (status int, answer map[string]any, text string) {
	g.t.Helper()
	r, err := http.NewRequestWithContext(g.t.Context(), method, g.url+path, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	resp, err := g.Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	json.Unmarshal(b, &answer)
	return resp.StatusCode, answer, string(b)
}

// options returns the options at an address, as the script of the pages asks for them.
func (g *guest) options(path string) []byte {
	g.t.Helper()
	status, header, body := g.raw("POST", path, nil)
	if status != 200 || !strings.HasPrefix(header.Get("Content-Type"), "application/json") {
		g.t.Fatalf("%s: %d %s", path, status, body)
	}
	return []byte(body)
}

func (g *guest) get(keys *passkeytest.Authenticator, path string) string {
	g.t.Helper()
	answer, err := keys.Get(g.options(path))
	if err != nil {
		g.t.Fatal(err)
	}
	return string(answer)
}

func (g *guest) create(keys *passkeytest.Authenticator) string {
	g.t.Helper()
	answer, err := keys.Create(g.options("/security/passkeys/options"))
	if err != nil {
		g.t.Fatal(err)
	}
	return string(answer)
}

func (g *guest) byPassword() *guest {
	g.t.Helper()
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	return g
}

// says checks where a form has led, and that the page there says it.
func says(t *testing.T, what, at, page, wantAt, text string) {
	t.Helper()
	if at != wantAt || !strings.Contains(page, text) {
		t.Errorf("%s: at %s, want %s with %q:\n%s", what, at, wantAt, text, page)
	}
}

// People add, rename, use and remove passkeys by forms that the script fills in.
func TestPasskeyPages(t *testing.T) {
	t.Parallel()
	s, keys := openPasskeys(t, nil)
	g := s.guest().byPassword()
	_, page := g.do("GET", "/security")
	says(t, "the account page", "", page, "", `href="/security/passkeys">Add one`)
	at, page := g.do("POST", "/security/passkeys", "credential", g.create(keys), "name", "laptop")
	says(t, "adding", at, page, "/security/passkeys", "Your recovery codes")
	says(t, "adding", at, page, "/security/passkeys", "Your passkey is added.")
	at, page = g.do("GET", "/security/passkeys")
	says(t, "the list", at, page, "/security/passkeys", "laptop")
	_, rest, _ := strings.Cut(page, `href="/security/passkeys/`)
	id, _, _ := strings.Cut(rest, `"`)
	if _, h, _ := g.guest().raw("GET", "/security/passkeys", nil); h.Get("Location") != "/login?next=%2Fsecurity%2Fpasskeys" {
		t.Errorf("a visitor is led to %s", h.Get("Location"))
	}
	at, page = g.do("POST", "/security/passkeys", "credential", "{}")
	says(t, "a wrong answer", at, page, "/security/passkeys", "That passkey is not known here")
	at, page = g.do("GET", "/security/passkeys/"+id)
	says(t, "one", at, page, "/security/passkeys/"+id, `value="laptop"`)
	at, page = g.do("POST", "/security/passkeys/"+id, "_method", "PATCH", "name", "blue key")
	says(t, "a new name", at, page, "/security/passkeys", "blue key")
	at, page = g.do("GET", "/security/passkeys/none")
	says(t, "none", at, page, "/security/passkeys", "There is no such passkey.")

	other := s.guest()
	at, page = other.do("POST", "/passkeys", "credential", other.get(keys, "/passkeys/options?for=login"), "next", "/profile")
	says(t, "logging in", at, page, "/profile", "matt@lp.com")
	at, page = s.guest().do("POST", "/passkeys", "credential", "", "next", "/profile")
	says(t, "no answer", at, page, "/passkeys", "That passkey is not known here")
	says(t, "no answer", at, page, "/passkeys", `name="next" value="/profile"`)
	_, page = other.do("GET", "/sessions")
	says(t, "the sessions", "", page, "", "a passkey")

	second := s.guest().byPassword()
	at, page = second.do("GET", "/two-factor?next=/profile")
	says(t, "the second step", at, page, "/two-factor?next=/profile", `data-options="/passkeys/options?for=two_factor"`)
	at, page = second.do("POST", "/two-factor", "credential", "", "next", "/profile")
	says(t, "no answer", at, page, "/two-factor", "That passkey is not known here")
	at, page = second.do("POST", "/two-factor", "credential", second.get(keys, "/passkeys/options"), "next", "/profile", "trust", "y")
	says(t, "the second step", at, page, "/profile", "matt@lp.com")

	s.pass(time.Hour)
	at, page = g.do("POST", "/security/passkeys/"+id, "_method", "DELETE")
	if !strings.HasPrefix(at, "/verify") || !strings.Contains(page, `data-options="/passkeys/options?for=verify"`) {
		t.Errorf("removing late: %s\n%s", at, page)
	}
	at, page = g.do("POST", "/verify", "credential", "x", "next", "/security/passkeys")
	says(t, "a wrong proof", at, page, "/verify", "That passkey is not known here")
	g.do("POST", "/verify", "credential", g.get(keys, "/passkeys/options?for=verify"), "next", "/security/passkeys")
	at, page = g.do("POST", "/security/passkeys/"+id, "_method", "DELETE")
	says(t, "removing", at, page, "/security/passkeys", "Your passkey is removed.")
	at, page = g.do("POST", "/security/passkeys/"+id, "_method", "DELETE")
	says(t, "once more", at, page, "/security/passkeys", "There is no such passkey.")
}

// Programs do the same with JSON.
func TestPasskeyJSON(t *testing.T) {
	t.Parallel()
	s, keys := openPasskeys(t, nil)
	g := s.guest().byPassword()
	status, _, body := g.json("GET", "/security/passkeys", "")
	if status != 200 || strings.TrimSpace(body) != "[]" {
		t.Errorf("none: %d %s", status, body)
	}
	var named map[string]any
	if err := json.Unmarshal([]byte(g.create(keys)), &named); err != nil {
		t.Fatal(err)
	}
	named["name"] = "phone"
	creation, _ := json.Marshal(named)
	status, added, body := g.json("POST", "/security/passkeys", string(creation))
	id, _ := added["id"].(string)
	codes, _ := added["recovery_codes"].([]any)
	if status != 201 || id == "" || added["name"] != "phone" || len(codes) != 10 || added["backed_up"] != false || added["last_used_at"] != nil {
		t.Errorf("adding: %d %s", status, body)
	}
	wants := func(what string, status int, answer map[string]any, body string, wantStatus int, code string) {
		t.Helper()
		if got, _ := answer["code"].(string); status != wantStatus || got != code {
			t.Errorf("%s: %d %s, want %d %q", what, status, body, wantStatus, code)
		}
	}
	status, answer, body := g.json("POST", "/security/passkeys", string(creation))
	wants("adding again", status, answer, body, 400, "bad_passkey")
	options, _ := keys.Get([]byte(`{"rpId":"localhost","challenge":""}`))
	status, answer, body = g.json("POST", "/security/passkeys", string(options))
	wants("no challenge", status, answer, body, 400, "bad_passkey")
	var o passkeytest.Options
	if err := json.Unmarshal(g.options("/security/passkeys/options"), &o); err != nil {
		t.Fatal(err)
	}
	again, err := keys.CreateWith(o, keys.Passkeys[0])
	if err != nil {
		t.Fatal(err)
	}
	status, answer, body = g.json("POST", "/security/passkeys", string(again))
	wants("one that is known", status, answer, body, 409, "passkey_known")
	status, answer, body = g.json("PATCH", "/security/passkeys/"+id, `{"name":"key"}`)
	if status != 200 || answer["name"] != "key" || answer["recovery_codes"] != nil {
		t.Errorf("renaming: %d %s", status, body)
	}
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		status, answer, body = g.json(method, "/security/passkeys/none", `{}`)
		wants(method+" none", status, answer, body, 404, "no_passkey")
	}

	other := s.guest()
	status, answer, body = other.json("POST", "/passkeys", other.get(keys, "/passkeys/options"))
	if user, _ := answer["user"].(map[string]any); status != 200 || user["email"] != "matt@lp.com" {
		t.Errorf("logging in: %d %s", status, body)
	}
	_, answer, body = other.json("GET", "/session", "")
	if answer["via"] != "passkey" || answer["two_factor"] != true {
		t.Errorf("the session: %s", body)
	}
	status, answer, body = s.guest().json("POST", "/passkeys", `{"rawId":"x"}`)
	wants("a wrong one", status, answer, body, 401, "bad_credentials")
	status, answer, body = s.guest().json("POST", "/passkeys", "")
	wants("nothing", status, answer, body, 401, "bad_credentials")

	second := s.guest()
	status, answer, body = second.json("POST", "/login", `{"email":"matt@lp.com","password":"correct horse"}`)
	if kinds, _ := json.Marshal(answer["two_factor"]); status != 200 || string(kinds) != `["passkey","recovery_code"]` {
		t.Errorf("the password: %d %s", status, body)
	}
	status, answer, body = second.json("POST", "/two-factor", `{"rawId":"x"}`)
	wants("a wrong factor", status, answer, body, 401, "bad_code")
	status, answer, body = second.json("POST", "/two-factor", second.get(keys, "/passkeys/options"))
	if user, _ := answer["user"].(map[string]any); status != 200 || user["email"] != "matt@lp.com" {
		t.Errorf("the second factor: %d %s", status, body)
	}

	s.pass(time.Hour)
	status, answer, body = g.json("POST", "/security/passkeys/options", "")
	wants("adding late", status, answer, body, 401, "reauthentication_required")
	status, answer, body = g.json("DELETE", "/security/passkeys/"+id, "")
	wants("removing late", status, answer, body, 401, "reauthentication_required")
	status, answer, body = g.json("POST", "/verify", `{"rawId":"x"}`)
	wants("a wrong proof", status, answer, body, 401, "bad_code")
	status, answer, body = g.json("POST", "/verify", g.get(keys, "/passkeys/options"))
	if status != 200 || answer["fresh_until"] == nil {
		t.Errorf("the proof: %d %s", status, body)
	}
	if status, _, body = g.json("DELETE", "/security/passkeys/"+id, ""); status != 204 {
		t.Errorf("removing: %d %s", status, body)
	}
	status, answer, body = g.json("POST", "/passkeys/options", `{"for":"verify"}`)
	wants("a user without any", status, answer, body, 404, "no_passkey")
	status, answer, body = s.guest().json("POST", "/passkeys/options", `{"for":"two_factor"}`)
	wants("nothing waits", status, answer, body, 401, "not_signed_in")
	status, answer, body = s.guest().json("POST", "/security/passkeys/options", "")
	wants("nobody", status, answer, body, 401, "not_signed_in")
}

// A user who has to have a second factor may begin with a passkey.
func TestPasskeyPagesWhenAFactorIsRequired(t *testing.T) {
	t.Parallel()
	s, keys := openPasskeys(t, func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorRequired })
	g := s.guest().byPassword()
	_, page := g.do("GET", "/security/totp?next=/profile")
	says(t, "the set-up", "", page, "", `href="/security/passkeys?next=%2Fprofile"`)
	at, page := g.do("GET", "/security/passkeys?next=/profile")
	says(t, "the page of passkeys", at, page, "/security/passkeys?next=/profile", "has to have a second step")
	at, page = g.do("POST", "/security/passkeys", "credential", g.create(keys), "next", "/profile")
	says(t, "adding", at, page, "/security/passkeys", `href="/profile"`)
	at, page = g.do("GET", "/profile")
	says(t, "the profile", at, page, "/profile", "matt@lp.com")
}

// A user without a password keeps the last passkey.
func TestSecurity36_LastPasskeyOnPages(t *testing.T) {
	t.Parallel()
	s, keys := openPasskeys(t, nil)
	s.pretend.Approve("ana")
	g := s.guest()
	g.do("POST", "/login/google")
	g.do("POST", "/register/google", "email", "ana@example.com", "password", "", "password_confirm", "")
	_, added, _ := g.json("POST", "/security/passkeys", g.create(keys))
	id, _ := added["id"].(string)
	status, list, body := g.json("GET", "/connections", "")
	if status != 200 {
		t.Fatalf("%d %v %s", status, list, body)
	}
	if status, _, body := g.json("DELETE", "/connect/google", ""); status != 204 {
		t.Fatalf("the connection, beside a passkey: %d %s", status, body)
	}
	status, answer, body := g.json("DELETE", "/security/passkeys/"+id, "")
	if status != 409 || answer["code"] != "last_way_in" {
		t.Errorf("the passkey: %d %s", status, body)
	}
	at, page := g.do("POST", "/security/passkeys/"+id, "_method", "DELETE")
	says(t, "the passkey", at, page, "/security/passkeys", "This is your last way to log in")
}

// Pages with a form for passkeys load one script of this site, others none. Without
// passkeys nothing of them is there.
func TestPasskeyScript(t *testing.T) {
	t.Parallel()
	s, _ := openPasskeys(t, nil)
	g := s.guest()
	_, header, page := g.raw("GET", "/login", nil)
	policy := header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none';") || !strings.HasSuffix(policy, "; script-src 'self'; connect-src 'self'") {
		t.Errorf("the policy is %q", policy)
	}
	for _, part := range []string{`<script src="/social-static/passkeys.js?v=`, `autocomplete="username webauthn"`, `data-passkey="fill"`, ` hidden>`} {
		if !strings.Contains(page, part) {
			t.Errorf("no %q in\n%s", part, page)
		}
	}
	_, rest, _ := strings.Cut(page, `<script src="`)
	address, _, _ := strings.Cut(rest, `"`)
	status, header, script := g.raw("GET", address, nil)
	if status != 200 || !strings.Contains(header.Get("Content-Type"), "javascript") || !strings.Contains(header.Get("Cache-Control"), "immutable") || !strings.Contains(script, "credentials.get") {
		t.Errorf("%s: %d %v", address, status, header)
	}
	off := openLive(t).guest()
	_, header, page = off.raw("GET", "/login", nil)
	if strings.Contains(header.Get("Content-Security-Policy"), "connect-src") || strings.Count(page, "<script") != 1 || strings.Contains(page, "passkey") || strings.Contains(page, "webauthn") {
		t.Errorf("where passkeys are off: %s\n%s", header.Get("Content-Security-Policy"), page)
	}
	for _, path := range []string{"/passkeys", "/passkeys/options", "/security/passkeys", "/security/passkeys/options"} {
		if status, answer, body := off.json("POST", path, "{}"); status != 404 || answer["code"] != "turned_off" {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if _, page := off.byPassword().do("GET", "/security"); strings.Contains(page, "asskey") {
		t.Errorf("%s", page)
	}
}

// passkeyPages returns the pages of passkeys by name.
func passkeyPages(t *testing.T, options ...web.Options) map[string]string {
	t.Helper()
	pages := map[string]string{}
	s, keys := openPasskeys(t, nil, options...)
	g := s.guest()
	keep := func(g *guest, name, path string) { _, pages[name] = g.do("GET", path) }
	keep(g, "log-in with passkeys", "/login?next=/profile")
	_, pages["a wrong passkey"] = g.do("POST", "/passkeys", "credential", "x")
	g.byPassword()
	keep(g, "no passkeys", "/security/passkeys")
	keep(g, "security without passkeys", "/security")
	keep(g, "an authenticator beside passkeys", "/security/totp")
	_, pages["a first passkey"] = g.do("POST", "/security/passkeys", "credential", g.create(keys), "name", "(1)")
	_, added, _ := g.json("POST", "/security/passkeys", g.create(&passkeytest.Authenticator{Origin: s.url, Syncing: true, BackedUp: true}))
	id, _ := added["id"].(string)
	g.json("POST", "/security/passkeys", g.create(&passkeytest.Authenticator{Origin: s.url, Syncing: true}))
	other := s.guest()
	other.do("POST", "/passkeys", "credential", other.get(keys, "/passkeys/options"))
	keep(g, "passkeys", "/security/passkeys")
	keep(g, "a passkey", "/security/passkeys/"+url.PathEscape(id))
	keep(g, "security with passkeys", "/security")
	keep(g, "verify with passkeys", "/verify")
	_, pages["a wrong proof by a passkey"] = g.do("POST", "/verify", "credential", "x")
	second := s.guest().byPassword()
	keep(second, "second step with passkeys", "/two-factor")
	keep(second, "second step without the passkey", "/two-factor?lost=1")
	_, pages["a wrong passkey as the second step"] = second.do("POST", "/two-factor", "credential", "x")
	required, _ := openPasskeys(t, func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorRequired }, options...)
	keep(required.guest().byPassword(), "a passkey is required", "/security/passkeys")
	return pages
}
