// Package doctor examines a configuration: whether its keys open what is kept,
// its database can be used, and its providers answer as they should.
package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
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

// A Level is how a finding is.
type Level string

// The levels. What is Odd may be meant so; what is Wrong is not.
const (
	Good  Level = "ok"
	Odd   Level = "note"
	Wrong Level = "wrong"
)

// A Finding is one thing that was looked at.
type Finding struct {
	Of    string // keys, database, app_url or a provider's ID
	Level Level
	Text  string
}

// A Registration has the values to enter where a provider registers applications.
type Registration struct {
	ID, Name, At      string
	RedirectURIs      []string
	PostLogoutURI     string // "" where log-out ends here
	BackchannelLogout string // "" where the protocol has none
}

// An examination tells its findings as it makes them, since providers may take
// their time.
type examination struct {
	config *config.Config
	tell   func(Finding)
	http   *http.Client
	social *social.Social
}

// Examine looks at everything there is to a configuration, changes nothing, and
// sends the providers what they will refuse. It returns what to register; the
// error says why that cannot be done.
func Examine(ctx context.Context, c *config.Config, tell func(Finding)) ([]Registration, error) {
	e := &examination{config: c, tell: tell, http: oauth.NewHTTPClient(oauth.HTTPOptions{
		Timeout: c.Timeout, AllowPrivateAddresses: c.AllowPrivateAddresses,
	})}
	a, err := app.Open(ctx, c, slog.New(slog.DiscardHandler), app.Extras{Store: e.database})
	if err != nil {
		return nil, err
	}
	defer a.Close(ctx)
	e.social = a.Social
	if err := e.connections(ctx, a); err != nil {
		e.say("keys", Wrong, "%v", err)
	}
	e.address()
	var list []Registration
	for _, p := range a.Social.Config().Providers {
		e.provider(ctx, p)
		list = append(list, e.registration(p))
	}
	if len(list) == 0 {
		e.say("providers", Odd, "none is configured")
	}
	return list, nil
}

func (e *examination) say(of string, level Level, format string, args ...any) {
	e.tell(Finding{of, level, fmt.Sprintf(format, args...)})
}

// database opens the database to be read. Where it cannot be used an empty one
// takes its place, so that the rest can be looked at.
func (e *examination) database(ctx context.Context, c *config.Config) (app.Store, error) {
	store, err := app.OpenToRead(ctx, c)
	if err == nil {
		if e.schema(ctx, store) {
			return store, nil
		}
		store.Close()
	} else {
		e.say("database", Wrong, "%s", strings.TrimPrefix(err.Error(), "database: "))
	}
	empty := *c
	empty.Database, empty.Migrate = "sqlite::memory:", true
	return app.OpenStore(ctx, &empty)
}

// schema reports whether the database's schema can be used as it is.
func (e *examination) schema(ctx context.Context, store app.Store) bool {
	status, err := store.Status(ctx)
	differs := status.Err()
	switch {
	case err != nil:
		e.say("database", Wrong, "%v", err)
	case differs == nil:
		e.say("database", Good, "the schema is up to date (version %d)", status.Version)
		return true
	case !errors.Is(differs, schema.ErrOlder):
		e.say("database", Wrong, "%v", differs)
	case e.config.Migrate && status.Version == 0:
		e.say("database", Odd, "it is empty or not there yet; serving brings its schema to version %d", status.Latest)
	case e.config.Migrate:
		e.say("database", Good, "the schema is at version %d; serving brings it to %d", status.Version, status.Latest)
	default:
		e.say("database", Wrong, "the schema is at version %d and the program needs %d: run social migrate, or set migrate to true", status.Version, status.Latest)
	}
	return false
}

// most is how many connections are looked at.
const most = 10_000

// connections looks for tokens that no key of the ring opens, and for connections
// whose client is not configured any more.
func (e *examination) connections(ctx context.Context, a *app.App) error {
	ring := a.Social.Config().Keys.Names()
	missing, gone := map[string]int{}, map[string]int{}
	clients := map[string][]oauth.Credentials{}
	for _, p := range a.Social.Config().Providers {
		clients[p.Description().ID] = credentialsOf(p)
	}
	looked, after := 0, ""
	for looked < most {
		ids, err := a.Store.Walk(ctx, after, 1000)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			break
		}
		for _, id := range ids {
			after = id
			c, sealed, err := a.Store.Token(ctx, id)
			if errors.Is(err, vault.ErrNoConnection) {
				continue // removed a moment ago
			}
			if err != nil {
				return err
			}
			looked++
			if name := keyring.KeyName(sealed); !slices.Contains(ring, name) {
				missing[name]++
			}
			list, configured := clients[c.ProviderID]
			if configured && c.ClientID != "" && !slices.ContainsFunc(list, func(one oauth.Credentials) bool { return one.ClientID == c.ClientID }) {
				gone[c.ProviderID]++
			}
		}
	}
	for name, n := range missing {
		e.say("keys", Wrong, "%d of %d connections looked at are sealed under the key %q, which is missing", n, looked, name)
	}
	if len(missing) == 0 {
		e.say("keys", Good, "%d in the ring, which open the %d connections looked at", len(ring), looked)
	}
	for id, n := range gone {
		e.say(id, Wrong, "%d of %d connections looked at were granted to a client that is not among its credentials: they cannot be refreshed (client_unknown)", n, looked)
	}
	return nil
}

// address holds app_url against where the program listens. That it is https, or
// this machine, was judged before.
func (e *examination) address() {
	before := len(e.config.TrustedProxies) > 0
	u, err := url.Parse(e.config.AppURL)
	if err != nil {
		return // judged before
	}
	_, port, _ := net.SplitHostPort(e.config.Listen)
	switch {
	case u.Scheme == "https" && !before:
		e.say("app_url", Odd, "%s: the proxy before the program, which speaks https, is not in trusted_proxies, so that all people count as one address", e.config.AppURL)
	case u.Scheme == "http" && !before && port != "0" && port != cmp.Or(u.Port(), "80"):
		e.say("app_url", Odd, "%s is another port than listen, %s: callbacks have to get there", e.config.AppURL, e.config.Listen)
	default:
		e.say("app_url", Good, "%s", e.config.AppURL)
	}
}
