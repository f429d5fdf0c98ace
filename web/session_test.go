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
