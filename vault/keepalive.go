package vault

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
)

const (
	keepAliveBatch    = 100
	keepAliveWorkers  = 4                      // refreshes of one provider at once
	keepAlivePause    = 400 * time.Millisecond // of a worker between two
	keepAliveFailures = 3                      // of so many users in a row, after which a provider is left alone for this round

	shortestRound = time.Second
	longestRound  = time.Hour
)

// KeepAlive goes through all connections once, those of every tenant, refreshes
// those that are due, and returns what became of each provider's; it returns when
// all of that is done, or early when ctx ends. Run calls it again and again, in
// one process at a time.
//
// A connection is due when its token has been unchanged for 70 to 95 % of
// Config.KeepAlive, or when its refresh token has lived half to three quarters of
// its life, where the provider says how long that is: somewhere in that span, so
// that connections made at the same time are not all refreshed at the same time.
// Of one provider (of a Source, in one tenant) no more than four are refreshed at
// once, about ten in a second, and what is too much for a round waits for the
// next. After failures of three users in a row a provider is left alone until then;
// the order is another one each time, so that a few connections that always fail keep
// no others from their turn.
// Connections that need the user, or are suspended, are passed over.
func (v *Vault) KeepAlive(ctx context.Context) ([]KeptAlive, error) {
	if v.idle <= 0 {
		return nil, errors.New("vault: Config.KeepAlive does not say for how long a token may be unchanged")
	}
	r := &round{v: v, queues: map[tenantProvider]*queue{}}
	walked := r.walk(ctx, v.store.(Lister)) // as New has made sure
	var all []KeptAlive
	for _, q := range r.queues {
		q.workers.Wait()
		q.done.Took = time.Since(q.began)
		all = append(all, q.done)
		v.emit(ctx, q.done)
	}
	slices.SortFunc(all, func(a, b KeptAlive) int {
		return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.ProviderID, b.ProviderID))
	})
	if walked != nil {
		return all, fmt.Errorf("vault: keep alive: %w", walked)
	}
	return all, ctx.Err()
}

// keepAliveRound is how often KeepAlive is called.
func (v *Vault) keepAliveRound() time.Duration {
	return min(max(v.idle/100, shortestRound), longestRound)
}

// A round is one walk through all connections.
type round struct {
	v      *Vault
	queues map[tenantProvider]*queue
}

// A queue has the connections to one provider that wait to be refreshed.
type queue struct {
	workers sync.WaitGroup
	began   time.Time

	mu      sync.Mutex
	waiting []string            // IDs
	working int                 // workers
	failing map[string]struct{} // users with failures since the last success
	done    KeptAlive
}

func (r *round) queue(c *Connection) *queue {
	key := tenantProvider{c.Tenant, c.ProviderID}
	if r.queues[key] == nil {
		r.queues[key] = &queue{began: time.Now(), failing: map[string]struct{}{}, done: KeptAlive{Tenant: c.Tenant, ProviderID: c.ProviderID}}
	}
	return r.queues[key]
}

// walk finds what is due. It fails only with the store or ctx: what is wrong
// with one connection must not keep the others from being refreshed.
func (r *round) walk(ctx context.Context, lister Lister) error {
	for after := ""; ; {
		page, err := lister.List(ctx, Filter{AllTenants: true}, after, keepAliveBatch)
		if err != nil {
			return err
		}
		for i := range page {
			after = page[i].ID
			if err := r.look(ctx, page[i]); err != nil && !errors.Is(err, ErrNoConnection) {
				return err
			}
		}
		if len(page) < keepAliveBatch {
			return nil
		}
	}
}

// look queues one connection when it is due.
func (r *round) look(ctx context.Context, row Connection) error {
	c, err := r.v.due(ctx, row)
	if err != nil {
		return err
	}
	switch {
	case c.err != nil:
		r.v.log.WarnContext(ctx, "connection not kept alive", "connection", row.ID, "error", c.err)
		r.queue(&c.conn).count(func(k *KeptAlive) {
			if unopened(c.err) {
				k.Unopened++
			} else {
				k.Left++
			}
		})
	case c.access != nil:
		r.queue(&c.conn).add(ctx, r.v, row.ID)
	}
	return nil
}

// A candidate is a connection that was looked at: access is nil when it is not
// due, or when err keeps it from being refreshed.
type candidate struct {
	conn     Connection
	access   *access
	provider *provider
	err      error
}

