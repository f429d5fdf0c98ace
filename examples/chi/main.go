// Command chi is a site on chi: it mounts the pages at the root and has a group of
// routes for signed-in users.
package main

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/examples/internal/site"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/web"
)

func main() { site.Main("chi.db", open) }

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
		SignUp:                social.Auto,
		AllowPrivateAddresses: s.Pretend,
	})
	if err != nil {
		return nil, err
	}
	pages, err := web.New(soc, acc)
	if err != nil {
		return nil, err
	}

	r := chi.NewRouter()
	r.Use(middleware.Recoverer, acc.Middleware) // accounts.Current works in every handler
	r.Group(func(r chi.Router) {
		r.Use(acc.RequireLogin)
		r.Get("/google", func(w http.ResponseWriter, r *http.Request) { google(w, r, soc, s.Google) })
	})
	r.Mount("/", pages) // everything else: log-in, profile, connections, callbacks
	return &site.App{Handler: r, Vault: soc.Vault(), Jobs: append(store.Jobs(), acc.Jobs()...), Close: store.Close}, nil
}

// google calls Google's API for the signed-in user.
func google(w http.ResponseWriter, r *http.Request, soc *social.Social, address string) {
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
