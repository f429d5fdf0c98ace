package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
)

// has checks that a page has parts, and lacks those that begin with "!".
func has(t *testing.T, what, page string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		lacks, not := strings.CutPrefix(part, "!")
		if strings.Contains(page, lacks) == not {
			t.Errorf("%s: %q in\n%s", what, part, page)
		}
	}
}

// The page of a new token says whose it is, what it is called, and until when it is good.
func TestAccounts10_NewTokenPage(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	g := s.guest().byPassword()
	_, page := g.do("GET", "/security/tokens")
	has(t, "the list", page, `<main id="main">`, "read your notes", "matt@lp.com")
	status, h, page := g.raw("POST", "/security/tokens", url.Values{"name": {"deploy"}, "scopes": {"read"}, "expires_in": {"604800"}})
	expires := time.Now().Add(7 * 24 * time.Hour).UTC()
	if status != http.StatusOK || !strings.HasPrefix(h.Get("Content-Type"), "text/html") {
		t.Errorf("%d %v", status, h)
	}
	has(t, "the token", page, `<main id="main" class="narrow">`, "matt@lp.com", "deploy", expires.Format("2006"), `<a class="button primary wide" href="/security/tokens">`)
	_, page = g.do("GET", "/security/tokens")
	action := tokenAction.FindStringSubmatch(page)[1]
	_, page = g.do("POST", action, "_method", "DELETE")
	wantFlash(t, page, "success", "token_ended")
	_, page = g.do("POST", action, "_method", "DELETE")
	wantFlash(t, page, "error", "no_token")
}

// A token that was used says when.
func TestAccounts10_LastUse(t *testing.T) {
	t.Parallel()
	_, visitor, v := signedInOf(t, withTokens)
	token := v.made(t, `{"name":"deploy"}`)
	before := time.Now().Add(-time.Minute)
	if status, _ := visitor().asks("Bearer "+fmt.Sprint(token["token"]), "GET", "/session", nil); status != http.StatusOK {
		t.Fatal(status)
	}
	var list []struct {
		LastUsedAt time.Time `json:"last_used_at"`
		CreatedAt  time.Time `json:"created_at"`
	}
	for ends := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) { // it is written after the answer
		if err := json.Unmarshal(v.doJSON("GET", "/security/tokens", "").Body.Bytes(), &list); err != nil || len(list) != 1 {
			t.Fatalf("%v %v", list, err)
		}
		if !list[0].LastUsedAt.IsZero() {
			break
		}
		if time.Now().After(ends) {
			t.Fatal("the use is not written")
		}
	}
	if list[0].LastUsedAt.Before(before) || list[0].CreatedAt.Before(before) {
		t.Errorf("%+v", list)
	}
	if page := v.do("GET", "/security/tokens", nil).Body.String(); strings.Contains(page, "Never used") {
		t.Errorf("the page:\n%s", page)
	}
}

// A user who has to have a second factor from now on gets no token without one.
func TestAccounts10_TokenNeedsARequiredFactor(t *testing.T) {
	t.Parallel()
	acc, _, v := signedInOf(t, func(c *accounts.Config) { withTokens(c); c.TwoFactorRoles = []string{"admin"} })
	if err := acc.CreateRole(t.Context(), accounts.Role{Name: "admin"}); err != nil {
		t.Fatal(err)
	}
	if err := acc.Grant(t.Context(), userIDOf(t, acc), "admin"); err != nil {
		t.Fatal(err)
	}
	status, answer := v.json("POST", "/security/tokens", `{"name":"deploy"}`)
	wantAnswer(t, "as JSON", status, answer, http.StatusForbidden, `"code":"two_factor_required"`)
	if w := v.do("POST", "/security/tokens", url.Values{"name": {"deploy"}}); w.Header().Get("Location") != "/security/tokens" {
		t.Errorf("%d to %q", w.Code, w.Header().Get("Location"))
	}
	wantFlash(t, v.do("GET", "/security/tokens", nil).Body.String(), "error", "two_factor_required")
}

// A session that ends during a request leads to the log-in, and back to the page.
func TestSessionEndsDuringARequest(t *testing.T) {
	t.Parallel()
	s := openFailing(t, nil)
	u, err := s.acc.Find(t.Context(), "matt@lp.com")
	if err != nil {
		t.Fatal(err)
	}
	for name, end := range map[string]func(){
		"ended": func() {
			if _, err := s.acc.EndSessions(t.Context(), identity.SessionFilter{UserID: u.ID}); err != nil {
				t.Error(err)
			}
		},
	} {
		for path, back := range map[string]string{
			"/security/tokens": "/security/tokens", "/security/totp": "/security", "/security/recovery-codes": "/security",
		} {
			g := s.guest().byPassword()
			s.out.interrupt(end)
			status, h, page := g.raw("POST", path, url.Values{"name": {"deploy"}})
			if want := "/login?next=" + url.QueryEscape(back); status != http.StatusSeeOther || h.Get("Location") != want {
				t.Errorf("%s, %s: %d to %q, want %q\n%s", name, path, status, h.Get("Location"), want, page)
			}
			g.byPassword()
			s.out.interrupt(end)
			if status, _, body := g.asJSON("POST", path, "name", "deploy"); status != http.StatusUnauthorized || !strings.Contains(body, `"code":"not_signed_in"`) {
				t.Errorf("%s, %s as JSON: %d %s", name, path, status, body)
			}
		}
	}
}
