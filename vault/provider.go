package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gosocial/social/internal/outbound"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
)

// A Source knows the providers of each tenant. It is asked again and again, so
// what it answers may change while the program runs: providers may come and go,
// and have other credentials. It must be safe for concurrent use, and may block
// until the context ends.
//
// A provider is compared with what the source returned before, and opened again
// when it differs. It is not opened again when it is the same pointer or, field by
// field, the same value; a hook (a func that is not nil) is never the same. So a
// source should return the same pointer for as long as nothing has changed, and
// must not change a provider that it has returned.
type Source interface {
	// Provider returns the provider with the ID in the context's tenant. The error
	// is ErrUnknownProvider, or wraps it, when there is none; after any other the
	// provider counts as being out of reach for the moment.
	Provider(ctx context.Context, id string) (oauth.Provider, error)

	// Providers lists the providers of the context's tenant, in the order people
	// see them.
	Providers(ctx context.Context) ([]oauth.Provider, error)
}

// A provider is an opened client, and what the vault knows of its refreshes.
type provider struct {
	client oauth.Client
	shared bool // by all tenants
	*health
}

// A health is what the vault knows of a provider's refreshes, while its definition
// changes.
type health struct {
	breaker breaker
	clients clients
}

// late reports whether the provider refreshes only tokens that have expired.
func (p *provider) late() bool { return p.client.Description().LateRefresh }

// tenantOf returns the tenant that the provider belongs to, "" for one of all tenants,
// of which c is a connection.
func (p *provider) tenantOf(c *Connection) string {
	if p.shared {
		return ""
	}
	return c.Tenant
}

// providers are where the vault has its providers from.
type providers interface {
	// get returns a tenant's provider as it was at most maxAge ago.
	get(ctx context.Context, tenant, id string, maxAge time.Duration) (*provider, error)
	// known returns a tenant's provider, or nil, without asking a Source, as inside
	// a transaction. sure is false when only the Source knows whether there is one.
	known(tenant, id string) (p *provider, sure bool)
	// describe lists the providers of the context's tenant.
	describe(ctx context.Context) ([]oauth.Description, error)
}

// An opener opens providers.
type opener struct {
	timeout time.Duration // of a protocol call
	now     func() time.Time
}

// open returns a client whose calls go through l.
func (o opener) open(p oauth.Provider, l *limiter) (oauth.Client, error) {
	if p == nil {
		return nil, errors.New("vault: a provider is nil")
	}
	c, err := p.Open(oauth.Env{HTTP: outbound.New(outbound.Options{Timeout: o.timeout, Transport: l}), Now: o.now})
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err) // which names the provider
	}
	if id := c.Description().ID; !ValidProviderID(id) {
		return nil, fmt.Errorf("vault: provider ID %q: want small letters, digits, - and _", id)
	}
	return c, nil
}

// ValidProviderID reports whether a provider can have the ID, which is a part of
// addresses and rows: small letters, digits, - and _, the first a letter or digit. IDs of connections
// begin with con_; no provider's does.
func ValidProviderID(id string) bool {
	for i := range len(id) {
		c := id[i]
		letter := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !letter && (i == 0 || c != '-' && c != '_') {
			return false
		}
	}
	return id != "" && !IsConnectionID(id)
}

// connectionPrefix begins the ID of each connection, so that none can be a provider's ID.
const connectionPrefix = "con_"

// IsConnectionID reports whether a text that is the ID of a connection or of a provider is a
// connection's.
func IsConnectionID(id string) bool { return strings.HasPrefix(id, connectionPrefix) }

// fixed are providers that stay as they are, for every tenant: each has one
// client, one limiter and one breaker for all of them.
type fixed struct {
	order []oauth.Description
	byID  map[string]*provider
}

func newFixed(list []oauth.Provider, o opener, limit func() *limiter) (*fixed, error) {
	f := &fixed{byID: make(map[string]*provider, len(list))}
	for _, p := range list {
		c, err := o.open(p, limit())
		if err != nil {
			return nil, err
		}
		about := c.Description()
		if f.byID[about.ID] != nil {
			return nil, fmt.Errorf("vault: two providers with the ID %q", about.ID)
		}
		f.byID[about.ID] = &provider{c, true, &health{}}
		f.order = append(f.order, about)
	}
	return f, nil
}

func (f *fixed) get(_ context.Context, _, id string, _ time.Duration) (*provider, error) {
	if p := f.byID[id]; p != nil {
		return p, nil
	}
	return nil, unknownProvider(id)
}

func (f *fixed) known(_, id string) (p *provider, sure bool) { return f.byID[id], true }

func (f *fixed) describe(context.Context) ([]oauth.Description, error) {
	return slices.Clone(f.order), nil
}

func unknownProvider(id string) error { return fmt.Errorf("%w: %q", ErrUnknownProvider, id) }

// Provider returns the opened client of a provider in the context's tenant, or
// ErrUnknownProvider. A Source is asked each time; other errors are the source's,
// or say what is wrong with the provider.
func (v *Vault) Provider(ctx context.Context, id string) (oauth.Client, error) {
	p, err := v.providers.get(ctx, tenant.From(ctx), id, 0)
	if err != nil {
		return nil, err
	}
	return p.client, nil
}

// Providers describes the providers of the context's tenant, in the order of
// Config.Providers or Source.Providers.
func (v *Vault) Providers(ctx context.Context) ([]oauth.Description, error) {
	return v.providers.describe(ctx)
}
