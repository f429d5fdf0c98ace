package web_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/web"
)

// codeOf returns the code that an authenticator application shows so many steps from now.
// It is written apart from the accounts' own.
func codeOf(t *testing.T, key string, later int64) string {
	t.Helper()
	raw, err := base32.StdEncoding.DecodeString(strings.ReplaceAll(key, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(time.Now().Unix()/30+later))
	h := hmac.New(sha1.New, raw)
	h.Write(counter[:])
	sum := h.Sum(nil)
	offset := sum[19] & 15
	n := (uint32(sum[offset])&127)<<24 | uint32(sum[offset+1])<<16 | uint32(sum[offset+2])<<8 | uint32(sum[offset+3])
	return fmt.Sprintf("%06d", n%1000000)
}

var (
	keyPattern      = regexp.MustCompile(`<code class="key">([A-Z2-7 ]+)</code>`)
	recoveryPattern = regexp.MustCompile(`<code>([a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4})</code>`)
)

// setUpFactor sets up an authenticator with the pages, and returns its key and the recovery
// codes. The next code that counts is one step later.
func setUpFactor(t *testing.T, v *visitor, next string) (key string, recovery []string) {
	t.Helper()
	w := v.do("POST", "/security/totp", url.Values{"next": {next}})
	if w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	page := v.do("GET", w.Header().Get("Location"), nil).Body.String()
	m := keyPattern.FindStringSubmatch(page)
	if m == nil {
		t.Fatal(page)
	}
	w = v.do("POST", "/security/totp/confirm", url.Values{"code": {codeOf(t, m[1], 0)}, "next": {next}})
	for _, code := range recoveryPattern.FindAllStringSubmatch(w.Body.String(), -1) {
		recovery = append(recovery, code[1])
	}
	if w.Code != http.StatusOK || len(recovery) != 10 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(w.Header().Get("Cache-Control"), "no-store") {
		t.Error("the page with the codes may be stored")
	}
	return m[1], recovery
}

// programs ask for JSON.
func (v *visitor) json(method, path, body string) (status int, answer map[string]any) {
	w := v.doJSON(method, path, body)
	json.Unmarshal(w.Body.Bytes(), &answer)
	return w.Code, answer
}

func wantAnswer(t *testing.T, what string, status int, answer map[string]any, want int, parts string) {
	t.Helper()
	got, _ := json.Marshal(answer)
	if status != want || !strings.Contains(string(got), parts) {
		t.Errorf("%s: %d %s, want %d with %s", what, status, got, want, parts)
	}
}

func TestAccounts8_PagesOfTheSecondStep(t *testing.T) {
	t.Parallel()
	_, visit := visitors(t)
	owner := visit()
	if w := owner.do("GET", "/two-factor?next=/connections", nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/login?next=%2Fconnections" {
		t.Errorf("nobody: %d %s", w.Code, w.Header().Get("Location"))
	}
	owner.do("POST", "/login", matt)
	page := owner.do("GET", "/security", nil).Body.String()
	if !strings.Contains(page, `href="/security/totp"`) || !strings.Contains(page, "Not set up") {
		t.Errorf("/security: %s", page)
	}
	if page := owner.do("GET", "/security/totp", nil).Body.String(); keyPattern.MatchString(page) || !strings.Contains(page, "Set up") {
		t.Errorf("/security/totp: %s", page)
	}
	if w := owner.do("GET", "/two-factor", nil); w.Header().Get("Location") != "/profile" {
		t.Errorf("signed in: %d %s", w.Code, w.Header().Get("Location"))
	}
	key, recovery := setUpFactor(t, owner, "")
	page = owner.do("GET", "/security", nil).Body.String()
	if !strings.Contains(page, "10 codes are left") || !strings.Contains(page, "A code is asked for") {
		t.Errorf("/security: %s", page)
	}

	v := visit()
	w := v.do("POST", "/login", url.Values{"email": matt["email"], "password": matt["password"], "next": {"/connections"}})
	at := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || at != "/two-factor?next=%2Fconnections" {
		t.Fatalf("%d %s", w.Code, at)
	}
	for path, want := range map[string]string{"/profile": "/two-factor?next=%2Fprofile", "/security": "/two-factor?next=%2Fsecurity", "/security/totp": "/two-factor?next=%2Fsecurity%2Ftotp"} {
		if w := v.do("GET", path, nil); w.Header().Get("Location") != want {
			t.Errorf("%s leads to %q", path, w.Header().Get("Location"))
		}
	}
	if page := v.do("GET", "/", nil).Body.String(); !strings.Contains(page, `href="/two-factor"`) || strings.Contains(page, "Log out") {
		t.Errorf("/: %s", page)
	}
	page = v.do("GET", at, nil).Body.String()
	for _, part := range []string{`name="code"`, `autocomplete="one-time-code"`, `name="trust"`, `value="/connections"`, "30 days", `href="/two-factor?lost=1&amp;next=%2Fconnections"`} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %s:\n%s", part, page)
		}
	}
	for at, link := range map[string]string{
		"/two-factor?signup=s1&next=/connections":        `href="/two-factor?lost=1&amp;signup=s1&amp;next=%2Fconnections"`,
		"/two-factor?lost=1&signup=s1&next=/connections": `href="/two-factor?signup=s1&amp;next=%2Fconnections"`,
	} {
		if page := v.do("GET", at, nil).Body.String(); !strings.Contains(page, link) {
			t.Errorf("%s lacks %s:\n%s", at, link, page)
		}
	}
	for name, form := range map[string]url.Values{
		"Invalid code": {"code": {"000000"}}, "Enter the code.": {"code": {""}}, `id="recovery-wrong"`: {"recovery_code": {"x"}, "code": {""}},
	} {
		form.Set("next", "/connections")
		if page := v.do("POST", "/two-factor", form).Body.String(); !strings.Contains(page, name) || !strings.Contains(page, `value="/connections"`) {
			t.Errorf("no %s:\n%s", name, page)
		}
	}
	w = v.do("POST", "/two-factor", url.Values{"code": {codeOf(t, key, 1)}, "next": {"/connections"}, "trust": {"y"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/connections" {
		t.Fatalf("%d %s %s", w.Code, w.Header().Get("Location"), w.Body)
	}
	if page := v.do("GET", "/security", nil).Body.String(); !strings.Contains(page, "Trusted since") || !strings.Contains(page, "This browser") {
		t.Errorf("/security: %s", page)
	}
	v.do("POST", "/logout", url.Values{})
	if w := v.do("POST", "/login", matt); w.Header().Get("Location") != "/profile" {
		t.Errorf("a trusted browser is led to %s", w.Header().Get("Location"))
	}
	v = visit()
	v.do("POST", "/login", matt)
	if page := v.do("GET", "/two-factor?lost=1", nil).Body.String(); !strings.Contains(page, `name="recovery_code"`) || strings.Contains(page, `name="code"`) {
		t.Errorf("lost: %s", page)
	}
	if w := v.do("POST", "/two-factor", url.Values{"recovery_code": {recovery[0]}, "next": {"//evil.example"}}); w.Header().Get("Location") != "/profile" {
		t.Errorf("%d %s", w.Code, w.Header().Get("Location"))
	}
	page = v.do("POST", "/security/recovery-codes", url.Values{}).Body.String()
	if got := recoveryPattern.FindAllString(page, -1); len(got) != 10 || strings.Contains(page, recovery[1]) {
		t.Errorf("new codes: %s", page)
	}
	if w := v.do("POST", "/security/totp", url.Values{"_method": {"DELETE"}}); w.Header().Get("Location") != "/security" {
		t.Errorf("removal: %d %s", w.Code, w.Header().Get("Location"))
	}
	if page := v.do("GET", "/security", nil).Body.String(); !strings.Contains(page, "is removed") || !strings.Contains(page, "Not set up") {
		t.Errorf("/security: %s", page)
	}
}

func TestAccounts8_JSONOfTheSecondStep(t *testing.T) {
	t.Parallel()
	_, visit := visitors(t, web.Options{QR: func(text string) (string, error) { return "<svg>" + text, nil }})
	const login = `{"email": "matt@lp.com", "password": "correct horse"}`
	owner := visit()
	status, got := owner.json("POST", "/security/totp", `{}`)
	wantAnswer(t, "nobody sets up", status, got, 401, `"code":"not_signed_in"`)
	owner.json("POST", "/login", login)
	status, got = owner.json("GET", "/session", "")
	wantAnswer(t, "session", status, got, 200, `"two_factor":false`)
	status, got = owner.json("POST", "/security/totp/confirm", `{"code": "123456"}`)
	wantAnswer(t, "nothing to confirm", status, got, 404, `"code":"no_factor"`)
	status, got = owner.json("POST", "/security/recovery-codes", `{}`)
	wantAnswer(t, "no factor, no codes", status, got, 404, `"code":"no_factor"`)
	status, setup := owner.json("POST", "/security/totp", `{}`)
	key, _ := setup["secret"].(string)
	uri, _ := setup["uri"].(string)
	wantAnswer(t, "set up", status, setup, 201, "")
	if !strings.HasPrefix(uri, "otpauth://totp/localhost%208080:matt%40lp.com?secret="+key+"&") || setup["qr"] != "<svg>"+uri {
		t.Errorf("%v", setup)
	}
	for _, body := range []string{`{"code": "000000"}`, `{}`} {
		status, got = owner.json("POST", "/security/totp/confirm", body)
		wantAnswer(t, "a wrong code", status, got, 401, `"code":"bad_code"`)
	}
	status, got = owner.json("POST", "/security/totp/confirm", `{"code": "`+codeOf(t, key, 0)+`"}`)
	codes, _ := got["recovery_codes"].([]any)
	if status != 200 || len(codes) != 10 {
		t.Fatalf("%d %v", status, got)
	}
	status, got = owner.json("GET", "/session", "")
	wantAnswer(t, "session", status, got, 200, `"two_factor":true`)

	v := visit()
	status, got = v.json("POST", "/login", login)
	wantAnswer(t, "log-in", status, got, 200, `{"two_factor":["totp","recovery_code"]}`)
	status, got = v.json("GET", "/two-factor", "")
	wantAnswer(t, "what is due", status, got, 200, `{"two_factor":["totp","recovery_code"]}`)
	for _, path := range []string{"/session", "/profile", "/sessions", "/security"} {
		status, got = v.json("GET", path, "")
		wantAnswer(t, path, status, got, 401, `"code":"not_signed_in"`)
	}
	for _, body := range []string{`{"code": "000000"}`, `{"recovery_code": "x"}`, `{}`} {
		status, got = v.json("POST", "/two-factor", body)
		wantAnswer(t, "a wrong code", status, got, 401, `"code":"bad_code"`)
	}
	status, got = v.json("POST", "/two-factor", `{"code": "`+codeOf(t, key, 1)+`", "trust": true}`)
	wantAnswer(t, "the code", status, got, 200, `"user":{`)
	status, got = v.json("POST", "/two-factor", `{"code": "`+codeOf(t, key, 1)+`"}`)
	wantAnswer(t, "again", status, got, 401, `"code":"not_signed_in"`)
	w := v.doJSON("GET", "/sessions", "")
	if n := strings.Count(w.Body.String(), `"trusted":true`); n != 1 {
		t.Errorf("%d trusted of %s", n, w.Body)
	}
	status, got = v.json("GET", "/security", "")
	wantAnswer(t, "security", status, got, 200, `"recovery_codes":10`)
	devices, _ := got["trusted_devices"].([]any)
	if len(devices) != 1 {
		t.Fatalf("%v", got)
	}
	status, _ = owner.json("DELETE", "/sessions/"+devices[0].(map[string]any)["id"].(string), "")
	wantAnswer(t, "end of trust", status, nil, 204, "")
	v.json("POST", "/logout", "")
	status, got = v.json("POST", "/login", login)
	wantAnswer(t, "log-in", status, got, 200, `"two_factor":`)
	status, got = v.json("POST", "/two-factor", `{"recovery_code": "`+codes[0].(string)+`"}`)
	wantAnswer(t, "a recovery code", status, got, 200, `"user":{`)
	status, got = owner.json("POST", "/security/recovery-codes", `{}`)
	wantAnswer(t, "new codes", status, got, 201, `"recovery_codes":[`)
	status, _ = owner.json("DELETE", "/security/totp", "")
	wantAnswer(t, "removal", status, nil, 204, "")
	status, got = owner.json("DELETE", "/security/totp", "")
	wantAnswer(t, "removal again", status, got, 404, `"code":"no_factor"`)
}

// A log-in through a provider asks for the second factor as well, before it writes
// anything, and a sign-up that waits survives the step.
func TestSecurity39_SecondStepAfterAProvider(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	owner := s.guest()
	owner.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	s.pretend.Approve("ana")
	owner.do("POST", "/connect/google")
	if n := owner.connections(); n != 1 {
		t.Fatalf("%d connections", n)
	}
	_, page := owner.do("POST", "/security/totp")
	m := keyPattern.FindStringSubmatch(page)
	if m == nil {
		t.Fatal(page)
	}
	_, page = owner.do("POST", "/security/totp/confirm", "code", codeOf(t, m[1], 0))
	recovery := recoveryPattern.FindAllStringSubmatch(page, -1)
	g := s.guest()
	at, page := g.do("POST", "/login/google", "next", "/connections", "remember", "y")
	if at != "/two-factor?next=%2Fconnections" || !strings.Contains(page, `name="code"`) {
		t.Fatalf("%s: %s", at, page)
	}
	if at, _ := g.do("GET", "/profile"); !strings.HasPrefix(at, "/login") {
		t.Errorf("the profile is at %s", at)
	}
	if at, page := g.do("POST", "/two-factor", "code", "000000", "next", "/connections"); at != "/two-factor" || !strings.Contains(page, "Invalid code") {
		t.Errorf("%s: %s", at, page)
	}
	if at, page := g.do("POST", "/two-factor", "code", codeOf(t, m[1], 1)); at != "/connections" || !strings.Contains(page, "Log out") {
		t.Errorf("%s: %s", at, page)
	}
	// A provider's log-in in a browser in which one by password waits is the one that goes on.
	g = s.guest()
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	g.do("POST", "/login/google", "next", "/connections")
	if at, _ := g.do("POST", "/two-factor", "recovery_code", recovery[0][1]); at != "/connections" {
		t.Errorf("at %s", at)
	}
	// And the other way round.
	g = s.guest()
	g.do("POST", "/login/google", "next", "/connections")
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	if at, _ := g.do("POST", "/two-factor", "recovery_code", recovery[1][1], "next", "/sessions"); at != "/sessions" {
		t.Errorf("at %s", at)
	}
	// A trusted browser is not asked.
	if at, _ := g.do("POST", "/logout"); at != "/" {
		t.Errorf("at %s", at)
	}
	g.do("POST", "/login/google")
	g.do("POST", "/two-factor", "recovery_code", recovery[2][1], "trust", "y")
	g.do("POST", "/logout")
	if at, page := g.do("POST", "/login/google", "next", "/connections"); at != "/connections" || !strings.Contains(page, "Log out") {
		t.Errorf("%s: %s", at, page)
	}
}

// A sign-up that found an account waits over the password and the second step.
func TestSecurity39_SignUpSurvivesTheSecondStep(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	owner := s.guest()
	owner.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	_, page := owner.do("POST", "/security/totp")
	key := keyPattern.FindStringSubmatch(page)[1]
	owner.do("POST", "/security/totp/confirm", "code", codeOf(t, key, 0))
	s.pretend.Approve("ana")
	g := s.guest()
	_, page = g.do("POST", "/login/google")
	id := signUpLink.FindStringSubmatch(page)[1]
	at, page := g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse", "signup", id)
	if !strings.HasPrefix(at, "/two-factor") || !strings.Contains(page, `name="signup" value="`+id+`"`) {
		t.Fatalf("%s: %s", at, page)
	}
	at, page = g.do("POST", "/two-factor", "code", codeOf(t, key, 1), "signup", id)
	if at != "/connections/pending" || !strings.Contains(page, "Google") || owner.connections() != 0 {
		t.Errorf("%s: %s", at, page)
	}
}

// factorPages are the pages of second factors, in a browser in which matt is signed in, and
// in another one.
func factorPages(t *testing.T, v, other *visitor) map[string]string {
	t.Helper()
	pages := map[string]string{}
	get := func(v *visitor, name, path string) {
		pages[name] = v.do("GET", path, nil).Body.String()
	}
	get(v, "security", "/security")
	get(v, "no authenticator", "/security/totp")
	_, setup := v.json("POST", "/security/totp", `{}`)
	key, _ := setup["secret"].(string)
	get(v, "an authenticator is set up", "/security/totp")
	pages["a wrong code of it"] = v.do("POST", "/security/totp/confirm", url.Values{"code": {"000000"}}).Body.String()
	pages["recovery codes"] = v.do("POST", "/security/totp/confirm", url.Values{"code": {codeOf(t, key, 0)}}).Body.String()
	get(v, "an authenticator", "/security/totp")
	get(v, "verify with an authenticator", "/verify")
	other.do("POST", "/login", matt)
	get(other, "second step", "/two-factor?next=/profile")
	get(other, "second step without the phone", "/two-factor?lost=1")
	pages["a wrong code"] = other.do("POST", "/two-factor", url.Values{"code": {"000000"}}).Body.String()
	pages["a wrong recovery code"] = other.do("POST", "/two-factor", url.Values{"recovery_code": {"x"}}).Body.String()
	get(other, "the start in between", "/")
	other.do("POST", "/two-factor", url.Values{"code": {codeOf(t, key, 1)}, "trust": {"y"}})
	get(other, "security with everything", "/security")
	return pages
}
