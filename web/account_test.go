package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mail"
)

// A user deletes the account and keeps it, page by page.
func TestAccounts12_DeletionPages(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	g := s.guest()
	if at, _ := g.do("GET", "/account/delete"); at != "/login?next=%2Faccount%2Fdelete" {
		t.Errorf("not signed in: %s", at)
	}
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	if _, page := g.do("GET", "/security"); !strings.Contains(page, `href="/account/delete"`) || !strings.Contains(page, `href="/account/export"`) {
		t.Errorf("the security page is\n%s", page)
	}
	g.pass(16 * time.Minute)
	for _, method := range []string{"GET", "POST"} {
		if at, _ := g.do(method, "/account/delete"); !strings.HasPrefix(at, "/verify") {
			t.Errorf("%s in a stale session: %s", method, at)
		}
	}
	if at, _ := g.do("POST", "/verify", "password", "correct horse", "next", "/account/delete"); at != "/account/delete" {
		t.Errorf("from the proof to %s", at)
	}
	on := s.acc.DeletionDate().UTC().Format("2 January 2006")
	_, page := g.do("GET", "/account/delete")
	if !strings.Contains(page, on) || !strings.Contains(page, `action="/account/delete"`) {
		t.Errorf("no %s in\n%s", on, page)
	}
	at, page := g.do("POST", "/account/delete")
	if at != "/" || !strings.Contains(page, "Your account will be deleted on "+on) {
		t.Errorf("to %s\n%s", at, page)
	}
	if at, _ := g.do("GET", "/profile"); !strings.HasPrefix(at, "/login") {
		t.Errorf("signed in at %s", at)
	}
	if l, ok := s.box.Last(mail.KindDeletion, "matt@lp.com"); !ok || l.Link != s.url+"/login" {
		t.Errorf("the letter is %+v", l)
	}

	// Whatever page is asked for leads to the choice.
	at, page = g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse", "next", "/connections")
	if at != "/account/delete?next=%2Fconnections" || !strings.Contains(page, "Keep your account?") || !strings.Contains(page, on) {
		t.Errorf("to %s\n%s", at, page)
	}
	for _, path := range []string{"/profile", "/sessions", "/account/export", "/security"} {
		if at, _ := g.do("GET", path); !strings.HasPrefix(at, "/account/delete") {
			t.Errorf("%s is %s", path, at)
		}
	}
	// To let it go on is to sign out.
	if at, page := g.do("POST", "/account/delete"); at != "/" || !strings.Contains(page, "Your account will be deleted on") {
		t.Errorf("to %s\n%s", at, page)
	}
	if at, _ := g.do("POST", "/account/undelete"); at != "/login" {
		t.Errorf("kept without a session: %s", at)
	}
	_, page = g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse", "next", "/connections")
	if !strings.Contains(page, `name="next" value="/connections"`) {
		t.Errorf("next is lost:\n%s", page)
	}
	at, page = g.do("POST", "/account/undelete", "next", "/connections")
	if at != "/connections" || !strings.Contains(page, "Your account is kept.") {
		t.Errorf("to %s\n%s", at, page)
	}
}

// The same as JSON.
func TestAccounts12_DeletionJSON(t *testing.T) {
	t.Parallel()
	now := time.Now()
	_, visit := visitorsOf(t, func(c *accounts.Config) { c.Now = func() time.Time { return now } })
	v := visit()
	want := func(what, method, path, body string, status int, parts string) {
		t.Helper()
		got, answer := v.json(method, path, body)
		wantAnswer(t, what, got, answer, status, parts)
	}
	logIn := `{"email":"matt@lp.com","password":"correct horse"}`
	want("nobody's deletion", "POST", "/account/delete", `{}`, 401, "not_signed_in")
	want("nobody's page", "GET", "/account/delete", ``, 401, "not_signed_in")
	want("nobody's export", "GET", "/account/export", ``, 401, "not_signed_in")
	want("nothing to keep", "POST", "/account/undelete", `{}`, 401, "not_signed_in")
	want("log-in", "POST", "/login", logIn, 200, `"user"`)
	want("nothing to keep", "POST", "/account/undelete", `{}`, 401, "not_signed_in")
	now = now.Add(15 * time.Minute)
	want("stale deletion", "POST", "/account/delete", `{}`, 401, "reauthentication_required")
	want("stale page", "GET", "/account/delete", ``, 401, "reauthentication_required")
	want("stale export", "GET", "/account/export", ``, 401, "reauthentication_required")
	want("proof", "POST", "/verify", `{"password":"correct horse"}`, 200, "fresh_until")
	at := `"deletion_at":"` + now.Add(14*24*time.Hour).UTC().Format(time.RFC3339Nano) + `"`
	want("deletion", "POST", "/account/delete", `{}`, 202, at)
	want("signed out", "GET", "/session", ``, 401, "not_signed_in")
	want("log-in in the grace", "POST", "/login", logIn, 200, at)
	want("the limited session", "GET", "/session", ``, 401, "not_signed_in")
	want("its page", "GET", "/account/delete", ``, 200, at)
	want("connecting", "POST", "/connect/github", `{}`, 401, "not_signed_in")
	want("connections", "GET", "/connections", ``, 401, "not_signed_in")
	want("password", "POST", "/change-password", `{"new_password":"another horse"}`, 401, "not_signed_in")
	want("kept", "POST", "/account/undelete", `{}`, 200, `"user"`)
	want("signed in", "GET", "/session", ``, 200, "matt@lp.com")
	want("deletion again", "POST", "/account/delete", `{}`, 202, "deletion_at")
	want("log-in in the grace", "POST", "/login", logIn, 200, "deletion_at")
	want("let it go on", "POST", "/account/delete", `{}`, 202, "deletion_at")
	want("signed out again", "POST", "/account/undelete", `{}`, 401, "not_signed_in")
	want("log-in in the grace", "POST", "/login", logIn, 200, "deletion_at")
	now = now.Add(14*24*time.Hour - 30*time.Minute)
	want("log-in at its end", "POST", "/login", logIn, 200, "deletion_at")
	now = now.Add(30 * time.Minute)
	want("too late", "POST", "/account/undelete", `{}`, 409, "deletion_due")
}

