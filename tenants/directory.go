package tenants

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/document"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// Config is what New needs: Documents and Keys. Everything else has a default.
type Config struct {
	// Documents keeps the rows. One that is a vault.Transactor, such as *sqlstore.Store, writes
	// a change, what tells the other processes of it, and its audit row together.
	Documents document.Store
	// Keys seal the secrets of applications.
	Keys *keyring.Ring

	// Shared are providers that every tenant has, in this order. A tenant's application of the
	// same ID is in place of one, also when it is disabled.
	Shared []oauth.Provider

	// AppURL is social.Config.AppURL, which Middleware and HomeRealm need.
	AppURL string

	// MaxStale is for how long this process uses what it has read without asking whether it has
	// changed, which is one read of one small row. Default 2 s. What this process changes, it
	// sees at once.
	MaxStale time.Duration

	// Record writes events to the audit log, in the transaction of the change: see
	// audit.Log.Record.
	Record func(ctx context.Context, e audit.Event) error

	Logger *slog.Logger     // slog.Default() when nil
	Now    func() time.Time // time.Now when nil
}

// A Directory knows tenants and their applications at providers. It is a vault.Source, and
// safe for concurrent use.
type Directory struct {
	c      Config
	shared map[string]oauth.Provider

	mu   sync.Mutex // held while the rows are read
	seen atomic.Pointer[snapshot]
	// changes counts those of this process: what was read before one is stale.
	changes atomic.Int64
}

var _ vault.Source = (*Directory)(nil)

// New returns a Directory.
func New(c Config) (*Directory, error) {
	switch {
	case c.Documents == nil:
		return nil, errors.New("tenants: Config.Documents is missing")
	case c.Keys == nil:
		return nil, errors.New("tenants: Config.Keys is missing")
	}
	if u, err := url.Parse(c.AppURL); err != nil || c.AppURL != "" && (u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		return nil, fmt.Errorf("tenants: Config.AppURL %q is not an http or https address", c.AppURL)
	}
	c.MaxStale = cmp.Or(max(c.MaxStale, 0), 2*time.Second)
	c.Logger = cmp.Or(c.Logger, slog.Default())
	if c.Now == nil {
		c.Now = time.Now
	}
	d := &Directory{c: c, shared: make(map[string]oauth.Provider, len(c.Shared))}
	for _, p := range c.Shared {
		id := p.Description().ID
		if d.shared[id] != nil {
			return nil, fmt.Errorf("tenants: two providers with the ID %q", id)
		}
		d.shared[id] = p
	}
	return d, nil
}

const (
	tenantKind  = "tenant"
	domainKind  = "tenant_domain"
	appKind     = "provider_app"
	versionKind = "tenants_version"
	versionID   = "all"
	pageSize    = 500
)

// change does what f does, records it and tells every process of it, in one transaction where
// the store can. It begins again, with f, when another process has changed the same.
func (d *Directory) change(ctx context.Context, f func(ctx context.Context) (audit.Event, error)) error {
	defer d.changes.Add(1)
	for {
		err := d.inTx(ctx, func(ctx context.Context) error {
			e, err := f(ctx)
			if err != nil {
				return err
			}
			if err := d.record(ctx, e); err != nil {
				return err
			}
			return d.tell(ctx)
		})
		if !errors.Is(err, document.ErrStale) {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// tell makes the version another one.
func (d *Directory) tell(ctx context.Context) error {
	now := d.c.Now()
	row, err := d.c.Documents.Document(ctx, versionKind, versionID)
	if errors.Is(err, document.ErrNone) {
		err = d.c.Documents.InsertDocument(ctx, document.Document{Kind: versionKind, ID: versionID, Body: []byte("{}"), CreatedAt: now, UpdatedAt: now})
		if errors.Is(err, document.ErrTaken) {
			return document.ErrStale // another process was the first
		}
		return err
	}
	if err != nil {
		return err
	}
	row.UpdatedAt = now
	return d.c.Documents.UpdateDocument(ctx, row)
}

// version returns what changes with every change, 0 before the first.
func (d *Directory) version(ctx context.Context) (int64, error) {
	row, err := d.c.Documents.Document(ctx, versionKind, versionID)
	if errors.Is(err, document.ErrNone) {
		return 0, nil
	}
	return row.Version, err
}

// list calls each with all rows that the filter selects.
func (d *Directory) list(ctx context.Context, f document.Filter, each func(document.Document) error) error {
	f.Limit = pageSize
	for {
		page, err := d.c.Documents.Documents(ctx, f)
		if err != nil {
			return err
		}
		for _, row := range page {
			if err := each(row); err != nil {
				return err
			}
			f.After = row.ID
		}
		if len(page) < pageSize {
			return nil
		}
	}
}
