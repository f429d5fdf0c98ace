// Command nethttp is a site on net/http with the default pages and accounts, in
// one SQLite file: sign in with Google, connect, call Google's API.
package main

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/examples/internal/site"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/web"
)

func main() { site.Main("nethttp.db", open) }

func open(ctx context.Context, s site.Site) (*site.App, error) {
	store, err := sqlite.Open(ctx, s.Database, sqlite.Migrate())
	if err != nil {
		return nil, err
	}
	acc, err := accounts.New(accounts.Config{Store: store, AppURL: s.URL})
	if err != nil {
		return nil, err
	}
	soc, err := social.New(social.Config{
		AppURL: s.URL, Providers: s.Providers, Connections: store, Users: acc, Keys: s.Keys,
		SignUp:                social.Auto, // a new user gets an account at once
		AllowPrivateAddresses: s.Pretend,
	})
	if err != nil {
		return nil, err
	}
	pages, err := web.New(soc, acc)
	if err != nil {
		return nil, err
	}

	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.Handle("GET /google", acc.RequireLogin(google(soc, s.Google)))
	return &site.App{Handler: acc.Middleware(mux), Vault: soc.Vault(), Jobs: append(store.Jobs(), acc.Jobs()...), Close: store.Close}, nil
}

// google calls Google's API for the signed-in user.
func google(soc *social.Social, address string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := soc.Connection(r.Context(), "google")
		if errors.Is(err, vault.ErrNoConnection) {
			http.Error(w, "Connect your Google account first.", http.StatusConflict)
			return
		}
		if err != nil {
			http.Error(w, "Try again soon.", http.StatusServiceUnavailable)
			return
		}
		answer, err := soc.Client(c).Get(address)
		if errors.Is(err, vault.ErrNeedsReauthorization) {
			http.Error(w, "Reconnect your Google account first.", http.StatusConflict)
			return
		}
		if err != nil {
			http.Error(w, "Google did not answer.", http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(answer.StatusCode)
		io.Copy(w, answer.Body)
	}
}
