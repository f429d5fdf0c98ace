package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/passkeytest"
)

// formTag is the tag of a form that the script of passkeys fills in.
func formTag(does, action, options string) string {
	return `<form method="post" action="` + action + `" class="passkey" data-passkey="` + does + `" data-options="` + options + `" hidden>`
}

const passkeyScriptTag = `<script src="/social-static/passkeys.js`

func hidden(name, value string) string {
	return `<input type="hidden" name="` + name + `" value="` + value + `">`
}

// The forms for passkeys ask for the right options, and go where they should.
func TestPasskeyForms(t *testing.T) {
	t.Parallel()
	s, keys := openPasskeys(t, nil)
	g := s.guest().byPassword()
	const list = "/security/passkeys"
	create := formTag("create", list, list+"/options")
	_, page := g.do("GET", list+"?next=/connections&signup=s1")
	has(t, "the list", page, create, hidden("next", "/connections"), hidden("signup", "s1"), `name="name"`, `class="wide primary"`, passkeyScriptTag, "!has to have a second step")
	g.do("POST", list, "credential", g.create(keys), "name", "laptop")

	due := s.guest().byPassword()
	_, page = due.do("GET", "/two-factor?next=/connections&signup=s1")
	has(t, "the second step by a passkey alone", page, formTag("get", "/two-factor", "/passkeys/options?for=two_factor"), hidden("next", "/connections"), hidden("signup", "s1"),
		`data-like="input[type=checkbox][name=trust]"`, `class="wide primary"`, `<p class="or">`, passkeyScriptTag, `name="recovery_code"`, "!"+`name="code"`)
	_, form, _ := strings.Cut(page, "data-passkey=")
	form, _, _ = strings.Cut(form, "</form>")
	has(t, "the passkey's form of the second step", form, hidden("next", "/connections"), hidden("signup", "s1"))
	setUp, _ := g.do("POST", "/security/totp")
	_, page = g.do("GET", setUp)
	g.do("POST", "/security/totp/confirm", "code", codeOf(t, keyPattern.FindStringSubmatch(page)[1], 0))
	_, page = due.do("GET", "/two-factor")
	has(t, "the second step by both", page, `class="wide"`, "!"+`class="wide primary"`, `<p class="or">`, `name="code"`, `href="/two-factor?lost=1"`)
	_, page = g.do("GET", "/verify")
	has(t, "verify", page, formTag("get", "/verify", "/passkeys/options?for=verify"), passkeyScriptTag)

	_, page = g.do("GET", list)
	one := passkeyLink.FindStringSubmatch(page)[1]
	_, page = g.do("GET", one)
	has(t, "one", page, `<main id="main" class="narrow">`, `action="`+one+`"`, "matt@lp.com")
}

// What is done with a passkey is said, and leads where it was to lead.
func TestPasskeysLeadOn(t *testing.T) {
	t.Parallel()
	s, keys := openPasskeys(t, nil)
	g := s.guest().byPassword()
	const list = "/security/passkeys"
	status, _, page := g.raw("POST", list, url.Values{"credential": {g.create(keys)}, "next": {"/connections"}})
	if status != http.StatusOK {
		t.Errorf("the first, with codes: %d", status)
	}
	has(t, "the first", page, "recovery codes", `href="/connections"`)
	for next, want := range map[string]string{"/connections": "/connections", "": list, "https://evil.example/": list} {
		other := &passkeytest.Authenticator{Origin: s.url}
		status, h, page := g.raw("POST", list, url.Values{"credential": {g.create(other)}, "next": {next}})
		if status != http.StatusSeeOther || h.Get("Location") != want {
			t.Errorf("another with next %q: %d to %q\n%s", next, status, h.Get("Location"), page)
		}
		_, page = g.do("GET", list)
		wantFlash(t, page, "success", "passkey_added")
	}
	one := passkeyLink.FindStringSubmatch(page)
	if one != nil {
		t.Errorf("the page of codes lists passkeys:\n%s", page)
	}
	_, page = g.do("GET", list)
	one = passkeyLink.FindStringSubmatch(page)
	_, page = g.do("POST", one[1], "_method", "PATCH", "name", "key")
	wantFlash(t, page, "success", "passkey_renamed")
	_, page = g.do("POST", one[1], "_method", "DELETE")
	wantFlash(t, page, "success", "passkey_removed")
	for next, want := range map[string]string{"/connections": list + "?next=%2Fconnections", "https://evil.example/": list} {
		_, h, _ := g.raw("POST", list, url.Values{"credential": {"x"}, "next": {next}})
		if h.Get("Location") != want {
			t.Errorf("a wrong answer with next %q leads to %q", next, h.Get("Location"))
		}
		_, page = g.do("GET", list)
		wantFlash(t, page, "error", "bad_passkey")
	}
	if _, h, body := s.guest().raw("GET", list, nil, "Accept", "application/json"); !strings.Contains(body, `"code":"not_signed_in"`) {
		t.Errorf("nobody's: %s", body)
	} else {
		wantOneAnswer(t, "nobody's", h, body)
	}
	if status, h, body := s.guest().raw("POST", list+"/options", nil); status != http.StatusUnauthorized || !strings.Contains(h.Get("Content-Type"), "json") {
		t.Errorf("nobody's options, as the script asks: %d %s", status, body)
	}
}

