// Command gin is a site on gin: it has a group of routes for signed-in users, and the
// pages serve every path without a route.
package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/examples/internal/site"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/web"
)

func main() { site.Main("gin.db", open) }

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

	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.Use(gin.Recovery())
	// Log-in, profile, connections, callbacks. gin has set the status 404 before.
	r.NoRoute(func(c *gin.Context) {
		c.Status(http.StatusOK)
		pages.ServeHTTP(c.Writer, c.Request)
	})
	private := r.Group("/", signedIn(acc))
	private.GET("/google", func(c *gin.Context) { google(c, soc, s.Google) })
	// Around gin, so that accounts.Current works in its handlers and in the pages.
	return &site.App{Handler: acc.Middleware(r), Vault: soc.Vault(), Jobs: append(store.Jobs(), acc.Jobs()...), Close: store.Close}, nil
}

// signedIn is accounts.RequireLogin for gin.
func signedIn(acc *accounts.Accounts) gin.HandlerFunc {
	return func(c *gin.Context) {
		passed := false
		acc.RequireLogin(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed = true })).ServeHTTP(c.Writer, c.Request)
		if !passed {
			c.Abort() // RequireLogin has answered
		}
	}
}

// google calls Google's API for the signed-in user.
func google(c *gin.Context, soc *social.Social, address string) {
	conn, err := soc.Connection(c.Request.Context(), "google")
	if errors.Is(err, vault.ErrNoConnection) {
		c.String(http.StatusConflict, "Connect your Google account first.")
		return
	}
	if err != nil {
		c.String(http.StatusServiceUnavailable, "Try again soon.")
		return
	}
	answer, err := soc.Client(conn).Get(address)
	if errors.Is(err, vault.ErrNeedsReauthorization) {
		c.String(http.StatusConflict, "Reconnect your Google account first.")
		return
	}
	if err != nil {
		c.String(http.StatusBadGateway, "Google did not answer.")
		return
	}
	defer answer.Body.Close()
	c.DataFromReader(answer.StatusCode, answer.ContentLength, answer.Header.Get("Content-Type"), answer.Body, nil)
}
