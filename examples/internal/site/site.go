// Package site has what every example needs and none is about: an address, a
// key, providers, a server that ends well, and what runs beside it.
package site

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/vault"
)

// A Site is what an example is made for.
type Site struct {
	URL       string // where browsers reach it
	Database  string // a file or an address, as the example wants
	Providers []oauth.Provider
	Google    string // an address of Google's API: who the token's user is
	Keys      *keyring.Ring
	Pretend   bool // the providers are pretend ones, on this machine
}

// An App is an example that runs: what answers requests, and what else there is to do
// while it does and when it ends.
type App struct {
	http.Handler
	Vault *vault.Vault // runs beside the handler, and is waited for
	Clean func(ctx context.Context, now time.Time) (int, error)
	Close func() error
}

// Main opens an example and runs it on http://127.0.0.1:8080 until it is
// interrupted. In the environment may stand
//
//	DATABASE_URL              another database than the given one
//	SOCIAL_KEY                the key that seals tokens (social keys new)
//	GOOGLE_ID, GOOGLE_SECRET  credentials of Google
//
// Without credentials the providers are pretend ones on http://127.0.0.1:9000.
func Main(database string, open func(context.Context, Site) (*App, error)) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, database, open); err != nil {
		log.Fatal(err)
	}
}

const (
	appAddress, providersAddress = "127.0.0.1:8080", "127.0.0.1:9000"
	// exampleKey seals what a pretend provider gave and opens nothing real.
	exampleKey = "c29jaWFsIGRlbW8sIG9wZW4gdG8gZXZlcnlib2R5ISE="
)

func serve(ctx context.Context, database string, open func(context.Context, Site) (*App, error)) error {
	s := Site{URL: "http://" + appAddress, Database: cmp.Or(os.Getenv("DATABASE_URL"), database)}
	key := os.Getenv("SOCIAL_KEY")
	if id := os.Getenv("GOOGLE_ID"); id != "" {
		google := providers.Google(oauth.Credentials{ClientID: id, ClientSecret: secret.Text(os.Getenv("GOOGLE_SECRET"))})
		s.Providers, s.Google = []oauth.Provider{google}, google.Endpoints.UserInfo
	} else {
		pretend, err := socialtest.New(socialtest.Config{URL: "http://" + providersAddress})
		if err != nil {
			return err
		}
		defer pretend.Close()
		s.Imagine(pretend)
		go func() { log.Println(http.ListenAndServe(providersAddress, pretend)) }()
		key = cmp.Or(key, exampleKey)
	}
	var err error
	if s.Keys, err = keyring.Parse(key); err != nil {
		return fmt.Errorf("SOCIAL_KEY: %w", err)
	}
	app, err := open(ctx, s)
	if err != nil {
		return err
	}
	log.Println("open", s.URL)
	return errors.Join(app.run(ctx), app.Close())
}

// run does all that an application does until ctx ends, and lets what is under way
// end before the store is closed.
func (a *App) run(ctx context.Context) error {
	go a.Vault.Run(ctx) // tries revocations again that a provider missed
	go a.clean(ctx)
	server := &http.Server{Addr: appAddress, Handler: a, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(server.Shutdown(ending), a.Vault.Wait(ending)) // no refreshed token is lost
}

// clean deletes what has expired.
func (a *App) clean(ctx context.Context) {
	for {
		if _, err := a.Clean(ctx, time.Now()); err != nil && ctx.Err() == nil {
			log.Println("cleaning:", err)
		}
		select {
		case <-time.After(5 * time.Minute):
		case <-ctx.Done():
			return
		}
	}
}

// Imagine gives the site two pretend providers: Google, and the Hub, which is any
// OAuth 2.0 provider.
func (s *Site) Imagine(pretend *socialtest.Server) {
	register := func(id string) (*socialtest.Provider, oauth.Credentials) {
		p := pretend.Provider(id)
		return p, p.Register(socialtest.App{Name: "The example", RedirectURIs: []string{s.URL + "/callback/" + id}})
	}
	p, credentials := register("google")
	google := providers.Google(credentials)
	google.Issuer, google.Endpoints = p.Issuer(), p.Endpoints()
	p, credentials = register("hub")
	hub := providers.OAuth2("hub", "Hub", p.Endpoints(), credentials)
	hub.Scopes = []string{"profile", "email"}
	s.Providers = []oauth.Provider{google, hub}
	s.Google, s.Pretend = google.Endpoints.UserInfo, true
}
