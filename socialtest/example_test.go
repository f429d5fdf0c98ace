package socialtest_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	accountstore "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/vault/memstore"
)

// The demo serves the pretend providers on a port of their own.
func ExampleNew() {
	srv, err := socialtest.New(socialtest.Config{URL: "http://127.0.0.1:9000"})
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	for _, p := range srv.Providers() {
		creds := p.Register(socialtest.App{
			Name:         "Demo",
			RedirectURIs: []string{"http://127.0.0.1:8080/callback/" + p.ID()},
		})
		_ = creds // goes into the application's configuration, with p.Endpoints()
		fmt.Println(p.ID(), p.Protocol())
	}
	// http.ListenAndServe("127.0.0.1:9000", srv)

	// Output:
	// facebook oauth2
	// twitter oauth1
	// foursquare oauth2
	// google oidc
	// acme oidc
	// hub oauth2
}

// An application's own test logs in through the pretend Google.
func ExampleStart() {
	var t tb // the test's *testing.T
	srv := socialtest.Start(t)
	defer srv.Close() // a *testing.T does that itself

	app := httptest.NewUnstartedServer(nil)
	defer app.Close()
	url := "http://" + app.Listener.Addr().String()

	pretend := srv.Provider("google")
	google := providers.Google(pretend.Register(socialtest.App{RedirectURIs: []string{url + "/callback/google"}}))
	google.Issuer, google.Endpoints = pretend.Issuer(), pretend.Endpoints()
	app.Config.Handler = newApplication(url, google)
	app.Start()

	pretend.Approve("ana") // says yes without a page
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar}
	resp, err := browser.Post(url+"/login/google", "", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	page, _ := io.ReadAll(resp.Body)
	fmt.Printf("%s: %s", resp.Request.URL.Path, page)
	// Output: /profile: Hello ana@example.com
}

type tb struct{}

func (tb) Helper()                           {}
func (tb) Cleanup(func())                    {}
func (tb) Fatalf(format string, args ...any) { log.Fatalf(format, args...) }

// newApplication is the application under test.
func newApplication(url string, list ...oauth.Provider) http.Handler {
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		log.Fatal(err)
	}
	acc, err := accounts.New(accounts.Config{Store: accountstore.New(), AppURL: url})
	if err != nil {
		log.Fatal(err)
	}
	soc, err := social.New(social.Config{
		AppURL: url, Providers: list, Connections: memstore.New(), Users: acc, Keys: keys,
		SignUp:                social.Auto,
		AllowPrivateAddresses: true, // the pretend providers are on this machine
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", soc.Handler())
	mux.Handle("GET /profile", acc.RequireLogin(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "Hello %s", accounts.Current(r.Context()).Email)
	})))
	return acc.Middleware(mux)
}

// A test plays the person at the consent page.
func ExampleConsent() {
	var client http.Client // with the cookie jar of the application's browser
	authorizeURL := "…"    // where the application sent the browser

	resp, err := socialtest.Consent(context.Background(), &client, authorizeURL, "ana", true)
	if err != nil {
		return
	}
	defer resp.Body.Close() // the application's answer to the callback
}