// Programs get all that is known of a passkey.
func TestPasskeyMembers(t *testing.T) {
	t.Parallel()
	s, _ := openPasskeys(t, nil)
	g := s.guest().byPassword()
	synced := &passkeytest.Authenticator{Origin: s.url, Syncing: true, BackedUp: true}
	before := time.Now().Add(-time.Minute)
	g.json("POST", "/security/passkeys", g.create(synced))
	var list []struct {
		ID, Name       string
		CreatedAt      time.Time  `json:"created_at"`
		LastUsedAt     *time.Time `json:"last_used_at"`
		BackupEligible bool       `json:"backup_eligible"`
		BackedUp       bool       `json:"backed_up"`
		Transports     []string
	}
	read := func() {
		t.Helper()
		_, _, body := g.json("GET", "/security/passkeys", "")
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			t.Fatal(err)
		}
	}
	read()
	if len(list) != 1 || list[0].CreatedAt.Before(before) || list[0].LastUsedAt != nil || !list[0].BackupEligible || !list[0].BackedUp || !reflect.DeepEqual(list[0].Transports, []string{"internal", "hybrid"}) {
		t.Errorf("%+v", list)
	}
	other := s.guest()
	other.json("POST", "/passkeys", other.get(synced, "/passkeys/options"))
	g.json("POST", "/security/passkeys", g.create(&passkeytest.Authenticator{Origin: s.url}))
	read()
	if len(list) != 2 || list[0].LastUsedAt == nil || list[0].LastUsedAt.Before(before) || list[1].BackupEligible || list[1].BackedUp {
		t.Errorf("%+v", list)
	}
}

// The options are those of what is asked for in the body or the address, and else of what the
// browser waits for.
func TestPasskeyOptionsAreOfWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	s, keys := openPasskeys(t, nil)
	g := s.guest().byPassword()
	g.do("POST", "/security/passkeys", "credential", g.create(keys))
	due := s.guest().byPassword()
	for _, tc := range []struct {
		g          *guest
		path, for_ string
		named      bool // the user's passkeys are named, as in a proof
	}{
		{g, "", "", true},
		{g, "?for=login", "", false},
		{g, "?for=verify", "login", false},
		{g, "", "login", false},
		{due, "", "", true},
		{due, "?for=login", "", false},
		{due, "", "login", false},
		{due, "?for=login", "two_factor", true},
		{s.guest(), "", "", false},
	} {
		body := "{}"
		if tc.for_ != "" {
			body = `{"for":"` + tc.for_ + `"}`
		}
		status, options, text := tc.g.json("POST", "/passkeys/options"+tc.path, body)
		allowed, _ := options["allowCredentials"].([]any)
		if status != http.StatusOK || (len(allowed) > 0) != tc.named {
			t.Errorf("%q %s: %d %s", tc.path, body, status, text)
		}
	}
}

