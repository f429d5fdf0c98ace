package web_test

import (
	"encoding/json"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/text"
)

// Programs learn who is signed in, how, and until when the proof is a fresh one.
func TestSessionAsJSON(t *testing.T) {
	t.Parallel()
	acc, visit := visitors(t)
	u, err := acc.Find(t.Context(), "matt@lp.com")
	if err != nil {
		t.Fatal(err)
	}
	v := visit()
	status, answer := v.json("POST", "/login", `{"email":"matt@lp.com","password":"correct horse"}`)
	user := map[string]any{}
	if err := json.Unmarshal(mustJSON(t, u.Public()), &user); err != nil || len(user) == 0 {
		t.Fatal(err)
	}
	same := func(what string, got any) {
		t.Helper()
		one, _ := got.(map[string]any)
		for name, want := range user {
			if !strings.HasSuffix(name, "_at") && name != "login_count" && !reflect.DeepEqual(one[name], want) {
				t.Errorf("%s: %s is %v, want %v", what, name, one[name], want)
			}
		}
	}
	if status != 200 {
		t.Errorf("%d %v", status, answer)
	}
	same("the log-in", answer["user"])
	before := time.Now()
	status, answer = v.json("GET", "/session", "")
	fresh, err := time.Parse(time.RFC3339, answer["fresh_until"].(string))
	if status != 200 || answer["via"] != "password" || answer["language"] != "en" || answer["two_factor"] != false || len(answer) != 5 ||
		err != nil || fresh.Before(before) || fresh.After(before.Add(time.Hour)) || !strings.HasSuffix(answer["fresh_until"].(string), "Z") {
		t.Errorf("%d %v, %v", status, answer, err)
	}
	same("/session", answer["user"])
	if status, answer := v.json("POST", "/logout", ""); status != 204 || answer != nil {
		t.Errorf("%d %v", status, answer)
	}
	if status, answer := v.json("GET", "/session", ""); status != 401 || answer["code"] != "not_signed_in" {
		t.Errorf("%d %v", status, answer)
	}
}

// What the list of sessions says of each to programs.
func TestSessionsAsJSON(t *testing.T) {
	t.Parallel()
	acc, visit := visitors(t)
	v := visit()
	v.do("POST", "/login", url.Values{"email": matt["email"], "password": matt["password"], "remember": {"y"}}, "User-Agent", firefox)
	u, err := acc.Find(t.Context(), "matt@lp.com")
	if err != nil {
		t.Fatal(err)
	}
	list, err := acc.Sessions(t.Context(), u.ID)
	if err != nil || len(list) != 1 {
		t.Fatal(len(list), err)
	}
	s := list[0]
	at := func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
	want := map[string]any{
		"id": s.ID(), "current": true, "device": "Firefox on Linux", "address": "192.0.2.1", "via": "password",
		"created_at": at(s.CreatedAt), "last_seen_at": at(s.LastSeenAt), "expires_at": at(s.ExpiresAt), "trusted": false,
	}
	var got []map[string]any
	w := v.do("GET", "/sessions", nil, "Accept", "application/json")
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("%v: %v\nwant %v", err, got, want)
	}
	l := catalog(t, text.Options{}).Default()
	words := func(key string, args map[string]string) string {
		said, ok := l.Text(key, args)
		if !ok {
			t.Errorf("no text %s", key)
		}
		return said
	}
	page := v.do("GET", "/sessions", nil).Body.String()
	for _, want := range []string{
		"matt@lp.com</span>", `<div class="name">Firefox on Linux`, "This browser", `action="/sessions/` + s.ID() + `"`,
		words("sessions.signed_in.from", map[string]string{"via": "your password", "time": l.Time(s.CreatedAt.UTC()), "address": "192.0.2.1"}),
		words("sessions.last_used", map[string]string{"time": l.Time(s.LastSeenAt.UTC())}),
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q:\n%s", want, page)
		}
	}

	// This one is the first on the page, and the others follow in their order.
	for _, agent := range []string{edge, chrome, safari} {
		visit().do("POST", "/login", matt, "User-Agent", agent)
	}
	for _, first := range []*visitor{v, visit()} {
		first.do("POST", "/login", matt, "User-Agent", "Wget/1")
		w := first.do("GET", "/sessions", nil, "Accept", "application/json")
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		var order []string
		for _, s := range got {
			if s["current"] == true {
				order = append([]string{s["id"].(string)}, order...)
			} else {
				order = append(order, s["id"].(string))
			}
		}
		var shown []string
		for _, m := range regexp.MustCompile(`action="/sessions/([^"]+)"`).FindAllStringSubmatch(first.do("GET", "/sessions", nil).Body.String(), -1) {
			shown = append(shown, m[1])
		}
		if !slices.Equal(shown, order) || len(order) < 4 {
			t.Errorf("the page has %q, want %q", shown, order)
		}
	}
}

