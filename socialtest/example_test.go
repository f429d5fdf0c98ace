package socialtest_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/gosocial/social/socialtest"
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
			RedirectURIs: []string{"http://127.0.0.1:8080/login/" + p.ID() + "/callback"},
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
