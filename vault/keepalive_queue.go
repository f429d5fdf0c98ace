package vault

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gosocial/social/oauth"
)

// How a queue follows what the provider can take.
const (
	mostThrottled = 5 // pauses that it asks for in a row, after which it is left alone for this round
	calmPerWorker = 8 // refreshes of each worker that succeed before there is one more
)

// A queue has the connections to one provider that wait to be refreshed.
type queue struct {
	round   *round
	most    int // workers
	workers sync.WaitGroup
	began   time.Time

	mu        sync.Mutex
	waiting   []string            // IDs
	working   int                 // workers
	limit     int                 // of workers: fewer than most after the provider said that those are too many
	calm      int                 // refreshes that succeeded since the limit has changed
	until     time.Time           // the provider wants to be asked nothing
	throttled int                 // pauses since the last success
	failing   map[string]struct{} // users with failures since the last success
	done      KeptAlive
}

func newQueue(r *round, of tenantProvider) *queue {
	most := r.v.aliveAtOnce
	return &queue{
		round: r, most: most, limit: most, began: time.Now(), failing: map[string]struct{}{},
		done: KeptAlive{Tenant: of.tenant, ProviderID: of.id},
	}
}

func (q *queue) count(f func(*KeptAlive)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	f(&q.done)
}

// add queues a connection, unless too many wait.
func (q *queue) add(ctx context.Context, id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n := len(q.waiting); n >= fewestWaiting && (n >= q.round.most/2 || q.round.waiting.Load() >= int64(q.round.most)) {
		q.done.Left++
		return
	}
	q.waiting = append(q.waiting, strings.Clone(id)) // without the row that it is part of
	q.round.waiting.Add(1)
	q.start(ctx)
}

// start starts a worker where one is missing.
func (q *queue) start(ctx context.Context) {
	if q.working < q.limit && len(q.waiting) > 0 {
		q.working++
		q.workers.Go(func() { q.work(ctx) })
	}
}

// work refreshes what waits, until nothing does. When the provider fails or ctx
// ends, what still waits is left for the next round.
func (q *queue) work(ctx context.Context) {
	for {
		id, pause, ok := q.next(ctx)
		switch {
		case !ok:
			return
		case pause > 0:
			sleep(ctx, pause+jitter(time.Second/4))
			continue
		}
		// Looked at again, because it has waited.
		row, c, err := q.round.v.dueStill(ctx, id)
		if err == nil && c.access != nil {
			_, err = q.round.v.refreshed(ctx, c.access, c.provider, true)
		}
		q.note(ctx, &row, c.access != nil, err)
	}
}

// next returns a connection to refresh, or how long to pause before. A worker that gets
// neither has ended.
func (q *queue) next(ctx context.Context) (id string, pause time.Duration, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.failing) >= keepAliveFailures || q.throttled > mostThrottled ||
		ctx.Err() != nil || !time.Now().Before(q.round.ends) {
		q.done.Left += len(q.waiting)
		q.round.waiting.Add(-int64(len(q.waiting)))
		q.waiting = nil
	}
	if len(q.waiting) == 0 || q.working > q.limit {
		q.working--
		q.done.Took = time.Since(q.began)
		return "", 0, false
	}
	if pause := time.Until(q.until); pause > 0 {
		return "", pause, true
	}
	i, last := rand.IntN(len(q.waiting)), len(q.waiting)-1
	id, q.waiting[i], q.waiting = q.waiting[i], q.waiting[last], q.waiting[:last]
	q.round.waiting.Add(-1)
	return id, 0, true
}

// note counts what became of a connection.
func (q *queue) note(ctx context.Context, c *Connection, due bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case errors.Is(err, ErrNoConnection):
	case errors.Is(err, ErrNeedsReauthorization):
		q.done.Ended++
	case err != nil:
		q.done.Failed++
		if asks, pause := throttles(err); asks {
			q.throttle(pause)
		} else {
			q.failing[c.UserID] = struct{}{}
		}
	case due:
		q.done.Refreshed++
		q.succeeded(ctx)
	}
}

// throttles reports whether the provider says that it is asked too much, and for how long
// it wants to be left alone.
func throttles(err error) (bool, time.Duration) {
	pe, ok := errors.AsType[*oauth.ProviderError](err)
	if !ok || errors.Is(err, errNotTried) || pe.RetryAfter <= 0 && pe.Status != http.StatusTooManyRequests {
		return false, 0
	}
	return true, pe.RetryAfter
}

// throttle pauses, and goes on with half as many workers. Answers to requests that were
// under way together are one.
func (q *queue) throttle(asked time.Duration) {
	now := time.Now()
	if now.Before(q.until) {
		return
	}
	q.until = now.Add(max(asked, firstPause<<q.throttled))
	if q.throttled++; !q.until.Before(q.round.ends) {
		q.throttled = mostThrottled + 1
	}
	q.limit, q.calm = max(q.limit/2, 1), 0
}

// succeeded adds a worker after so many successes.
func (q *queue) succeeded(ctx context.Context) {
	clear(q.failing)
	q.throttled = 0
	if q.calm++; q.limit < q.most && q.calm >= calmPerWorker*q.limit {
		q.limit, q.calm = q.limit+1, 0
		q.start(ctx)
	}
}
