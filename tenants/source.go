package tenants

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/gosocial/social/document"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A snapshot is what was read of the rows at a version of them.
type snapshot struct {
	version int64
	changes int64              // of this process, before it was read
	tenants map[string]*Tenant // by key
	domains map[string]*Tenant // that are verified
	read    map[string]*opened // of each tenant that was asked for, under mu
	before  map[string]*opened // of the snapshot before, for what has not changed
	mu      sync.Mutex         // held while a tenant's applications are read
	checked timeCell           // when it was known to be of today
}

// opened are a tenant's applications.
type opened struct {
	byProvider map[string]*openedApp
	order      []*openedApp // by ID
}

type openedApp struct {
	version  int64
	provider oauth.Provider // nil of one that is disabled or broken
	err      error          // what is wrong with it
	id       string
}

// timeCell keeps a time. It is safe for concurrent use.
type timeCell struct {
	mu sync.Mutex
	at time.Time
}

func (c *timeCell) set(t time.Time) { c.mu.Lock(); c.at = t; c.mu.Unlock() }
func (c *timeCell) get() time.Time  { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

// now returns a snapshot that is at most MaxStale old, and has every change of this process.
func (d *Directory) now(ctx context.Context) (*snapshot, error) {
	if s := d.fresh(); s != nil {
		return s, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.fresh(); s != nil {
		return s, nil
	}
	// The count and the version first: what changes while the rows are read is read again.
	changes, at := d.changes.Load(), d.c.Now()
	version, err := d.version(ctx)
	if err != nil {
		return nil, fmt.Errorf("tenants: %w", err)
	}
	old := d.seen.Load()
	if old != nil && old.version == version && old.changes == changes {
		old.checked.set(at)
		return old, nil
	}
	s := &snapshot{version: version, changes: changes, tenants: map[string]*Tenant{}, domains: map[string]*Tenant{}, read: map[string]*opened{}}
	if old != nil {
		s.before = old.all()
	}
	if version > 0 { // else nobody has made any
		err := d.list(ctx, document.Filter{Kind: tenantKind, AllTenants: true}, func(row document.Document) error {
			t, err := tenantOf(row)
			if err != nil {
				return err
			}
			s.tenants[row.Tenant] = t
			for _, domain := range t.Domains {
				if domain.Verified {
					s.domains[domain.Domain] = t
				}
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("tenants: %w", err)
		}
	}
	s.checked.set(at)
	d.seen.Store(s)
	return s, nil
}

// fresh returns the snapshot when it may still be used.
func (d *Directory) fresh() *snapshot {
	s := d.seen.Load()
	if s == nil || s.changes != d.changes.Load() || d.c.Now().Sub(s.checked.get()) >= d.c.MaxStale {
		return nil
	}
	return s
}

// all returns the applications that were read.
func (s *snapshot) all() map[string]*opened {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make(map[string]*opened, len(s.read))
	for id, o := range s.read {
		all[id] = o
	}
	return all
}

// apps returns a tenant's applications.
func (d *Directory) apps(ctx context.Context, s *snapshot, tenantID string) (*opened, error) {
	// Of a tenant that nobody has made there are none: strangers who name tenants cost no read.
	if s.version == 0 || tenantID != "" && s.tenants[tenantID] == nil {
		return &opened{}, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.read[tenantID]; o != nil {
		return o, nil
	}
	o, before := &opened{byProvider: map[string]*openedApp{}}, s.before[tenantID]
	err := d.list(ctx, document.Filter{Kind: appKind, Tenant: tenantID}, func(row document.Document) error {
		_, provider, _ := strings.Cut(row.ID, ".")
		var app *openedApp
		if before != nil {
			app = before.byProvider[provider]
		}
		if app == nil || app.version != row.Version || app.err != nil {
			app = &openedApp{version: row.Version, id: provider}
			a, err := d.appOf(row)
			if err == nil && a.Enabled {
				app.provider, err = a.provider()
			}
			if app.err = err; err != nil {
				d.c.Logger.ErrorContext(ctx, "tenants: an application cannot be used", "app", row.ID, "error", err)
			}
		}
		o.byProvider[provider] = app
		o.order = append(o.order, app)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("tenants: %w", err)
	}
	s.read[tenantID] = o
	return o, nil
}

// Provider implements vault.Source.
func (d *Directory) Provider(ctx context.Context, id string) (oauth.Provider, error) {
	s, err := d.now(ctx)
	if err != nil {
		return nil, err
	}
	apps, err := d.apps(ctx, s, tenant.From(ctx))
	if err != nil {
		return nil, err
	}
	app, own := apps.byProvider[id]
	switch {
	case own && app.err != nil:
		return nil, app.err
	case own && app.provider != nil:
		return app.provider, nil
	case !own && d.shared[id] != nil:
		return d.shared[id], nil
	}
	return nil, vault.ErrUnknownProvider
}

// Providers implements vault.Source: those of all tenants first, then the tenant's own, by ID.
func (d *Directory) Providers(ctx context.Context) ([]oauth.Provider, error) {
	s, err := d.now(ctx)
	if err != nil {
		return nil, err
	}
	apps, err := d.apps(ctx, s, tenant.From(ctx))
	if err != nil {
		return nil, err
	}
	var list []oauth.Provider
	for _, shared := range d.c.Shared {
		id := shared.Description().ID
		if app, own := apps.byProvider[id]; !own {
			list = append(list, shared)
		} else if app.provider != nil {
			list = append(list, app.provider)
		}
	}
	for _, app := range apps.order {
		if d.shared[app.id] == nil && app.provider != nil {
			list = append(list, app.provider)
		}
	}
	return list, nil
}

// Find returns the tenant with the ID, "default" for the default one, or nil when there is no
// row of it. It is for requests: it reads nothing within Config.MaxStale.
func (d *Directory) Find(ctx context.Context, id string) (*Tenant, error) {
	s, err := d.now(ctx)
	if err != nil {
		return nil, err
	}
	return s.tenants[key(id)], nil
}

// ByDomain returns the tenant whose verified domain this is, or nil, as Find does: the host of
// a request, or the domain of an e-mail address.
func (d *Directory) ByDomain(ctx context.Context, domain string) (*Tenant, error) {
	s, err := d.now(ctx)
	if err != nil {
		return nil, err
	}
	return s.domains[strings.ToLower(strings.TrimSuffix(domain, "."))], nil
}
