package examples_test

import (
	"context"
	"log"
	"net/http"
	"os"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/web"
)

// A site with registration, passwords, sign in with Google, a profile and a page
// of connections.
func Example() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	const url = "http://localhost:8080"
	ctx := context.Background()
	store, err := sqlite.Open(ctx, "app.db", sqlite.Migrate())
	check(err)
	keys, err := keyring.Parse(os.Getenv("SOCIAL_KEY")) // social keys new
	check(err)
	google := providers.Google(oauth.Credentials{ClientID: os.Getenv("GOOGLE_ID"), ClientSecret: secret.Text(os.Getenv("GOOGLE_SECRET"))})
	acc, err := accounts.New(accounts.Config{Store: store, AppURL: url})
	check(err)
	soc, err := social.New(social.Config{AppURL: url, Providers: []oauth.Provider{google}, Connections: store, Users: acc, Keys: keys, SignUp: social.Auto})
	check(err)
	pages, err := web.New(soc, acc)
	check(err)
	go soc.Vault().Run(ctx, append(store.Jobs(), acc.Jobs()...)...) // keeps tokens fresh, cleans up, deletes accounts
	log.Fatal(http.ListenAndServe("localhost:8080", acc.Middleware(pages)))
}
