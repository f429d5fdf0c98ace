package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/document"
	"github.com/gosocial/social/internal/origin"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/tenants"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/webhook"
)

// Config configures a Gateway. URL, Social, Documents and Keys are required; the zero value of
// every other field means its default.
type Config struct {
	// URL is the gateway's own address, such as "https://gateway.example.com": its clients'
	// assertions name it as their audience. It is https, or a loopback address.
	URL string
	// Social has the connections. Its store has to be a vault.Lister.
	Social *social.Social
	// Documents keeps what is set up. One that is a vault.Transactor writes a change and its
	// audit row together.
	Documents document.Store
	// Keys seal the tokens of machine clients.
	Keys *keyring.Ring

	// Audit, when set, has the events that GET /v1/events lists.
	Audit *audit.Log
	// Webhooks, when set, sends them, and is administered at /v1/webhooks.
	Webhooks *webhook.Sender

	// Tenants, when set, is administered at /v1/tenants and /v1/apps.
	Tenants *tenants.Directory

	// MaxStale is for how long this process may use what it has read of a client: within it
	// a change or deletion by another process takes hold. Default 5 s.
	MaxStale time.Duration

	// Record writes events to the audit log, in the transaction of the change: see
	// audit.Log.Record.
	Record func(ctx context.Context, e audit.Event) error

	Logger *slog.Logger     // slog.Default() when nil
	Now    func() time.Time // time.Now when nil
}

// TokenLifetime is how long a machine client's token is good.
const TokenLifetime = 10 * time.Minute

// A Gateway answers machine clients. It is safe for concurrent use.
type Gateway struct {
	cfg       Config
	social    *social.Social
	vault     *vault.Vault
	lister    vault.Lister
	documents document.Store
	keys      *keyring.Ring
	clients   *clientCache
	audiences []string // that a client's assertion may name
	log       *slog.Logger
	now       func() time.Time
	handler   http.Handler
	described []byte // OpenAPI

	limits       rateLimits
	uses, echoes hourly
}

// New returns a Gateway.
func New(c Config) (*Gateway, error) {
	switch {
	case c.Social == nil:
		return nil, errors.New("gateway: Config.Social is missing")
	case c.Documents == nil:
		return nil, errors.New("gateway: Config.Documents is missing")
	case c.Keys == nil:
		return nil, errors.New("gateway: Config.Keys is missing")
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		u.Scheme != "https" && (u.Scheme != "http" || !origin.Local(u.Hostname())) {
		return nil, fmt.Errorf("gateway: Config.URL %q is not an https address, or an http address of this machine", c.URL)
	}
	v := c.Social.Vault()
	lister, ok := v.Store().(vault.Lister)
	if !ok {
		return nil, errors.New("gateway: the store of connections is no vault.Lister")
	}
	if c.MaxStale <= 0 {
		c.MaxStale = 5 * time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	c.URL = strings.TrimSuffix(c.URL, "/")
	g := &Gateway{cfg: c, social: c.Social, vault: v, lister: lister, documents: c.Documents, keys: c.Keys,
		audiences: []string{c.URL, c.URL + "/", c.URL + tokenPath}, log: c.Logger, now: c.Now}
	g.clients = newClientCache(g)
	if g.described, err = g.openAPI(); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	g.handler = g.routes()
	return g, nil
}

// Handler returns the handler of the gateway's address.
func (g *Gateway) Handler() http.Handler { return g.handler }
