// Command echo is a site on Echo: it has a route for signed-in users, and the pages
// serve every path without a route.
package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/examples/internal/site"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/web"
)

func main() { site.Main("echo.db", open) }

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

	e := echo.New()
	e.Use(middleware.Recover(), echo.WrapMiddleware(acc.Middleware)) // accounts.Current works in every handler
	// A middleware of the route: a group at the root would apply to every other route.
	signedIn := echo.WrapMiddleware(acc.RequireLogin)
	e.GET("/google", func(c echo.Context) error { return google(c, soc, s.Google) }, signedIn)
	e.Any("/*", echo.WrapHandler(pages)) // log-in, profile, connections, callbacks
	return &site.App{Handler: e, Vault: soc.Vault(), Jobs: append(store.Jobs(), acc.Jobs()...), Close: store.Close}, nil
}

// google calls Google's API for the signed-in user.
func google(c echo.Context, soc *social.Social, address string) error {
	conn, err := soc.Connection(c.Request().Context(), "google")
	if errors.Is(err, vault.ErrNoConnection) {
		return echo.NewHTTPError(http.StatusConflict, "Connect your Google account first.")
	}
	if err != nil {
		return echo.NewHTTPError(http.StatusServiceUnavailable, "Try again soon.").SetInternal(err)
	}
	answer, err := soc.Client(conn).Get(address)
	if errors.Is(err, vault.ErrNeedsReauthorization) {
		return echo.NewHTTPError(http.StatusConflict, "Reconnect your Google account first.")
	}
	if err != nil {
		return echo.NewHTTPError(http.StatusBadGateway, "Google did not answer.").SetInternal(err)
	}
	defer answer.Body.Close()
	return c.Stream(answer.StatusCode, answer.Header.Get("Content-Type"), answer.Body)
}
