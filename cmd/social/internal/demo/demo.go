// Package demo runs the application with pretend providers, so that nothing has
// to be registered at real ones.
package demo

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/cmd/social/internal/config"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/socialtest"
)

// Email and Password are the credentials of the demo's user.
const (
	Email    = "matt@lp.com"
	Password = "password"
)

//go:embed files
var embedded embed.FS

// A Demo is the application and its pretend providers.
type Demo struct {
	App       *app.App
	Providers *socialtest.Server

	outbox *outbox
}

// site is the demo's name.
const site = "Social demo"

// offered are the IDs of the providers, in the order of their buttons.
var offered = []string{"facebook", "twitter", "foursquare", "google", "acme"}

// Open makes the demo for an application at appURL and pretend providers at
// providersURL.
func Open(ctx context.Context, appURL, providersURL, database string, log *slog.Logger) (*Demo, error) {
	pretend, err := socialtest.New(socialtest.Config{URL: providersURL})
	if err != nil {
		return nil, err
	}
	c, err := config.Parse(map[string]any{
		"app_url": appURL, "database": database, "keys": app.DemoKey,
		"allow_private_addresses": true, "signup": "form",
	})
	if err != nil {
		return nil, err
	}
	c.Providers = map[string]config.Provider{}
	for _, id := range offered {
		p := pretend.Provider(id)
		creds := p.Register(socialtest.App{
			ClientID:     "social-demo-" + id,
			Name:         site,
			RedirectURIs: []string{appURL + "/callback/" + id},
		})
		c.Providers[id] = settings(p, creds)
		c.Order = append(c.Order, id)
	}
	files, err := fs.Sub(embedded, "files")
	if err != nil {
		return nil, err
	}
	d := &Demo{Providers: pretend, outbox: &outbox{}}
	d.App, err = app.Open(ctx, c, log, app.Extras{
		Site: site, Files: files, More: d.more, Mount: d.mount, Mailer: d.outbox,
	})
	if err != nil {
		return nil, err
	}
	if err := d.createUser(ctx); err != nil {
		return nil, errors.Join(err, d.App.Close(ctx))
	}
	return d, nil
}

// settings returns the configuration of a provider, with the addresses of the
// pretend one.
func settings(p *socialtest.Provider, creds oauth.Credentials) config.Provider {
	e := p.Endpoints()
	s := config.Provider{
		ConsumerKey: creds.ClientID, ConsumerSecret: creds.ClientSecret,
		Issuer: p.Issuer(),
		Endpoints: config.Endpoints{
			RequestToken: e.RequestToken, Authorize: e.Authorize, Token: e.Token,
			UserInfo: e.UserInfo, Revoke: e.Revoke, API: e.API,
		},
	}
	if p.Protocol() == oauth.ProtocolOIDC {
		s.Endpoints = config.Endpoints{} // discovered at the issuer
	}
	if p.ID() == "acme" {
		s.Type, s.Name = "oidc", p.Name()
	}
	return s
}

func (d *Demo) createUser(ctx context.Context) error {
	_, err := d.App.Accounts.Create(ctx, accounts.NewUser{Email: Email, Password: Password, EmailVerified: true, AllowWeakPassword: true})
	if err != nil && !errors.Is(err, accounts.ErrEmailTaken) {
		return fmt.Errorf("creating %s: %w", Email, err)
	}
	return nil
}
