package main

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/examples/internal/site"
	"github.com/gosocial/social/examples/internal/sitetest"
)

func TestSite(t *testing.T) {
	t.Parallel()
	sent := make(chan string, 10)
	v := sitetest.Start(t, filepath.Join(t.TempDir(), "secondfactor.db"), func(ctx context.Context, s site.Site) (*site.App, error) {
		return open(ctx, s, func(_ accounts.User, code string) { sent <- code })
	})
	v.Approve("ana")
	first := v.Browser(t)
	first.Post("/login/google", "/", "Hello ana@example.com") // a new user has no factor yet
	first.Post("/logout", "/", "Sign in with Google")

	again := v.Browser(t)
	again.Post("/login/google", "/factor", "You come from Google")
	again.Get("/connections", 401, "not_signed_in")
	code := <-sent
	again.Fails("/factor?code=wrong", 422)
	again.Post("/factor?code="+code, "/", "Hello ana@example.com")
	again.Connected("google")

	third := v.Browser(t)
	third.Post("/login/google", "/factor", "You come from Google")
	third.Fails("/factor?code="+code, 422) // a code is good once
}
