package vault

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/gosocial/social/internal/outbound"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
)

// Errors of a Vault, to be tested with errors.Is. Those of the Store come
// through as well.
var (
	// ErrNeedsReauthorization: only the user can repair the connection, by
	// connecting again. No request was sent.
	ErrNeedsReauthorization = errors.New("vault: the connection needs reauthorization by the user")
	// ErrForeignHost: the request would carry the token to a host that is not the
	// provider's. It was not sent.
	ErrForeignHost = errors.New("vault: not a host of the provider")
	// ErrOtherAccount: the grant or profile is of another account at the provider
	// than the connection.
	ErrOtherAccount = errors.New("vault: another account at the provider")
	// ErrUnknownProvider: there is no such provider, in this tenant.
	ErrUnknownProvider = errors.New("vault: unknown provider")
	// ErrTooLarge: an API's answer is longer than Config.MaxResponse.
	ErrTooLarge = errors.New("vault: the answer is too large")
	// ErrPaused: the provider rejects so many refreshes that it is not asked for a
	// while.
	ErrPaused = errors.New("vault: refreshing is paused for the provider")
)

// Config is what a Vault is made of. Store, Keys, and Providers or a Source are
// needed; the rest has defaults.
type Config struct {
	Store Store
	Keys  *keyring.Ring

	// Providers are the same for all tenants and for as long as the Vault lives, in
	// the order people see them. Where they are not, Source is set instead.
	Providers []oauth.Provider
	Source    Source

	// Timeout bounds each protocol call to a provider: 15 s by default. The lease
	// on a connection that is being refreshed runs twice as long.
	Timeout time.Duration

	// AllowPrivateAddresses lets calls reach loopback and private addresses, and go
	// by http, for development and for providers in one's own network. Without it
	// they go by https alone.
	AllowPrivateAddresses bool

	// Transport makes the calls. Nil means one that verifies TLS, keeps
	// connections, and reaches no private address; it is shared by all providers.
	Transport http.RoundTripper

	Limits

	// KeepAlive, when positive, makes Run refresh connections before their token
	// has been unchanged for so long: many providers let refresh tokens lapse that
	// are not used. The store must be a Lister. See Vault.KeepAlive.
	KeepAlive time.Duration

	Now    func() time.Time // time.Now when nil
	Logger *slog.Logger     // slog.Default() when nil

	// Record is called with what becomes of connections, to keep it: it is Record of an
	// *audit.Log, for instance. A change of a connection's state calls it with a context
	// of its transaction, where Store is a Transactor, and an error undoes the change;
	// what happened elsewhere is recorded after it, and an error is logged. The events that
	// come again and again are not recorded: TokenRefreshed, RefreshFailed,
	// IDTokenDropped, StaleTokenDropped, RevocationDeferred and KeptAlive. Default nil.
	Record func(context.Context, Event) error
	// OnEvent is called for each event, from any goroutine; it must not block for
	// long.
	OnEvent func(context.Context, Event)
	// OnCall is called after each call to a provider, likewise.
	OnCall func(context.Context, Call)
}

// Limits bound what a vault takes of memory and of providers. The zero value stands
// for the defaults.
type Limits struct {
	// Concurrency is how many protocol calls to one provider (of a Source, in one
	// tenant) run at once; more wait. 64 by default.
	Concurrency int

	// KeepAliveConcurrency is how many connections to one provider KeepAlive refreshes at
	// once: 8 by default. It should be well below Concurrency, which counts these calls too.
	KeepAliveConcurrency int

	// CallTimeout bounds each call through Client, answer included: a minute by
	// default.
	CallTimeout time.Duration
	// MaxResponse bounds the answer of a call through Client, in bytes: 64 MiB by
	// default.
	MaxResponse int64

	// MaxStale is for how long a token is used from memory before the store is
	// asked whether the connection has changed, in another process for example: 5 s
	// by default. For as long a Source is not asked again by requests through
	// Client. Negative means to ask each time.
	MaxStale time.Duration
	// CacheSize is how many connections' tokens are kept in memory: 10,000 by
	// default.
	CacheSize int
}

// A Vault keeps connections. It is safe for concurrent use, and several
// processes may run one each on the same store.
type Vault struct {
	store       Store
	keys        *keyring.Ring
	providers   providers
	api         http.RoundTripper
	timeout     time.Duration
	callTimeout time.Duration
	maxResponse int64
	maxStale    time.Duration
	idle        time.Duration
	aliveAtOnce int // refreshes to one provider by KeepAlive
	mostWaiting int // connections that wait for that
	now         func() time.Time
	log         *slog.Logger
	record      func(context.Context, Event) error
	onEvent     func(context.Context, Event)
	onCall      func(context.Context, Call)
	owner       string // of leases

	cache    cache
	shared   sharedRefreshes
	backoffs backoffs
}

// New opens Config.Providers. It sends no request. The error names what is
// missing, malformed or there twice.
func New(cfg Config) (*Vault, error) {
	switch {
	case cfg.Store == nil:
		return nil, errors.New("vault: Config.Store is missing")
	case cfg.Keys == nil:
		return nil, errors.New("vault: Config.Keys is missing")
	case cfg.Source != nil && len(cfg.Providers) > 0:
		return nil, errors.New("vault: Config has both Providers and a Source")
	}
	if _, ok := cfg.Store.(Lister); !ok && cfg.KeepAlive > 0 {
		return nil, errors.New("vault: Config.KeepAlive needs a store that can list its connections")
	}
	v := &Vault{
		store:       cfg.Store,
		keys:        cfg.Keys,
		api:         cfg.Transport,
		timeout:     cmp.Or(cfg.Timeout, 15*time.Second),
		callTimeout: cmp.Or(cfg.CallTimeout, time.Minute),
		maxResponse: cmp.Or(cfg.MaxResponse, 64<<20),
		maxStale:    cmp.Or(cfg.MaxStale, 5*time.Second),
		idle:        cfg.KeepAlive,
		mostWaiting: mostWaiting,
		aliveAtOnce: max(cmp.Or(cfg.KeepAliveConcurrency, 8), 1),
		now:         cfg.Now,
		log:         cfg.Logger,
		record:      cfg.Record,
		onEvent:     cfg.OnEvent,
		onCall:      cfg.OnCall,
		owner:       rand.Text(),
	}
	size := cmp.Or(cfg.CacheSize, 10_000)
	v.cache = cache{size: size, byID: map[string]*access{}}
	v.backoffs = backoffs{size: size, byID: map[string]backoff{}}
	v.shared.byID = map[string]*sharedRefresh{}
	if v.api == nil {
		v.api = outbound.NewTransport(outbound.Options{
			Timeout:      max(v.timeout, v.callTimeout),
			DialTimeout:  v.timeout - v.timeout/3, // for a refresh, too
			AllowPrivate: cfg.AllowPrivateAddresses,
		})
	}
	if v.now == nil {
		v.now = time.Now
	}
	if v.log == nil {
		v.log = slog.Default()
	}
	return v, v.setProviders(&cfg)
}

func (v *Vault) setProviders(cfg *Config) (err error) {
	o := opener{v.timeout, v.now}
	calls := max(cmp.Or(cfg.Concurrency, 64), 1)
	limit := func() *limiter { return newLimiter(v.api, calls) }
	if cfg.Source != nil {
		v.providers = &sourced{source: cfg.Source, opener: o, limit: limit, byKey: map[tenantProvider]*slot{}}
		return nil
	}
	v.providers, err = newFixed(cfg.Providers, o, limit)
	return err
}

// Store returns the store that the vault keeps its connections in.
func (v *Vault) Store() Store { return v.store }
