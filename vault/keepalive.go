package vault

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
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
	keepAliveFailures = 3                      // in a row, after which a provider is left alone for this round

	shortestRound = time.Second
	longestRound  = time.Hour
)

// KeepAlive goes through all connections once, refreshes those whose time has
// come, and returns what became of each provider's; it returns when all of that
// is done, or early when ctx ends. Run calls it again and again, in one process
// at a time.
//
// A connection's time comes when its token has been unchanged for 70 to 95 % of
// Config.KeepAlive, or when its refresh token has lived half to three quarters of
// its life, where the provider says how long that is: somewhere in that span, so
// that connections made at the same time are not all refreshed at the same time.
// Of one provider no more than four are refreshed at once, about ten in a
// second, and what does not fit into a round waits for the next. After three
// failures in a row a provider is left alone until then. Connections that need
// the user are passed over.
func (v *Vault) KeepAlive(ctx context.Context) ([]KeptAlive, error) {
	walker, ok := v.store.(Walker)
	if !ok || v.idle <= 0 {
		return nil, errors.New("vault: nothing says what to keep alive")
	}
	r := &round{v: v, lanes: map[string]*lane{}}
	holding, release := context.WithCancel(ctx)
	defer release()
	go v.holdTurns(holding)
	walked := r.walk(ctx, walker)
	var all []KeptAlive
	for _, l := range r.lanes {
		close(l.due)
		l.workers.Wait()
		l.done.Took = time.Since(l.began)
		all = append(all, l.done)
		v.emit(ctx, l.done)
	}
	slices.SortFunc(all, func(a, b KeptAlive) int { return cmp.Compare(a.ProviderID, b.ProviderID) })
	if walked != nil {
		return all, fmt.Errorf("vault: keep alive: %w", walked)
	}
	return all, ctx.Err()
}

// A round is one walk through all connections.
type round struct {
	v     *Vault
	lanes map[string]*lane
}

// A lane is the refreshing of one provider's connections.
type lane struct {
	due     chan string // IDs
	workers sync.WaitGroup
	began   time.Time

	mu       sync.Mutex
	done     KeptAlive
	failures int // in a row
}

func (r *round) lane(ctx context.Context, providerID string) *lane {
	l := r.lanes[providerID]
	if l == nil {
		l = &lane{
			// What a round has time for.
			due:   make(chan string, max(keepAliveBatch, int(r.v.turn()*keepAliveWorkers/keepAlivePause))),
			began: time.Now(), done: KeptAlive{ProviderID: providerID},
		}
		r.lanes[providerID] = l
		for range keepAliveWorkers {
			l.workers.Go(func() { l.work(ctx, r.v) })
		}
	}
	return l
}

// walk finds what is due. It fails only with the store or ctx: what is wrong
// with one connection must not keep the others from being refreshed.
func (r *round) walk(ctx context.Context, walker Walker) error {
	for after := ""; ; {
		ids, err := walker.Walk(ctx, after, keepAliveBatch)
		if err != nil {
			return err
		}
		for _, id := range ids {
			after = id
			if err := r.look(ctx, id); err != nil && !errors.Is(err, ErrNoConnection) {
				return err
			}
		}
		if len(ids) < keepAliveBatch {
			return nil
		}
	}
}

// look queues one connection when it is due.
func (r *round) look(ctx context.Context, id string) error {
	o, err := r.v.due(ctx, id)
	if o == nil {
		if errors.Is(err, keyring.ErrSealed) || errors.Is(err, keyring.ErrUnknownKey) {
			return r.unopened(ctx, id, err)
		}
		return err
	}
	l := r.lane(ctx, o.conn.ProviderID)
	select {
	case l.due <- id:
	default:
		l.count(func(k *KeptAlive) { k.Left++ })
	}
	return nil
}

func (r *round) unopened(ctx context.Context, id string, cause error) error {
	c, err := r.v.store.ByID(ctx, id)
	if err == nil {
		r.v.log.WarnContext(ctx, "connection not kept alive", "connection", id, "error", cause)
		r.lane(ctx, c.ProviderID).count(func(k *KeptAlive) { k.Unopened++ })
	}
	return err
}

