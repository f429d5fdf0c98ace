// Package app is the application that the program serves: Social with its
// accounts and pages on one database.
package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/cmd/social/internal/config"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/web"
)

// An App is a configuration come to life.
type App struct {
	Store    Store
	Accounts *accounts.Accounts
	Social   *social.Social

	handler http.Handler
	metrics *metrics
	log     *slog.Logger
}

// Extras are what the demo adds to the application, or a doctor changes.
type Extras struct {
	Site  string
	Files fs.FS                      // replaces pages
	More  func(*http.Request) any    // see web.Options
	Mount func(*App, *http.ServeMux) // further addresses

	// Store opens the database in OpenStore's place.
	Store func(context.Context, *config.Config) (Store, error)
}

// Open opens the database and everything above it. The error says what of the
// configuration cannot be.
func Open(ctx context.Context, c *config.Config, log *slog.Logger, extras Extras) (_ *App, err error) {
	keys, err := Keys(c)
	if err != nil {
		return nil, err
	}
	providers, err := Providers(c)
	if err != nil {
		return nil, err
	}
	proxies, err := prefixes(c.TrustedProxies)
	if err != nil {
		return nil, err
	}
	a := &App{log: log}
	if a.metrics, err = newMetrics(); err != nil {
		return nil, err
	}
	if extras.Store == nil {
		extras.Store = OpenStore
	}
	if a.Store, err = extras.Store(ctx, c); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			a.Store.Close()
		}
	}()

	a.Accounts, err = accounts.New(accounts.Config{
		Store: a.Store, AppURL: c.AppURL, PostLogin: c.PostLogin,
		Throttle: accounts.Throttle{
			AccountLogins:        accounts.Limit{Count: limit(c.Throttle.LoginAccount)},
			NetworkLogins:        accounts.Limit{Count: limit(c.Throttle.LoginNetwork)},
			NetworkRegistrations: accounts.Limit{Count: limit(c.Throttle.RegistrationNetwork)},
		},
		TrustedProxies: proxies, Logger: log,
	})
	if err != nil {
		return nil, byKey(err)
	}
	a.Social, err = social.New(social.Config{
		AppURL: c.AppURL, URLPrefix: c.URLPrefix,
		Providers: providers, Connections: a.Store, Users: a.Accounts, Keys: keys,
		PostLogin: c.PostLogin, ConnectAllow: c.ConnectAllowRedirect, ConnectDeny: c.ConnectDenyRedirect,
		NoFlash:               !c.FlashMessages,
		PostLoginSessionKey:   c.PostOAuthLoginSessionKey,
		PostConnectSessionKey: c.PostOAuthConnectSessionKey,
		SignUp:                social.SignUp(c.SignUp), LinkVerifiedEmail: c.LinkVerifiedEmail,
		LegacyCallbacks: c.LegacyCallbacks, FlowTTL: c.FlowTTL, Timeout: c.Timeout,
		AllowPrivateAddresses: c.AllowPrivateAddresses,
		Logger:                log,
		KeepAlive:             c.KeepAlive,
		OnEvent:               a.event,
		OnCall:                a.metrics.Call,
	})
	if err != nil {
		return nil, byKey(err)
	}
	pages, err := web.New(a.Social, a.Accounts, web.Options{
		Site: extras.Site, Files: extras.Files, More: extras.More,
		NoRegistration: !c.Registration, Logger: log,
	})
	if err != nil {
		return nil, err
	}

	// What people use knows them by their session; what operators use does not.
	people := http.NewServeMux()
	people.Handle("/", pages)
	if extras.Mount != nil {
		extras.Mount(a, people)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", a.ready)
	mux.Handle("GET /metrics", a.metrics.handler())
	mux.Handle("/", a.Accounts.Middleware(people))
	a.handler = mux
	return a, nil
}

// ServeHTTP answers a request.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.handler.ServeHTTP(w, r) }

// Run does what has to be done beside requests, until the context ends.
func (a *App) Run(ctx context.Context) {
	go func() {
		if err := a.Social.Vault().Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			a.log.Error("the vault's work ended", "error", err)
		}
	}()
	tick := time.NewTicker(5 * time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if _, err := a.Store.Clean(ctx, now); err != nil && ctx.Err() == nil {
				a.log.Error("cleaning the database failed", "error", err)
			}
		}
	}
}

// Close stores the refreshes that are under way and closes the database.
func (a *App) Close(ctx context.Context) error {
	return errors.Join(a.Social.Vault().Wait(ctx), a.Store.Close())
}

// ready asks the database for something that is not there.
func (a *App) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if _, err := a.Store.Version(ctx, "ready"); err != nil && !errors.Is(err, vault.ErrNoConnection) {
		a.log.WarnContext(ctx, "not ready", "error", err)
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	w.Write([]byte("ok\n"))
}

// event writes down what happened.
func (a *App) event(ctx context.Context, e social.Event) {
	a.metrics.Event(ctx, e)
	a.log.InfoContext(ctx, "event", "event", e.Event(), "provider", e.Provider())
}

var keyOfField = strings.NewReplacer(
	"social: ", "", "accounts: Config.", "",
	"AppURL", "app_url", "URLPrefix", "url_prefix", "ConnectAllow", "connect_allow_redirect", "ConnectDeny", "connect_deny_redirect",
	"PostLoginSessionKey", "post_oauth_login_session_key", "PostConnectSessionKey", "post_oauth_connect_session_key", "PostLogin", "post_login",
)

// byKey names the keys of the configuration where the library names its fields.
func byKey(err error) error { return errors.New(keyOfField.Replace(err.Error())) }

// Keys returns the configuration's key ring.
func Keys(c *config.Config) (*keyring.Ring, error) {
	texts := make([]string, len(c.Keys))
	for i, key := range c.Keys {
		texts[i] = key.Reveal()
	}
	ring, err := keyring.Parse(texts...)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return ring, nil
}

// limit turns the configuration's 0, which means no limit, into accounts' way
// to say it.
func limit(n int) int {
	if n == 0 {
		return -1
	}
	return n
}

func prefixes(texts []string) ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, text := range texts {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			addr, err := netip.ParseAddr(text)
			if err != nil {
				return nil, fmt.Errorf("trusted_proxies: %q is not an address or a network such as 10.0.0.0/8", text)
			}
			p = netip.PrefixFrom(addr, addr.BitLen())
		}
		list = append(list, p)
	}
	return list, nil
}
