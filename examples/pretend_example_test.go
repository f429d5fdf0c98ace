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
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/web"
)

// The same with a pretend Google, which needs no account there.
func Example_pretend() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	const url = "http://localhost:8080"
	ctx := context.Background()
	store, err := sqlite.Open(ctx, "app.db", sqlite.Migrate())
	check(err)
	keys, err := keyring.Parse(os.Getenv("SOCIAL_KEY"))
	check(err)
	pretend, err := socialtest.New(socialtest.Config{URL: "http://localhost:9000"})
	check(err)
	go http.ListenAndServe("localhost:9000", pretend)
	at := pretend.Provider("google")
	google := providers.Google(at.Register(socialtest.App{RedirectURIs: []string{url + "/callback/google"}}))
	google.Issuer, google.Endpoints = at.Issuer(), at.Endpoints()
	acc, err := accounts.New(accounts.Config{Store: store, AppURL: url})
	check(err)
	soc, err := social.New(social.Config{
		AppURL: url, Providers: []oauth.Provider{google}, Connections: store, Users: acc, Keys: keys, SignUp: social.Auto,
		AllowPrivateAddresses: true,
	})
	check(err)
	pages, err := web.New(soc, acc)
	check(err)
	go soc.Vault().Run(ctx, append(store.Jobs(), acc.Jobs()...)...)
	log.Fatal(http.ListenAndServe("localhost:8080", acc.Middleware(pages)))
}