// due returns a connection when its time has come, else nil. One that was
// refreshed or changed lately is passed over without opening its token.
func (v *Vault) due(ctx context.Context, id string) (*opened, error) {
	c, err := v.store.ByID(ctx, id)
	if err != nil {
		return nil, err
	}
	now := v.now()
	// Not longer ago than a round: how soon the refresh token ends is sealed with it.
	recent := now.Add(-min(v.idle/8, v.turn()))
	_, able := v.clients[c.ProviderID].(oauth.Refresher)
	lapsed := !c.ExpiresAt.IsZero() && c.ExpiresAt.Before(recent)
	if !able || c.Status == NeedsReauthorization || c.UpdatedAt.After(recent) && !lapsed {
		return nil, nil
	}
	c, sealed, err := v.store.Token(ctx, id)
	if err != nil {
		return nil, err
	}
	t, err := v.openToken(&c, sealed)
	if err != nil || t.Refresh == "" || now.Before(v.keepAliveAt(&c, &t)) {
		return nil, err
	}
	return v.opened(c, &t, now), nil
}

// keepAliveAt is when a token is to be refreshed though nobody uses it.
func (v *Vault) keepAliveAt(c *Connection, t *storedToken) time.Time {
	issued := t.Issued
	if issued.IsZero() {
		issued = c.CreatedAt
	}
	// The same in every process and every round, and another one for each token.
	h := fnv.New64a()
	h.Write([]byte(c.ID))
	binary.Write(h, binary.BigEndian, issued.UnixMilli())
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

func (l *lane) count(f func(*KeptAlive)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(&l.done)
}

// work refreshes what is due, until there is nothing more, the provider fails or
// ctx ends: what is left then waits for the next round.
func (l *lane) work(ctx context.Context, v *Vault) {
	for id := range l.due {
		l.mu.Lock()
		over := l.failures >= keepAliveFailures || ctx.Err() != nil
		if over {
			l.done.Left++
		}
		l.mu.Unlock()
		if over {
			continue
		}
		// Asked again, since it has waited.
		o, err := v.due(ctx, id)
		if o != nil {
			_, err = v.refreshed(ctx, o, true)
		}
		l.count(func(k *KeptAlive) {
			switch {
			case errors.Is(err, ErrNoConnection):
			case errors.Is(err, ErrNeedsReauthorization):
				k.Ended++
			case err != nil:
				k.Failed++
				l.failures++
			case o != nil:
				k.Refreshed++
				l.failures = 0
			}
		})
		if len(l.due) > 0 {
			sleep(ctx, jitter(keepAlivePause))
		}
	}
}

// turn is how long one process goes around before another may.
func (v *Vault) turn() time.Duration { return min(max(v.idle/100, shortestRound), longestRound) }

// claim takes a turn for this process: the current one is number now/turn.
func (v *Vault) claim(ctx context.Context, turn int64, now time.Time) error {
	key := fmt.Appendf(nil, "vault/keep-alive/%d", turn)
	return v.store.Claim(ctx, Claim{Key: key, Now: now, Until: time.Unix(0, (turn+2)*int64(v.turn()))})
}

// holdTurns takes each next turn too when half of one has gone, until ctx ends,
// so that a round that takes long is not joined by another process. Should one
// join all the same, the leases keep them apart.
func (v *Vault) holdTurns(ctx context.Context) {
	turn := int64(v.turn())
	held := v.now().UnixNano() / turn
	tick := time.NewTicker(v.turn() / 8)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		now := v.now()
		if next := (now.UnixNano() + turn/2) / turn; next > held && v.claim(ctx, next, now) == nil {
			held = next
		}
	}
}

// keepAlive goes around once a turn, in one process.
func (v *Vault) keepAlive(ctx context.Context) {
	turn := v.turn()
	tick := time.NewTicker(max(turn/4, shortestRound/4))
	defer tick.Stop()
	for {
		now := v.now()
		err := v.claim(ctx, now.UnixNano()/int64(turn), now)
		if err == nil {
			_, err = v.KeepAlive(ctx)
		}
		if err != nil && !errors.Is(err, ErrClaimed) && ctx.Err() == nil {
			v.log.WarnContext(ctx, "connections not kept alive", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