// A log-in by a passkey is as one by a password: it stays, waits and is refused.
func TestPasskeyLogIn(t *testing.T) {
	t.Parallel()
	s, keys := openPasskeys(t, func(c *accounts.Config) { c.DeletionGrace = 24 * time.Hour })
	owner := s.guest().byPassword()
	owner.do("POST", "/security/passkeys", "credential", owner.create(keys))
	u, err := s.acc.Find(t.Context(), "matt@lp.com")
	if err != nil {
		t.Fatal(err)
	}
	logIn := func(fields ...string) (*guest, int, http.Header, string) {
		g := s.guest()
		form := url.Values{"credential": {g.get(keys, "/passkeys/options")}}
		for i := 0; i < len(fields); i += 2 {
			form.Set(fields[i], fields[i+1])
		}
		status, h, page := g.raw("POST", "/passkeys", form)
		return g, status, h, page
	}
	for remember, lasts := range map[string]bool{"": false, "y": true} {
		_, status, h, _ := logIn("remember", remember, "next", "/connections")
		if status != http.StatusSeeOther || h.Get("Location") != "/connections" || strings.Contains(strings.Join(h.Values("Set-Cookie"), "\n"), "Max-Age=7776000") != lasts {
			t.Errorf("remember %q: %d to %q with %v", remember, status, h.Get("Location"), h.Values("Set-Cookie"))
		}
		_, _, page := s.guest().raw("POST", "/passkeys", url.Values{"credential": {"x"}, "remember": {remember}, "next": {"/connections"}})
		wantFlash(t, page, "error", "bad_passkey")
		if has(t, "a wrong one", page, hidden("next", "/connections")); strings.Contains(page, `value="y" checked`) != lasts {
			t.Errorf("a wrong one, remember %q:\n%s", remember, page)
		}
	}

	s.pretend.Approve("ana")
	g := s.guest()
	_, page := g.do("POST", "/login/google")
	id := signUpLink.FindStringSubmatch(page)[1]
	_, page = g.do("POST", "/passkeys", "credential", "x", "signup", id)
	has(t, "a wrong one", page, hidden("signup", id))
	if at, page := g.do("POST", "/passkeys", "credential", g.get(keys, "/passkeys/options"), "signup", id); at != "/connections/pending" || !strings.Contains(page, "Ana Duarte") {
		t.Errorf("with a sign-up that waits: %s\n%s", at, page)
	}

	owner.do("POST", "/account/delete")
	_, status, h, page := logIn("next", "/connections", "signup", "s1")
	if want := "/account/delete?signup=s1&next=%2Fconnections"; status != http.StatusSeeOther || h.Get("Location") != want {
		t.Errorf("while a deletion waits: %d to %q, want %q\n%s", status, h.Get("Location"), want, page)
	}
	g = s.guest()
	if status, answer, text := g.json("POST", "/passkeys", g.get(keys, "/passkeys/options")); status != http.StatusOK || answer["deletion_at"] == nil {
		t.Errorf("while a deletion waits: %d %s", status, text)
	}

	if err := s.acc.SetActive(t.Context(), u.ID, false); err != nil {
		t.Fatal(err)
	}
	_, _, _, page = logIn()
	wantFlash(t, page, "error", "inactive")
	g = s.guest()
	status, answer, text := g.json("POST", "/passkeys", g.get(keys, "/passkeys/options"))
	if detail, _ := answer["detail"].(string); status != http.StatusUnauthorized || answer["code"] != "inactive" || detail == "" {
		t.Errorf("inactive: %d %s", status, text)
	}
	status, answer, text = g.json("POST", "/passkeys", `{"rawId":"x"}`)
	if status != http.StatusUnauthorized || answer["code"] != "bad_credentials" || answer["detail"] != "That passkey is not known here, or it took too long. Try again." {
		t.Errorf("a wrong one: %d %s", status, text)
	}
}

// Programs get a failure of the stores as one, whatever is done with a passkey.
func TestPasskeysFailAsJSON(t *testing.T) {
	t.Parallel()
	s := openFailing(t, nil)
	g := s.guest().byPassword()
	_, added, _ := g.json("POST", "/security/passkeys", g.create(s.keys))
	one := "/security/passkeys/" + added["id"].(string)
	for _, request := range []struct{ method, path, body string }{{"PATCH", one, `{"name":"key"}`}, {"POST", "/passkeys", ""}, {"POST", "/login", `{"email":"matt@lp.com","password":"correct horse"}`}, {"DELETE", one, ""}} {
		n := 0
		for failed := "none"; failed != ""; n++ {
			body, to := request.body, g
			switch request.path {
			case "/passkeys":
				to = s.guest()
				body = to.get(s.keys, "/passkeys/options")
			case "/login":
				to = s.guest()
			}
			s.out.begin(n + 1)
			status, answer, text := to.json(request.method, request.path, body)
			if failed = s.out.end(); failed != "" && (status != http.StatusInternalServerError || answer["code"] == nil) {
				t.Errorf("%s %s, %s fails: %d %s", request.method, request.path, failed, status, text)
			}
			if failed != "" {
				wantOneAnswer(t, request.method+" "+request.path, http.Header{"Content-Type": {"application/json"}}, text)
			}
			if failed == "" && status >= 400 {
				t.Errorf("%s %s: %d %s", request.method, request.path, status, text)
			}
		}
		if n < 2 {
			t.Errorf("%s %s has never failed", request.method, request.path)
		}
	}
}

// A form's field is the answer of the browser, whatever other fields there are.
func TestPasskeyFormWithOtherFields(t *testing.T) {
	t.Parallel()
	s, keys := openPasskeys(t, nil)
	g := s.guest().byPassword()
	g.do("POST", "/security/passkeys", "credential", g.create(keys))
	due := s.guest().byPassword()
	if at, page := due.do("POST", "/two-factor", "credential", due.get(keys, "/passkeys/options"), "rawId", "x"); at != "/profile" {
		t.Errorf("at %s\n%s", at, page)
	}
}
