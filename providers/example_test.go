package providers_test

import (
	"fmt"
	"log"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// A provider is a value: change its fields before it is opened.
func Example() {
	google := providers.Google(oauth.Credentials{ClientID: "id", ClientSecret: "secret"})
	google.Scopes = append(google.Scopes, "https://www.googleapis.com/auth/calendar.readonly")
	google.AuthParams.Set("prompt", "consent") // a refresh token each time

	twitter := providers.Twitter(oauth.Credentials{ClientID: "key", ClientSecret: "secret"})
	twitter.Endpoints.API = "https://proxy.example.com/1.1" // may get the token from now on

	all := []oauth.Provider{google, twitter} // for social.Config or vault.Config
	for _, p := range all {
		fmt.Println(p.Description().Name, p.Description().Protocol, p.Description().Scopes)
	}
	// Output:
	// Google oidc [openid email profile https://www.googleapis.com/auth/calendar.readonly]
	// Twitter oauth1 []
}

// A provider that speaks OpenID Connect is known by its issuer.
func ExampleOIDC() {
	acme := providers.OIDC("acme", "Acme", "https://id.acme.example", oauth.Credentials{ClientID: "id", ClientSecret: "secret"})
	acme.TrustEmail = true // its word about addresses may link accounts
	fmt.Println(acme.Description().Name, acme.Description().Scopes)
	// Output: Acme [openid profile email]
}

// Any other takes its addresses, and paths into its user-info answer.
func ExampleOAuth2() {
	intranet := providers.OAuth2("intranet", "Intranet", oauth.Endpoints{
		Authorize: "https://intranet.example.com/oauth/authorize",
		Token:     "https://intranet.example.com/oauth/token",
		UserInfo:  "https://intranet.example.com/api/me",
	}, oauth.Credentials{ClientID: "id", ClientSecret: "secret"})
	intranet.Profile = oauth.Mapping{Subject: "id", FullName: "name", Email: "mail.work", ImageURL: "avatar_url"}
	if _, err := intranet.Open(oauth.Env{}); err != nil { // social.New does this
		log.Fatal(err)
	}
	fmt.Println(intranet.Description().Email, intranet.Description().VerifiedEmail)
	// Output: true false
}

// The same provider twice: the public GitHub, and a company's own.
func ExampleFind() {
	github, _ := providers.Find("github")
	work, err := github.New(providers.Settings{
		ID: "work", Name: "GitHub at work",
		Credentials: []oauth.Credentials{{ClientID: "key", ClientSecret: "secret"}},
		Endpoints: oauth.Endpoints{
			Authorize: "https://github.example.com/login/oauth/authorize",
			Token:     "https://github.example.com/login/oauth/access_token",
			UserInfo:  "https://github.example.com/api/v3/user",
			Emails:    "https://github.example.com/api/v3/user/emails",
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(work.Description().Name, work.Description().Scopes)

	_, err = github.New(providers.Settings{})
	fmt.Println(err)
	// Output:
	// GitHub at work [read:user user:email]
	// providers: github: consumer_key is missing
}
