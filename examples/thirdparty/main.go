// Command thirdparty is a site with a provider whose protocol is not in this
// module: a log-in widget, which signs the user's profile and gives no tokens. See
// package doorbell.
package main

import (
	"context"
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/examples/internal/site"
	"github.com/gosocial/social/examples/thirdparty/doorbell"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/web"
)

func main() { site.Main("thirdparty.db", open) }

func open(ctx context.Context, s site.Site) (*site.App, error) {
	app, _, err := openWith(ctx, s, false)
	return app, err
}

// openWith makes the site, with Doorbell answering by redirect or by post.
func openWith(ctx context.Context, s site.Site, post bool) (*site.App, *social.Social, error) {
	const app, secret = "the example", "a secret that both know"
	bell := &doorbell.Provider{App: app, Secret: secret, Address: s.URL + "/doorbell", Post: post}
	store, err := sqlite.Open(ctx, s.Database, sqlite.Migrate())
	if err != nil {
		return nil, nil, err
	}
	acc, err := accounts.New(accounts.Config{Store: store, AppURL: s.URL})
	if err != nil {
		return nil, nil, err
	}
	soc, err := social.New(social.Config{
		AppURL: s.URL, Providers: append(s.Providers, bell), Connections: store, Users: acc, Keys: s.Keys,
		SignUp:                social.Auto,
		AllowPrivateAddresses: s.Pretend,
	})
	if err != nil {
		return nil, nil, err
	}
	pages, err := web.New(soc, acc)
	if err != nil {
		return nil, nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.Handle("GET /doorbell", &doorbell.Page{App: app, Secret: secret}) // on a server of its own, in life
	return &site.App{Handler: acc.Middleware(mux), Vault: soc.Vault(), Jobs: append(store.Jobs(), acc.Jobs()...), Close: store.Close}, soc, nil
}
