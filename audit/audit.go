package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/gosocial/social/internal/id"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/jobs"
)

// Config configures a Log. Store is required; the zero value of every other field means its
// default.
type Config struct {
	Store Store
	// Retention is how long rows are kept; default 400 days. Negative means for good.
	Retention time.Duration
	// Refusals is how many refusals (failed log-ins, for example) are recorded within an
	// hour by this process, so that strangers cannot fill the disk; default 10,000. The
	// limits of package accounts bound those of one network far below it: about 100 failed
	// log-ins in 15 minutes. Negative means no limit.
	Refusals int
	// Except are names of events that are not recorded. Where package social records
	// with package accounts as its Users, both tell of a log-in: see SocialTwice.
	Except []string

	Logger *slog.Logger     // slog.Default() when nil
	Now    func() time.Time // time.Now when nil
}

// SocialTwice returns the names of those events of package social that package accounts
// tells of too.
func SocialTwice() []string { return []string{"login_completed", "account_created", "account_deleted"} }

const (
	defaultRetention = 400 * 24 * time.Hour
	defaultRefusals  = 10_000
	refusalsPer      = time.Hour
	mostListed       = 1000
	deleteBatch      = 500
)

// A Log writes rows and reads them. All methods are safe for concurrent use.
type Log struct {
	c Config

	ids id.Sequence // so that rows of one request stay in their order

	mu      sync.Mutex
	since   time.Time // the hour in which refusals are counted
	refused int
}

// New returns a Log.
func New(c Config) (*Log, error) {
	if c.Store == nil {
		return nil, errors.New("audit: Config.Store is missing")
	}
	if c.Retention == 0 {
		c.Retention = defaultRetention
	}
	if c.Refusals == 0 {
		c.Refusals = defaultRefusals
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Log{c: c}, nil
}

// Record writes a row of an event, in the transaction of the store that ctx carries. The
// packages whose events they are call it: an error undoes the change.
func (l *Log) Record(ctx context.Context, e Event) error {
	if slices.Contains(l.c.Except, e.Event()) {
		return nil
	}
	now := l.c.Now()
	if _, ok := e.(Refusal); ok && !l.mayRefuse(ctx, now) {
		return nil
	}
	cause := CauseOf(ctx)
	entry := Entry{
		ID: l.ids.New(now), Tenant: tenant.From(ctx), At: now, Event: e.Event(), Provider: e.Provider(),
		Actor: cause.Actor, Address: clip(cause.Address, longest), UserAgent: clip(cause.UserAgent, 255),
	}
	if entry.Actor.Kind == "" {
		entry.Actor.Kind = ActorSystem
	}
	var kept any = e
	if d, ok := e.(interface{ Details() any }); ok {
		kept = d.Details()
	}
	if err := entry.fill(kept); err != nil {
		return err
	}
	if err := l.c.Store.InsertAudit(ctx, entry); err != nil {
		return fmt.Errorf("audit: recording %s: %w", entry.Event, err)
	}
	return nil
}

// mayRefuse counts a refusal, and reports whether it is one of those that are recorded.
func (l *Log) mayRefuse(ctx context.Context, now time.Time) bool {
	if l.c.Refusals < 0 {
		return true
	}
	l.mu.Lock()
	if d := now.Sub(l.since); d >= refusalsPer || d < 0 {
		l.since, l.refused = now, 0
	}
	l.refused++
	n, until := l.refused, l.since.Add(refusalsPer)
	l.mu.Unlock()
	if n == l.c.Refusals+1 {
		l.c.Logger.WarnContext(ctx, "audit: too many refusals: further ones are not recorded", "limit", l.c.Refusals, "until", until)
	}
	return n <= l.c.Refusals
}

// List lists rows of the context's tenant, the last one first: f.Tenant is not used. A limit of
// 0, or above 1,000, means 1,000. Of a page that is full, the ID of the last row is
// Filter.Before of the next one.
func (l *Log) List(ctx context.Context, f Filter) ([]Entry, error) {
	f.Tenant = tenant.From(ctx)
	if f.Limit <= 0 {
		f.Limit = mostListed
	}
	f.Limit = min(f.Limit, mostListed)
	entries, err := l.c.Store.ListAudit(ctx, f)
	if err != nil {
		return nil, fmt.Errorf("audit: listing: %w", err)
	}
	return entries, nil
}

// After lists up to limit rows of all tenants that follow the position, in an order that
// does not change, for programs that read every row once: the position of the last row is
// where they go on. It leaves no row out, whichever transactions overlap: a row gets its
// position after it was committed.
func (l *Log) After(ctx context.Context, position int64, limit int) ([]Entry, error) {
	entries, err := l.c.Store.AuditAfter(ctx, position, min(max(limit, 1), mostListed))
	if err != nil {
		return nil, fmt.Errorf("audit: reading: %w", err)
	}
	return entries, nil
}

// Last returns the position of the last row that After has returned, 0 when there is none.
func (l *Log) Last(ctx context.Context) (int64, error) {
	position, err := l.c.Store.LastAudit(ctx)
	if err != nil {
		return 0, fmt.Errorf("audit: reading: %w", err)
	}
	return position, nil
}

// Jobs returns the background work of a log: once an hour it deletes rows that are older
// than Config.Retention.
func (l *Log) Jobs() []jobs.Job {
	if l.c.Retention < 0 {
		return nil
	}
	return []jobs.Job{{Name: "audit/retention", Every: time.Hour, Run: func(ctx context.Context) error {
		_, err := l.DeleteOld(ctx)
		return err
	}}}
}

// DeleteOld deletes rows that are older than Config.Retention, in small steps, and returns how
// many.
func (l *Log) DeleteOld(ctx context.Context) (deleted int, err error) {
	if l.c.Retention < 0 {
		return 0, nil
	}
	before := l.c.Now().Add(-l.c.Retention)
	for {
		n, err := l.c.Store.DeleteAudit(ctx, before, deleteBatch)
		deleted += n
		if err != nil {
			return deleted, fmt.Errorf("audit: deleting old rows: %w", err)
		}
		if n < deleteBatch {
			return deleted, ctx.Err()
		}
	}
}
