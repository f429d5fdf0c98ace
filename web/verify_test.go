package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/web"
)

// pass lets time pass for the accounts.
func (s *liveSite) pass(d time.Duration) { s.later.Add(int64(d)) }

// remove posts the form of the page that disconnects, as a browser does, and returns where
// that ends.
func (g *guest) remove(c vault.Connection, page string) (at string) {
	g.t.Helper()
	form := url.Values{"_method": {"DELETE"}, "next": {"/connections"}}
	r, err := http.NewRequestWithContext(g.t.Context(), "POST", g.url+"/connect/"+c.ProviderID+"/"+url.PathEscape(c.ProviderUserID), strings.NewReader(form.Encode()))
	if err != nil {
		g.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Referer", g.url+page)
	resp, err := g.Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.Request.URL.RequestURI()
}

// What wants a recent proof leads to the page that asks for it, and from there back, by
// password and by the account at a provider.
func TestAccounts6_VerifyLeadsThereAndBack(t *testing.T) {
	t.Parallel()
	for _, by := range []string{"password", "google", "acme"} {
		g := openLive(t).guest()
		g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
		provider, other := "google", "acme"
		if by == "acme" {
			provider, other = other, provider
		}
		g.pretend.Approve("ana")
		g.do("POST", "/connect/"+provider)
		list, err := g.soc.Vault().Connections(t.Context(), userOf(t, g.soc), provider)
		if err != nil || len(list) != 1 {
			t.Fatal(len(list), err)
		}
		c := list[0]
		ask := "/connections/" + c.ID + "/remove"
		verify := "/verify?next=" + url.QueryEscape(ask)
		g.pass(16 * time.Minute)
		if at := g.remove(c, ask); at != verify || g.connections() != 1 {
			t.Errorf("the removal ends at %s, with %d connections", at, g.connections())
		}
		_, page := g.do("GET", verify)
		for _, text := range []string{`action="/verify"`, `autocomplete="current-password"`, `action="/verify/` + provider + `"`, `name="next" value="` + ask + `"`, "matt@lp.com"} {
			if !strings.Contains(page, text) {
				t.Errorf("the page has no %q:\n%s", text, page)
			}
		}
		if strings.Contains(page, "/verify/"+other) {
			t.Errorf("a provider that is not connected is on the page:\n%s", page)
		}
		at := ""
		if by == "password" {
			at, page = g.do("POST", "/verify", "password", "wrong", "next", ask)
			if at != "/verify" || !strings.Contains(page, "Invalid password") || !strings.Contains(page, `name="next" value="`+ask+`"`) {
				t.Errorf("a wrong password ends at %s:\n%s", at, page)
			}
			at, _ = g.do("POST", "/verify", "password", "correct horse", "next", ask)
		} else {
			g.pretend.Approve("jun")
			if at, page := g.do("POST", "/verify/"+by, "next", ask); at != verify || !strings.Contains(page, "That is a different") {
				t.Errorf("another account at %s ends at %s:\n%s", by, at, page)
			}
			g.pretend.Approve("ana")
			at, _ = g.do("POST", "/verify/"+by, "next", ask)
		}
		if at != ask {
			t.Errorf("by %s: the proof ends at %s", by, at)
		}
		if at := g.remove(c, ask); at != "/connections" || g.connections() != 0 {
			t.Errorf("by %s: after the proof the removal ends at %s, with %d connections", by, at, g.connections())
		}
	}
}

// Connecting an account leads to the proof and back, from the button, and also when the
// proof becomes too old at the provider or on the page that asks.
func TestAccounts6_ConnectingLeadsToVerifyAndBack(t *testing.T) {
	t.Parallel()
	g := openLive(t).guest()
	g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	g.pretend.Approve("ana")
	g.pass(16 * time.Minute)
	if at, page := g.do("POST", "/connect/google", "next", "/connections"); at != "/verify?next=%2Fconnections" || !strings.Contains(page, `autocomplete="current-password"`) || g.connections() != 0 {
		t.Errorf("with an old proof it ends at %s, with %d connections", at, g.connections())
	}
	if at, _ := g.do("POST", "/verify", "password", "correct horse", "next", "/connections"); at != "/connections" {
		t.Errorf("the proof ends at %s", at)
	}
	if at, _ := g.do("POST", "/connect/google", "next", "/connections"); at != "/connections" || g.connections() != 1 {
		t.Errorf("after the proof it ends at %s, with %d connections", at, g.connections())
	}
}

func TestVerifyAsJSON(t *testing.T) {
	t.Parallel()
	_, visit := visitors(t)
	v := visit()
	asJSON := []string{"Accept", "application/json"}
	if w := v.do("POST", "/verify", url.Values{"password": {"correct horse"}}, asJSON...); w.Code != 401 || !strings.Contains(w.Body.String(), `"code":"not_signed_in"`) {
		t.Errorf("a visitor: %d %s", w.Code, w.Body)
	}
	v.do("POST", "/login", matt)
	for password, want := range map[string]struct {
		status int
		says   string
	}{
		"":              {422, `"field":"password","code":"password_missing"`},
		"wrong":         {401, `"code":"bad_credentials"`},
		"correct horse": {200, `{"fresh_until":"2`},
	} {
		w := v.do("POST", "/verify", url.Values{"password": {password}}, asJSON...)
		if w.Code != want.status || !strings.Contains(w.Body.String(), want.says) {
			t.Errorf("%q: %d %s", password, w.Code, w.Body)
		}
	}
	if w := v.do("POST", "/verify", url.Values{"password": {"correct horse"}}, "Origin", "https://evil.example"); w.Code != 403 {
		t.Errorf("of another site: %d", w.Code)
	}
	if w := v.do("POST", "/verify", url.Values{"password": {"correct horse"}, "next": {"https://evil.example"}}); w.Header().Get("Location") != "/profile" {
		t.Errorf("to %s", w.Header().Get("Location"))
	}
	for range 10 {
		v.do("POST", "/verify", url.Values{"password": {"wrong"}}, asJSON...)
	}
	if w := v.do("POST", "/verify", url.Values{"password": {"correct horse"}}, asJSON...); w.Code != 429 || w.Header().Get("Retry-After") == "" {
		t.Errorf("too many: %d %s", w.Code, w.Body)
	}
}

// A user without a password and connections is shown what to do.
func TestVerifyWithoutAnyWay(t *testing.T) {
	t.Parallel()
	soc, acc := open()
	pages, err := web.New(soc, acc)
	if err != nil {
		t.Fatal(err)
	}
	u, err := acc.Create(t.Context(), accounts.NewUser{Email: "ana@lp.com"})
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{acc.Middleware(signInAs(acc, pages)), map[string]string{}}
	v.do("POST", "/sign-in-as/"+u.ID, nil)
	page := v.do("GET", "/verify", nil).Body.String()
	if !strings.Contains(page, "sign out and sign in again") || strings.Contains(page, `name="password"`) || strings.Contains(page, `action="/verify`) {
		t.Errorf("the page:\n%s", page)
	}
}