// How one signed in is said in words.
func TestSessionsSayHow(t *testing.T) {
	t.Parallel()
	s, keys := openPasskeys(t, func(c *accounts.Config) { c.MagicLink = true })
	g := s.guest().byPassword()
	g.do("POST", "/security/passkeys", "credential", g.create(keys))
	s.pretend.Approve("ana")
	g.do("POST", "/connect/google")
	by := s.guest()
	by.do("POST", "/passkeys", "credential", by.get(keys, "/passkeys/options?for=login"))
	through := s.guest()
	through.do("POST", "/login/google")
	through.do("POST", "/two-factor", "credential", through.get(keys, "/passkeys/options"))
	mailed := s.guest()
	mailed.do("POST", "/magic-link", "email", "matt@lp.com")
	mailed.do("POST", s.mailed(mail.KindMagicLink, "matt@lp.com"))
	mailed.do("POST", "/two-factor", "credential", mailed.get(keys, "/passkeys/options"))
	_, page := g.do("GET", "/sessions")
	for _, want := range []string{"your password", "a passkey", "a mailed link", "Google"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q:\n%s", want, page)
		}
	}
}

// A log-out goes on at the provider through which the user signed in, which learns of no
// address here.
func TestLogOutGoesOnAtTheProvider(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	s.pretend.Approve("ana")
	for _, provider := range []string{"acme", "google"} {
		g := s.guest()
		g.do("POST", "/login/"+provider)
		g.do("POST", "/register/"+provider, "email", provider+"@example.com", "password", "", "password_confirm", "")
		status, h, _ := g.raw("POST", "/logout", nil)
		there := s.pretend.Provider(provider).Endpoints().EndSession + "?"
		if to := h.Get("Location"); status != 303 || strings.HasPrefix(to, there) != (provider == "acme") || provider == "google" && to != "/" {
			t.Errorf("%s: %d to %q, not %q", provider, status, to, there)
		}
		if policy := h.Get("Referrer-Policy"); (policy == "no-referrer") != (provider == "acme") {
			t.Errorf("%s: Referrer-Policy %q", provider, policy)
		}
		if _, page := g.do("GET", "/"); !strings.Contains(page, "You are signed out.") {
			t.Errorf("%s: it is not said:\n%s", provider, page)
		}
	}
}

// Browsers are signed out, and trusted no more, from the lists of them.
func TestSessionsAndTrustEnd(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	owner := s.guest()
	_, recovery := owner.enrol()
	trusting := s.guest().byPassword()
	trusting.do("POST", "/two-factor", "recovery_code", recovery[0], "trust", "y")
	trusting.do("POST", "/logout")
	trusting.byPassword() // without a second step, by the trust
	list := func() (trusted int, ids []string) {
		t.Helper()
		status, _, body := owner.raw("GET", "/sessions", nil, "Accept", "application/json")
		var all []struct {
			ID               string
			Current, Trusted bool
		}
		if err := json.Unmarshal([]byte(body), &all); err != nil || status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		for _, one := range all {
			if one.Trusted {
				trusted++
			}
			if one.Trusted && one.Current {
				t.Error("the owner's browser is trusted")
			}
			ids = append(ids, one.ID)
		}
		return trusted, ids
	}
	if trusted, ids := list(); trusted != 1 || len(ids) != 2 {
		t.Errorf("%d of %d are trusted", trusted, len(ids))
	}
	leaving := s.guest().byPassword()
	leaving.do("POST", "/two-factor", "recovery_code", recovery[2])
	_, _, body := leaving.raw("GET", "/sessions", nil, "Accept", "application/json")
	var mine []struct {
		ID      string
		Current bool
	}
	if err := json.Unmarshal([]byte(body), &mine); err != nil {
		t.Fatal(err)
	}
	for _, one := range mine {
		if one.Current {
			at, page := owner.do("POST", "/sessions/"+one.ID, "_method", "DELETE")
			says(t, "one ends", at, page, "/sessions", `flash-success" data-code="session_ended"`)
		}
	}
	_, page := owner.do("GET", "/security")
	device := sessionAction.FindStringSubmatch(page)[1]
	at, page := owner.do("POST", device, "_method", "DELETE")
	says(t, "trust ends", at, page, "/security", `flash-success" data-code="trust_ended"`)
	if trusted, ids := list(); trusted != 0 || len(ids) == 0 {
		t.Errorf("%d of %d are trusted", trusted, len(ids))
	}
	s.guest().byPassword()
	other := s.guest().byPassword()
	other.do("POST", "/two-factor", "recovery_code", recovery[1])
	at, page = owner.do("POST", "/sessions", "_method", "DELETE")
	says(t, "the others end", at, page, "/sessions", `flash-success" data-code="sessions_ended"`)
	if _, ids := list(); len(ids) != 1 {
		t.Errorf("%d sessions", len(ids))
	}
}
