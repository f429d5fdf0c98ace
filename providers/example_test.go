package providers_test

import (
	"fmt"
	"log"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// The same provider twice: the public GitHub, and a company's own.
func ExampleFind() {
	github, _ := providers.Find("github")
	work, err := github.New(providers.Settings{
		ID: "work", Name: "GitHub at work",
		Credentials: oauth.Credentials{ID: "key", Secret: "secret"},
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
