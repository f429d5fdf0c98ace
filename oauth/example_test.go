package oauth_test

import (
	"context"
	"fmt"
	"log"
	"net/url"

	"github.com/gosocial/social/oauth"
)

// A provider is data: endpoints, scopes, and paths into its user-info answer.
func ExampleOAuth2() {
	acme := &oauth.OAuth2{
		ID: "acme", Name: "Acme",
		Credentials: []oauth.Credentials{{ClientID: "client-id", ClientSecret: "client-secret"}},
		Endpoints: oauth.Endpoints{
			Authorize: "https://acme.test/oauth/authorize",
			Token:     "https://acme.test/oauth/token",
			UserInfo:  "https://api.acme.test/me",
		},
		Scopes: []string{"profile"},
		Profile: oauth.Mapping{
			Subject:    "data.id",
			FullName:   "data.first_name data.last_name",
			ProfileURL: "https://acme.test/people/{data.login}",
		},
	}
	client, err := acme.Open(oauth.Env{})
	if err != nil {
		log.Fatal(err)
	}

	// Send the browser to pending.URL, and keep pending until it comes back.
	pending, err := client.Begin(context.Background(), oauth.Request{
		RedirectURI: "https://app.test/callback/acme",
		State:       "a-fresh-random-state-of-128-bits",
	})
	if err != nil {
		log.Fatal(err)
	}
	u, _ := url.Parse(pending.URL)
	fmt.Println(u.Host, u.Query().Get("scope"), u.Query().Get("code_challenge_method"))
	// Then client.Complete checks the callback and says who the user is.

	// Output: acme.test profile S256
}
