package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/examples/internal/site"
	"github.com/gosocial/social/examples/internal/sitetest"
	"github.com/gosocial/social/examples/thirdparty/doorbell"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

func TestSite(t *testing.T) {
	t.Parallel()
	for name, post := range map[string]bool{"redirected": false, "posted": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var soc *social.Social
			v := sitetest.Start(t, filepath.Join(t.TempDir(), "thirdparty.db"), func(ctx context.Context, s site.Site) (*site.App, error) {
				app, opened, err := openWith(ctx, s, post)
				soc = opened
				return app, err
			})
			v.Approve("ana")
			ana := v.Browser(t)
			ana.Post("/login/google", "/profile", "Doorbell")
			ring(t, ana, soc, "/connect/doorbell", "", "/profile")
			ana.Connected("doorbell", "google")

			second := v.Browser(t)
			ring(t, second, soc, "/login/doorbell", "", "/profile")
			second.Connected("doorbell", "google")

			third := v.Browser(t)
			ring(t, third, soc, "/login/doorbell", "&user=none", "/login")
			third.Get("/session", http.StatusUnauthorized, "")

			check(t, ana, soc)
			ana.Post("/connect/doorbell?_method=DELETE", "/profile", "Doorbell")
			ana.Connected("google")
		})
	}
}

// ring goes to Doorbell from a page and comes back.
func ring(t *testing.T, b *sitetest.Browser, soc *social.Social, from, more, end string) {
	t.Helper()
	started := struct {
		URL string `json:"authorize_url"`
	}{}
	b.JSON("POST", from, &started)
	answer, err := b.Client.Get(started.URL + more)
	if err != nil {
		t.Fatal(err)
	}
	page, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	if form := hidden(string(page)); len(form) > 0 {
		// The provider's page is on another site: no cookie goes with what it posts.
		alone := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		posted, err := alone.PostForm(soc.Config().AppURL+"/callback/doorbell", form)
		if err != nil {
			t.Fatal(err)
		}
		posted.Body.Close()
		to, err := posted.Location()
		if err != nil {
			t.Fatalf("posted: %s", posted.Status)
		}
		b.Client.Jar.SetCookies(to, posted.Cookies())
		if answer, err = b.Client.Get(to.String()); err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	if at := answer.Request.URL.Path; at != end || answer.StatusCode != http.StatusOK {
		t.Fatalf("back at %s with %s, want %s", at, answer.Status, end)
	}
}

var input = regexp.MustCompile(`name="([a-z]+)" value="([^"]*)"`)

func hidden(page string) url.Values {
	if !strings.Contains(page, "<title>Doorbell") {
		return nil
	}
	form := url.Values{}
	for _, m := range input.FindAllStringSubmatch(page, -1) {
		form.Set(m[1], strings.NewReplacer("&#43;", "+", "&amp;", "&").Replace(m[2]))
	}
	return form
}

// check uses a connection that has no token.
func check(t *testing.T, b *sitetest.Browser, soc *social.Social) {
	t.Helper()
	var list []struct{ ID string }
	b.JSON("GET", "/connections", &list)
	v := soc.Vault()
	c, err := v.Connection(t.Context(), list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := v.Check(t.Context(), c); err != nil || p.Subject != "1001" || p.DisplayName != "Bell" {
		t.Errorf("check: %+v, %v", p, err)
	}
	b.JSON("POST", "/connections/"+c.ID+"/check", &struct{}{})
	if _, err := v.Client(c).Get("https://doorbell.example/api"); !errors.Is(err, oauth.ErrNoToken) {
		t.Errorf("an API call: %v", err)
	}
	if _, err := v.Token(t.Context(), c); !errors.Is(err, oauth.ErrNoToken) {
		t.Errorf("a token: %v", err)
	}
	if _, err := v.Refresh(t.Context(), c); !errors.Is(err, vault.ErrNotRefreshable) {
		t.Errorf("a refresh: %v", err)
	}
	if c, err = v.Connection(t.Context(), c.ID); err != nil || c.Status != vault.Active {
		t.Errorf("the connection is %s, %v", c.Status, err)
	}
}

// An answer that was changed, or is another's, is refused.
func TestAnswersAreVerified(t *testing.T) {
	t.Parallel()
	p := &doorbell.Provider{App: "app", Secret: "s", Address: "https://doorbell.example/login"}
	now := time.Unix(1_800_000_000, 0)
	c, err := p.Open(oauth.Env{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	pending, err := c.Begin(t.Context(), oauth.Request{RedirectURI: "https://app.example/callback", State: "a-state"})
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		change func(url.Values)
		signed bool // after the change
		good   bool
	}{
		"honest":        {func(url.Values) {}, true, true},
		"changed":       {func(v url.Values) { v.Set("id", "1002") }, false, false},
		"not signed":    {func(v url.Values) { v.Del("signature") }, false, false},
		"other state":   {func(v url.Values) { v.Set("state", "b-state") }, true, false},
		"no state":      {func(v url.Values) { v.Del("state") }, true, false},
		"old":           {func(v url.Values) { v.Set("time", "1799999000") }, true, false},
		"of the future": {func(v url.Values) { v.Set("time", "1800001000") }, true, false},
		"no time":       {func(v url.Values) { v.Del("time") }, true, false},
		"twice":         {func(v url.Values) { v.Add("name", "x") }, true, false},
		"no user":       {func(v url.Values) { v.Del("id") }, true, false},
	} {
		answer := url.Values{"id": {"1001"}, "name": {"Bell"}, "time": {"1800000000"}, "state": {"a-state"}}
		answer.Set("signature", doorbell.Sign("s", answer))
		if tc.change(answer); tc.signed {
			answer.Set("signature", doorbell.Sign("s", answer))
		}
		if g, err := c.Complete(t.Context(), pending, answer); (err == nil) != tc.good {
			t.Errorf("%s: %+v, %v", name, g, err)
		}
	}
}