func unopened(err error) bool {
	return errors.Is(err, keyring.ErrSealed) || errors.Is(err, keyring.ErrUnknownKey)
}

// due looks whether a connection is due. It fails only with the store. One that was
// refreshed or changed lately is passed over without opening its token.
func (v *Vault) due(ctx context.Context, row Connection) (c candidate, err error) {
	c.conn = row
	now := v.now()
	// Not longer ago than a round: how soon the refresh token ends is sealed with it.
	recent := now.Add(-v.keepAliveRound())
	lapsed := !c.conn.ExpiresAt.IsZero() && c.conn.ExpiresAt.Before(recent)
	if c.conn.Suspended || c.conn.Status == NeedsReauthorization || c.conn.UpdatedAt.After(recent) && !lapsed {
		return c, nil
	}
	if c.provider, c.err = v.providerOf(ctx, &c.conn); c.err != nil {
		if errors.Is(c.err, ErrUnknownProvider) {
			c.err = nil
		}
		return c, nil
	}
	if _, ok := c.provider.client.(oauth.Refresher); !ok {
		return c, nil
	}
	var sealed []byte
	if c.conn, sealed, err = v.store.Token(ctx, row.ID); err != nil {
		return c, err
	}
	t, err := v.openToken(&c.conn, sealed)
	switch {
	case err != nil:
		c.err = err
	case t.Refresh != "" && !now.Before(v.keepAliveAt(&c.conn, &t)):
		c.access = newAccess(c.conn, &t, now)
	}
	return c, nil
}

// keepAliveAt returns when a token is refreshed that is not used.
func (v *Vault) keepAliveAt(c *Connection, t *storedToken) time.Time {
	issued := t.Issued
	if issued.IsZero() {
		issued = c.CreatedAt
	}
	// The same in every process and every round.
	h := fnv.New64a()
	h.Write([]byte(c.ID))
	spread := time.Duration(h.Sum64() % 1000)
	at := issued.Add(v.idle/1000*700 + v.idle/4000*spread)
	if !t.RefreshExpiry.IsZero() {
		life := t.RefreshExpiry.Sub(issued)
		if early := issued.Add(life/2 + life/4000*spread); early.Before(at) {
			return early
		}
	}
	return at
}

func (q *queue) count(f func(*KeptAlive)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	f(&q.done)
}

// add queues a connection, unless there are more than a round has time for.
func (q *queue) add(ctx context.Context, v *Vault, id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) >= max(keepAliveBatch, int(v.keepAliveRound()*keepAliveWorkers/keepAlivePause)) {
		q.done.Left++
		return
	}
	q.waiting = append(q.waiting, id)
	if q.working < keepAliveWorkers {
		q.working++
		q.workers.Go(func() { q.work(ctx, v) })
	}
}

// work refreshes what waits, until nothing does. When the provider fails or ctx
// ends, what still waits is left for the next round.
func (q *queue) work(ctx context.Context, v *Vault) {
	for {
		id, ok := q.next(ctx)
		if !ok {
			return
		}
		// Looked at again, because it has waited.
		var c candidate
		row, err := v.store.ByID(ctx, id)
		if err == nil {
			c, err = v.due(ctx, row)
		}
		err = cmp.Or(err, c.err)
		if c.access != nil {
			_, err = v.refreshed(ctx, c.access, c.provider, true)
		}
		q.count(func(k *KeptAlive) {
			switch {
			case errors.Is(err, ErrNoConnection):
			case errors.Is(err, ErrNeedsReauthorization):
				k.Ended++
			case err != nil:
				k.Failed++
				q.failing[row.UserID] = struct{}{}
			case c.access != nil:
				k.Refreshed++
				clear(q.failing)
			}
		})
		if c.access != nil && q.more() {
			sleep(ctx, jitter(keepAlivePause))
		}
	}
}

// next returns a connection to refresh. A worker that gets none has ended.
func (q *queue) next(ctx context.Context) (id string, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.failing) >= keepAliveFailures || ctx.Err() != nil {
		q.done.Left += len(q.waiting)
		q.waiting = nil
	}
	if len(q.waiting) == 0 {
		q.working--
		return "", false
	}
	i, last := rand.IntN(len(q.waiting)), len(q.waiting)-1
	id, q.waiting[i], q.waiting = q.waiting[i], q.waiting[last], q.waiting[:last]
	return id, true
}

func (q *queue) more() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting) > 0
}
