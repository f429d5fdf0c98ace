package vault

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
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
	// ErrNeedsReauthorization: only the user can mend the connection, by
	// connecting again. No request was sent.
	ErrNeedsReauthorization = errors.New("vault: the connection needs reauthorization by the user")
	// ErrForeignHost: the request would carry the token to a host that is not the
	// provider's. It was not sent.
	ErrForeignHost = errors.New("vault: not a host of the provider")
	// ErrOtherAccount: the grant or profile is of another account at the provider
	// than the connection.
	ErrOtherAccount = errors.New("vault: another account at the provider")
	// ErrUnknownProvider: the vault was not given this provider.
	ErrUnknownProvider = errors.New("vault: unknown provider")
	// ErrTooLarge: an API's answer is longer than Config.MaxResponse.
	ErrTooLarge = errors.New("vault: the answer is too large")
	// ErrPaused: the provider is suspected to fail, and is not asked for a while.
	ErrPaused = errors.New("vault: refreshing is paused for the provider")
)

// Config is what a Vault is made of. Store, Keys and Providers are needed; the
// rest has defaults.
type Config struct {
	Store     Store
	Keys      *keyring.Ring
	Providers []oauth.Provider // in the order people see them

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

	// Concurrency is how many protocol calls to one provider run at once; more
	// wait. 64 by default.
	Concurrency int

	// CallTimeout bounds each call through Client, answer included: a minute by
	// default.
	CallTimeout time.Duration
	// MaxResponse bounds the answer of a call through Client, in bytes: 64 MiB by
	// default.
	MaxResponse int64

	// MaxStale is for how long a token is used from memory without asking the
	// store whether it still stands, so that a disconnect in another process
	// takes hold: 5 s by default. Negative means to ask each time.
	MaxStale time.Duration
	// CacheSize is how many connections' tokens are kept in memory: 10,000 by
	// default.
	CacheSize int

	// KeepAlive, when positive, makes Run refresh connections before their token
	// has been unchanged for so long: many providers let refresh tokens lapse that
	// are not used. The store must be a Walker. See Vault.KeepAlive.
	KeepAlive time.Duration

	Now    func() time.Time // time.Now when nil
	Logger *slog.Logger     // no log when nil

	// OnEvent is told what happens, from whatever goroutine it happens in; it
	// must not block for long.
	OnEvent func(context.Context, Event)
	// OnCall is told how each call to a provider went, likewise.
	OnCall func(context.Context, Call)
}

// A Vault keeps connections. It is safe for concurrent use, and several
// processes may run one each on the same store.
type Vault struct {
	store       Store
	keys        *keyring.Ring
	order       []oauth.Description
	clients     map[string]oauth.Client
	api         http.RoundTripper
	timeout     time.Duration
	callTimeout time.Duration
	maxResponse int64
	maxStale    time.Duration
	idle        time.Duration
	now         func() time.Time
	log         *slog.Logger
	onEvent     func(context.Context, Event)
	onCall      func(context.Context, Call)
	owner       string // of leases

	cache    cache
	flights  flights
	health   health
	breakers map[string]*breaker
}

// New opens every provider. It sends no request. The error names what is
// missing, malformed or twice.
func New(cfg Config) (*Vault, error) {
	switch {
	case cfg.Store == nil:
		return nil, errors.New("vault: Config.Store is missing")
	case cfg.Keys == nil:
		return nil, errors.New("vault: Config.Keys is missing")
	}
	if _, ok := cfg.Store.(Walker); !ok && cfg.KeepAlive > 0 {
		return nil, errors.New("vault: Config.KeepAlive needs a store that can list its connections")
	}
	v := &Vault{
		store:       cfg.Store,
		keys:        cfg.Keys,
		clients:     make(map[string]oauth.Client, len(cfg.Providers)),
		api:         cfg.Transport,
		timeout:     cmp.Or(cfg.Timeout, 15*time.Second),
		callTimeout: cmp.Or(cfg.CallTimeout, time.Minute),
		maxResponse: cmp.Or(cfg.MaxResponse, 64<<20),
		maxStale:    max(cmp.Or(cfg.MaxStale, 5*time.Second), 0),
		idle:        cfg.KeepAlive,
		now:         cfg.Now,
		log:         cfg.Logger,
		onEvent:     cfg.OnEvent,
		onCall:      cfg.OnCall,
		owner:       rand.Text(),
		breakers:    make(map[string]*breaker, len(cfg.Providers)),
	}
	size := max(cmp.Or(cfg.CacheSize, 10_000), 1)
	v.cache = cache{size: size, byID: map[string]*opened{}}
	v.health = health{size: size, byID: map[string]ailment{}}
	v.flights.byID = map[string]*flight{}
	if v.api == nil {
		v.api = outbound.NewTransport(outbound.Options{
			Timeout:      max(v.timeout, v.callTimeout),
			AllowPrivate: cfg.AllowPrivateAddresses,
		})
	}
	if v.now == nil {
		v.now = time.Now
	}
	if v.log == nil {
		v.log = slog.New(slog.DiscardHandler)
	}
	for i, p := range cfg.Providers {
		if p == nil {
			return nil, fmt.Errorf("vault: provider %d is nil", i+1)
		}
		id := p.Description().ID
		if _, twice := v.clients[id]; twice {
			return nil, fmt.Errorf("vault: two providers with the ID %q", id)
		}
		c, err := p.Open(oauth.Env{
			HTTP: outbound.New(outbound.Options{
				Timeout:   v.timeout,
				Transport: &gate{v.api, make(chan struct{}, max(cmp.Or(cfg.Concurrency, 64), 1))},
			}),
			Now: v.now,
		})
		if err != nil {
			return nil, fmt.Errorf("vault: %w", err) // which names the provider
		}
		v.clients[id] = c
		v.breakers[id] = &breaker{}
		v.order = append(v.order, c.Description())
	}
	return v, nil
}

// Provider returns the client of a provider.
func (v *Vault) Provider(id string) (oauth.Client, bool) {
	c, ok := v.clients[id]
	return c, ok
}

// Providers describes the providers in the order they were configured.
func (v *Vault) Providers() []oauth.Description {
	return append([]oauth.Description(nil), v.order...)
}

func (v *Vault) client(id string) (oauth.Client, error) {
	if c, ok := v.clients[id]; ok {
		return c, nil
	}
	return nil, fmt.Errorf("%w: %q", ErrUnknownProvider, id)
}
