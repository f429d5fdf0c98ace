package integration_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	accountstore "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/vault/memstore"
	"github.com/gosocial/social/web"
)

// A front end at a trusted origin signs its user in, connects an account and reads
// answers, as a browser lets it. The same page at another origin cannot.
func TestFrontEndAtAnotherOrigin(t *testing.T) {
	const secret = "a sentence is fine"
	p := &person{t, startChromium(t), ""}
	var pages http.Handler
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { pages.ServeHTTP(w, r) }))
	t.Cleanup(site.Close)
	p.site = site.URL
	front := func() string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, `<!doctype html><title>Front</title><main id="front">Front end</main>`)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	trusted, other := front(), front()

	hub := socialtest.Start(t).Provider("hub")
	entry := providers.OAuth2("hub", "Hub", hub.Endpoints(), hub.Register(socialtest.App{RedirectURIs: []string{p.site + "/callback/hub"}}))
	entry.Profile = oauth.Mapping{Subject: "id", DisplayName: "login"}
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	acc, err := accounts.New(accounts.Config{Store: accountstore.New(), AppURL: p.site})
	if err != nil {
		t.Fatal(err)
	}
	soc, err := social.New(social.Config{
		AppURL: p.site, Providers: []oauth.Provider{entry}, Connections: memstore.New(), Users: acc, Keys: keys, SignUp: social.Refuse,
		TrustedOrigins: []string{trusted}, AllowPrivateAddresses: true, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := web.New(soc, acc)
	if err != nil {
		t.Fatal(err)
	}
	pages = acc.Middleware(handler)
	if _, err := acc.Create(context.Background(), accounts.NewUser{Email: "matt@lp.com", Password: secret}); err != nil {
		t.Fatal(err)
	}

	// asks sends a request from the page, as a script would.
	asks := func(method, path, fields string) string {
		t.Helper()
		body := ""
		if fields != "" {
			body = `, body: new URLSearchParams("` + fields + `")`
		}
		return result(p, method+" "+path, chromedp.Evaluate[string](`fetch("`+p.site+path+`", {method: "`+method+`", credentials: "include", headers: {Accept: "application/json"}`+body+`})
			.then(async a => a.status + " " + await a.text(), e => "blocked")`, chromedp.EvalAwaitPromise))
	}
	begins := func(answer, want string) {
		t.Helper()
		if !strings.HasPrefix(answer, want) {
			t.Fatalf("%s, want %s", answer, want)
		}
	}
	visit := func(origin string) {
		t.Helper()
		p.do("opening "+origin, chromedp.Navigate(origin), chromedp.WaitVisible(chromedp.CSS("#front")))
	}

	visit(trusted)
	begins(asks("GET", "/session", ""), "401 ")
	begins(asks("POST", "/login", "email=matt@lp.com&password=wrong"), `401 {"type":"about:blank"`)
	begins(asks("POST", "/login", "email=matt@lp.com&password="+secret), `200 {"user"`)
	begins(asks("GET", "/session", ""), `200 {"fresh_until"`)
	begins(asks("DELETE", "/connect/hub", ""), "404 ") // after a preflight
	answer := asks("POST", "/connect/hub", "failure=query&next="+trusted+"/done?a=b")
	begins(answer, `200 {"authorize_url":"`)
	var begun struct {
		URL string `json:"authorize_url"`
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(answer, "200 ")), &begun); err != nil {
		t.Fatal(err)
	}
	result(p, "going to the provider", chromedp.Evaluate[bool](fmt.Sprintf("location.assign(%q) || true", begun.URL)))
	p.do("allowing", chromedp.Click(chromedp.CSS(`input[name="account"]`)), chromedp.Click(chromedp.CSS(`button[value="allow"]`)), chromedp.WaitVisible(chromedp.CSS("#front")))
	if at := result(p, "location", chromedp.Location()); strings.TrimSuffix(at, "#") != trusted+"/done?a=b" {
		t.Fatalf("the flow ends at %s", at)
	}
	begins(asks("GET", "/connections", ""), `200 [{"id"`)

	visit(other)
	for _, request := range [][2]string{{"GET", "/session"}, {"GET", "/connections"}, {"POST", "/logout"}, {"DELETE", "/connect/hub"}} {
		begins(asks(request[0], request[1], ""), "blocked")
	}
	visit(trusted)
	begins(asks("GET", "/connections", ""), `200 [{"id"`) // nothing ended, nothing went
	begins(asks("POST", "/logout", ""), "204 ")
	begins(asks("GET", "/session", ""), "401 ")
}