// Turned off, users find no way to it; accounts whose deletion was asked for can be kept.
func TestAccounts12_DeletionTurnedOff(t *testing.T) {
	t.Parallel()
	acc, visit := visitorsOf(t, func(c *accounts.Config) { c.NoDeletion = true })
	v := visit()
	v.do("POST", "/login", matt)
	for _, method := range []string{"GET", "POST"} {
		if w := v.do(method, "/account/delete", url.Values{}); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "not offered") {
			t.Errorf("%s: %d %s", method, w.Code, w.Body)
		}
	}
	if page := v.do("GET", "/security", nil).Body.String(); strings.Contains(page, "/account/delete") || !strings.Contains(page, "/account/export") {
		t.Errorf("the security page is\n%s", page)
	}
	u, err := acc.Find(t.Context(), "matt@lp.com")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := acc.ScheduleDeletion(t.Context(), u.ID); err != nil {
		t.Fatal(err)
	}
	status, answer := v.json("POST", "/login", `{"email":"matt@lp.com","password":"correct horse"}`)
	wantAnswer(t, "log-in", status, answer, 200, "deletion_at")
	status, answer = v.json("POST", "/account/undelete", `{}`)
	wantAnswer(t, "kept", status, answer, 200, `"user"`)
}

// The export is a file that no cache keeps, with the connections and without their tokens.
func TestAccounts12_ExportIsAFile(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	g := s.guest()
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	g.pretend.Approve("ana")
	g.do("POST", "/connect/google")
	status, header, body := g.raw("GET", "/account/export", nil)
	if status != 200 || header.Get("Content-Disposition") != `attachment; filename="account.json"` || header.Get("Cache-Control") != "no-store" || header.Get("Content-Type") != "application/json" {
		t.Fatalf("%d %v", status, header)
	}
	var got struct {
		User        struct{ Email string }
		Connections []map[string]any
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || got.User.Email != "matt@lp.com" || len(got.Connections) != 1 {
		t.Fatalf("%v\n%s", err, body)
	}
	if c := got.Connections[0]; c["provider_id"] != "google" || c["email"] == "" || c["scopes"] == nil {
		t.Errorf("the connection is %v", c)
	}
	list, err := s.soc.Vault().Connections(t.Context(), userOf(t, s.soc), "")
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	token, err := s.soc.Vault().Token(t.Context(), list[0])
	if err != nil {
		t.Fatal(err)
	}
	_, sealed, err := s.soc.Vault().Store().Token(t.Context(), list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	for what, secret := range map[string]string{"access token": token.Access.Reveal(), "ID token": token.ID.Reveal(), "sealed token": string(sealed)} {
		if secret == "" || strings.Contains(body, secret) {
			t.Errorf("it has the %s, or there is none", what)
		}
	}
	// In a browser, a stale session is led to the proof and back to the file.
	g.pass(16 * time.Minute)
	if at, _ := g.do("GET", "/account/export"); at != "/verify?next=%2Faccount%2Fexport" {
		t.Errorf("stale: %s", at)
	}
	if at, page := g.do("POST", "/verify", "password", "correct horse", "next", "/account/export"); at != "/account/export" || !strings.Contains(page, `"connections"`) {
		t.Errorf("to %s\n%s", at, page)
	}
}
