// Package doctor checks a configuration: whether its keys open the stored tokens, its
// database can be used, and its providers answer correctly.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/gosocial/social"
	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/cmd/social/internal/config"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/schema"
	"github.com/gosocial/social/vault"
)

// A Level says how serious a finding is.
type Level string

// The levels. A Note may be intended; a Wrong is an error.
const (
	OK    Level = "ok"
	Note  Level = "note"
	Wrong Level = "wrong"
)

// A Finding is the result of one check.
type Finding struct {
	Of    string `json:"of"` // configuration, keys, database, smtp, breached_passwords, app_url, passkeys, providers or a provider's ID
	Level Level  `json:"level"`
	Text  string `json:"text"`
}

// A Registration has the values to enter where a provider registers applications.
type Registration struct {
	ID           string      `json:"id"`
	Name         string      `json:"name"`
	At           string      `json:"at"` // the page where applications are registered, "" when unknown
	RedirectURIs []string    `json:"redirect_uris"`
	Scopes       []string    `json:"scopes"` // that log-ins ask for
	Parameters   []Parameter `json:"parameters"`
	About        string      `json:"about"` // of the catalog's entry, "" for others
	// PostLogoutURI is "" without log-out at the provider.
	PostLogoutURI string `json:"post_logout_redirect_uri"`
	// BackchannelLogout is "" when the provider's discovery document does not say that it
	// tells applications of log-outs.
	BackchannelLogout string `json:"backchannel_logout_uri"`
}

// A Parameter is a part of the provider's addresses, with the value that it has.
type Parameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Help  string `json:"help"` // what it is
}

// A check checks one configuration. It yields each finding at once, because providers
// may be slow.
type check struct {
	config *config.Config
	yield  func(Finding)
	http   *http.Client
	social *social.Social
}

// Run checks a configuration and changes nothing. It sends the providers a made-up
// code, which they refuse. It yields findings, and returns what to register. The error
// is one of the configuration that prevents the checks. When only is not empty, it checks
// only these providers.
func Run(ctx context.Context, c *config.Config, only []string, yield func(Finding)) ([]Registration, error) {
	for _, id := range only {
		if _, configured := c.Providers[id]; !configured {
			return nil, fmt.Errorf("configuration: there is no provider %s", id)
		}
	}
	d := &check{config: c, yield: yield, http: oauth.NewHTTPClient(oauth.HTTPOptions{
		Timeout: c.Timeout, AllowPrivateAddresses: c.AllowPrivateAddresses,
	})}
	a, err := app.Open(ctx, c, slog.New(slog.DiscardHandler), app.Extras{Store: d.database})
	if err != nil {
		return nil, err
	}
	defer a.Close(ctx)
	d.social = a.Social
	for _, warning := range c.Warnings {
		d.report("configuration", Note, "%s", warning)
	}
	if err := app.CheckKeys(c); err != nil {
		for text := range strings.Lines(err.Error()) {
			d.report("keys", Wrong, "%s", strings.TrimPrefix(strings.TrimSpace(text), "keys: "))
		}
	}
	for _, file := range app.WideFiles(c) {
		level := Note // it may be meant for a backup
		if file.World() {
			level = Wrong
		}
		d.report("database", level, "%s", file)
	}
	if err := d.connections(ctx, a); err != nil {
		d.report("keys", Wrong, "%v", err)
	}
	d.mail(ctx, a)
	d.breached(ctx)
	d.address()
	d.passkeys()
	d.proxies()
	d.origins()
	var list []Registration
	for _, p := range a.Providers {
		if len(only) == 0 || slices.Contains(only, p.Description().ID) {
			list = append(list, d.provider(ctx, p))
		}
	}
	if len(list) == 0 {
		d.report("providers", Note, "none is configured")
	}
	return list, nil
}

func (d *check) report(of string, level Level, format string, args ...any) {
	d.yield(Finding{of, level, fmt.Sprintf(format, args...)})
}

// database opens the database to read it. When it cannot be used, an empty one takes
// its place, so that the other checks can run.
func (d *check) database(ctx context.Context, c *config.Config) (app.Store, error) {
	store, err := app.OpenToRead(ctx, c)
	if err == nil {
		if d.schema(ctx, store) {
			return store, nil
		}
		store.Close()
	} else {
		d.report("database", Wrong, "%s", strings.TrimPrefix(err.Error(), "database: "))
	}
	empty := *c
	empty.Database, empty.Migrate = "sqlite::memory:", true
	return app.OpenStore(ctx, &empty)
}

// schema checks the database's schema and reports whether it can be used as it is.
func (d *check) schema(ctx context.Context, store app.Store) bool {
	status, err := store.Status(ctx)
	differs := status.Err()
	switch {
	case err != nil:
		d.report("database", Wrong, "%v", err)
	case differs == nil:
		d.report("database", OK, "the schema is up to date (version %d)", status.Version)
		return true
	case !errors.Is(differs, schema.ErrOlder):
		d.report("database", Wrong, "%v", differs)
	case d.config.Migrate && status.Version == 0:
		d.report("database", Note, "it is empty or does not exist yet; social serve creates its schema, version %d", status.Latest)
	case d.config.Migrate:
		d.report("database", OK, "the schema is at version %d; social serve brings it to %d", status.Version, status.Latest)
	default:
		d.report("database", Wrong, "the schema is at version %d and the program needs %d: run social migrate, or set migrate to true", status.Version, status.Latest)
	}
	return false
}

// maxTokens bounds of how many connections the token is read, for the name of its key.
const maxTokens = 10_000

// connections looks for tokens whose key is not in the ring, and for connections whose
// client is no longer configured.
func (d *check) connections(ctx context.Context, a *app.App) error {
	ring := a.Social.Config().Keys.Names()
	missing, gone, of := map[string]int{}, map[string]int{}, map[string]int{}
	clients := map[[2]string][]oauth.Credentials{} // by tenant and provider
	clientsOf := func(c *vault.Connection) []oauth.Credentials {
		key := [2]string{c.Tenant, c.ProviderID}
		list, known := clients[key]
		if !known {
			// The clients of other protocols are not known here.
			if p, err := a.Tenants.Provider(social.WithTenant(ctx, c.Tenant), c.ProviderID); err == nil {
				list = credentialsOf(p)
			}
			clients[key] = list
		}
		return list
	}
	checked, after := 0, ""
	for {
		page, err := a.Store.List(ctx, vault.Filter{AllTenants: true}, after, 1000)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		for i := range page {
			c := &page[i]
			after = c.ID
			of[c.ProviderID]++
			list := clientsOf(c)
			if len(list) > 0 && c.ClientID != "" && !slices.ContainsFunc(list, func(one oauth.Credentials) bool { return one.ClientID == c.ClientID }) {
				gone[c.ProviderID]++
			}
			if checked == maxTokens {
				continue
			}
			_, sealed, err := a.Store.Token(ctx, after)
			if errors.Is(err, vault.ErrNoConnection) {
				continue // removed since List
			}
			if err != nil {
				return err
			}
			checked++
			if name := keyring.KeyName(sealed); !slices.Contains(ring, name) {
				missing[name]++
			}
		}
	}
	for name, n := range missing {
		d.report("keys", Wrong, "%d of %d connections are sealed under the key %q, which is missing", n, checked, name)
	}
	if len(missing) == 0 {
		d.report("keys", OK, "%d in the ring, which open the %d connections", len(ring), checked)
	}
	for id, n := range gone {
		d.report(id, Wrong, "%d of %d connections were granted to a client that is not among its credentials: they cannot be refreshed (client_unknown)", n, of[id])
	}
	return nil
}
