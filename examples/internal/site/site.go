// Package site has what the examples share: an address, a key, providers, a server
// that shuts down gracefully, and background work.
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
	"sync"
	"syscall"
	"time"

	"github.com/gosocial/social/jobs"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/vault"
)

// A Site is the environment of an example.
type Site struct {
	URL       string // the application's, for browsers
	Database  string // a file or an address, depending on the example
	Providers []oauth.Provider
	Google    string // the address of Google's user-info endpoint
	Keys      *keyring.Ring
	Pretend   bool // the providers are pretend ones on this machine
}

// An App is an example's application: its handler, its background work, and how to
// close it.
type App struct {
	http.Handler
	Vault *vault.Vault
	Jobs  []jobs.Job // of the store
	Close func() error
}

// Main opens an example and runs it on http://127.0.0.1:8080 until it is
// interrupted. These environment variables change it:
//
//	DATABASE_URL              a database in place of the given one
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
	// exampleKey may be public: it seals the tokens of pretend providers only.
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
		s.UsePretend(pretend)
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
	log.Println("serving", s.URL)
	return errors.Join(app.run(ctx), app.Close())
}

// run serves and does the background work until ctx ends. It returns when requests
// and refreshes under way have finished, so that the store can be closed.
func (a *App) run(ctx context.Context) error {
	jobsCtx, stop := context.WithCancel(ctx)
	var background sync.WaitGroup
	background.Go(func() { a.Vault.Run(jobsCtx, a.Jobs...) }) // repeats revocations that failed, and deletes expired rows
	defer background.Wait()
	defer stop()
	server := &http.Server{Addr: appAddress, Handler: a, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	shutdown, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(server.Shutdown(shutdown), a.Vault.Wait(shutdown)) // Wait: no refreshed token is lost
}

// UsePretend gives the site two pretend providers: Google, and Hub, a generic
// OAuth 2.0 provider.
func (s *Site) UsePretend(pretend *socialtest.Server) {
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
