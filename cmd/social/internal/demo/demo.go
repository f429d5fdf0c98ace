// Package demo shows the application with pretend providers: nothing has to be
// registered anywhere.
package demo

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/cmd/social/internal/config"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/socialtest"
)

// Email and Password are the demo's user.
const (
	Email    = "matt@lp.com"
	Password = "password"
)

// key seals the demo's tokens, which open nothing real: it is the same always,
// so that a database can be used again.
const key = "c29jaWFsIGRlbW8sIG9wZW4gdG8gZXZlcnlib2R5ISE="

//go:embed files
var embedded embed.FS

// A Demo is the application beside its pretend providers.
type Demo struct {
	App       *app.App
	Providers *socialtest.Server
	url       string // of the application
}

// shown are the pretend providers the application offers, in this order.
var shown = []string{"facebook", "twitter", "foursquare", "google", "acme"}

// Open opens the demo: the application reached at appURL, the pretend providers
// at providersURL.
func Open(ctx context.Context, appURL, providersURL, database string, log *slog.Logger) (*Demo, error) {
	pretend, err := socialtest.New(socialtest.Config{URL: providersURL})
	if err != nil {
		return nil, err
	}
	c, err := config.Parse(map[string]any{
		"app_url": appURL, "database": database, "keys": key,
		"allow_private_addresses": true, "signup": "form",
	})
	if err != nil {
		return nil, err
	}
	c.Providers = map[string]config.Provider{}
	for _, id := range shown {
		p := pretend.Provider(id)
		creds := p.Register(socialtest.App{
			ClientID:     "social-demo-" + id,
			Name:         "Social demo",
			RedirectURIs: []string{appURL + "/callback/" + id},
		})
		c.Providers[id] = settings(p, creds)
		c.Order = append(c.Order, id)
	}
	files, err := fs.Sub(embedded, "files")
	if err != nil {
		return nil, err
	}
	d := &Demo{Providers: pretend, url: appURL}
	d.App, err = app.Open(ctx, c, log, app.Extras{
		Site: "Social demo", Files: files, More: d.more, Mount: d.mount,
	})
	if err != nil {
		return nil, err
	}
	if err := d.createUser(ctx); err != nil {
		return nil, errors.Join(err, d.App.Close(ctx))
	}
	return d, nil
}

// ServeHTTP answers as the application. Whoever opens it as localhost goes to the
// address that the providers know, for cookies do not go from one to the other.
func (d *Demo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if name, port, ok := strings.Cut(r.Host, ":"); ok && name == "localhost" && r.Method == http.MethodGet &&
		strings.HasSuffix(d.url, "127.0.0.1:"+port) && strings.HasPrefix(r.RequestURI, "/") {
		http.Redirect(w, r, d.url+r.RequestURI, http.StatusTemporaryRedirect)
		return
	}
	d.App.ServeHTTP(w, r)
}

// settings points a catalog provider, or a generic one, at a pretend one.
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
		s.Endpoints = config.Endpoints{} // it discovers them
	}
	if p.ID() == "acme" {
		s.Type, s.Name = "oidc", p.Name()
	}
	return s
}

func (d *Demo) createUser(ctx context.Context) error {
	_, err := d.App.Accounts.Create(ctx, accounts.NewUser{Email: Email, Password: Password, Verified: true})
	if err != nil && !errors.Is(err, accounts.ErrEmailTaken) {
		return fmt.Errorf("creating %s: %w", Email, err)
	}
	return nil
}
