package vault

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"sync/atomic"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
)

const (
	keepAlivePage     = 200     // rows read at once
	keepAliveFailures = 3       // of so many users in a row, after which a provider is left alone for this round
	mostWaiting       = 100_000 // connections of all providers that wait for a worker
	fewestWaiting     = 100     // of one provider, however many others wait

	shortestRound = time.Second
	longestRound  = time.Hour
	shortestWork  = time.Minute // of a round that has more to do
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
// Of one provider (of a Source, in one tenant) Limits.KeepAliveConcurrency are refreshed at
// once, as fast as it answers. Where it says that this is too much (429, or Retry-After) it
// is asked nothing for as long as it wants, a second at the least, and then half as many at
// once, until refreshes succeed again. No provider waits for another. What is too much for a
// round, by its time of an hour at the most or by its memory for 50,000 connections of one
// provider, waits for the next. After failures of three users in a row a provider is left alone until then;
// the order is another one each time, so that a few connections that always fail keep
// no others from their turn.
// Connections that need the user, or are suspended, are passed over.
func (v *Vault) KeepAlive(ctx context.Context) ([]KeptAlive, error) {
	if v.idle <= 0 {
		return nil, errors.New("vault: Config.KeepAlive does not say for how long a token may be unchanged")
	}
	r := &round{v: v, most: v.mostWaiting, ends: time.Now().Add(max(v.keepAliveRound(), shortestWork)), queues: map[tenantProvider]*queue{}}
	walked := r.walk(ctx, v.store.(Lister)) // as New has made sure
	var all []KeptAlive
	for _, q := range r.queues {
		q.workers.Wait()
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
	v       *Vault
	queues  map[tenantProvider]*queue
	waiting atomic.Int64 // connections of all queues
	most    int          // of those
	ends    time.Time    // what waits then is left for the next one
}

func (r *round) queue(tenant, providerID string) *queue {
	key := tenantProvider{tenant, providerID}
	if r.queues[key] == nil {
		r.queues[key] = newQueue(r, key)
	}
	return r.queues[key]
}

// walk finds what is due. It fails only with the store or ctx: what is wrong
// with one connection must not keep the others from being refreshed.
func (r *round) walk(ctx context.Context, lister Lister) error {
	f := Filter{AllTenants: true, RestingSince: r.v.restingSince(r.v.now())}
	for after := ""; ; {
		page, err := lister.SealedTokens(ctx, f, after, keepAlivePage)
		if err != nil {
			return err
		}
		for i := range page {
			r.look(ctx, &page[i])
		}
		if len(page) < keepAlivePage {
			return nil
		}
		after = page[len(page)-1].ID
	}
}

// restingSince is the time since when a connection's row is unchanged that is looked at: not
// longer ago than a round, because how soon the refresh token ends is sealed with it.
func (v *Vault) restingSince(now time.Time) time.Time { return now.Add(-v.keepAliveRound()) }

// look queues one connection when it is due.
func (r *round) look(ctx context.Context, s *SealedToken) {
	c := Connection{ID: s.ID, Tenant: s.Tenant, UserID: s.UserID, ProviderID: s.ProviderID, CreatedAt: s.CreatedAt}
	due, err := r.v.due(ctx, &c, s.Sealed)
	switch {
	case err != nil:
		r.v.log.WarnContext(ctx, "connection not kept alive", "connection", s.ID, "error", err)
		r.queue(s.Tenant, s.ProviderID).count(func(k *KeptAlive) {
			if unopened(err) {
				k.Unopened++
			} else {
				k.Left++
			}
		})
	case due.access != nil:
		r.queue(s.Tenant, s.ProviderID).add(ctx, s.ID)
	}
}

// A candidate is a connection that is due, with its provider; access is nil when it is not.
type candidate struct {
	access   *access
	provider *provider
}

func unopened(err error) bool {
	return errors.Is(err, keyring.ErrSealed) || errors.Is(err, keyring.ErrUnknownKey)
}

// due looks whether a connection is due. An error is about it alone.
func (v *Vault) due(ctx context.Context, c *Connection, sealed []byte) (candidate, error) {
	p, err := v.providerOf(ctx, c)
	if errors.Is(err, ErrUnknownProvider) {
		return candidate{}, nil
	}
	if err != nil {
		return candidate{}, err
	}
	if _, ok := p.client.(oauth.Refresher); !ok {
		return candidate{}, nil
	}
	t, err := v.openToken(c, sealed)
	if now := v.now(); err == nil && t.Refresh != "" && !now.Before(v.keepAliveAt(c, &t)) {
		if a := newAccess(*c, &t, now); a.expired(now) || !p.late() {
			return candidate{a, p}, nil
		}
	}
	return candidate{}, err
}

// dueStill reads a connection that has waited, and looks whether it is still due.
func (v *Vault) dueStill(ctx context.Context, id string) (Connection, candidate, error) {
	row, sealed, err := v.store.Token(ctx, id)
	if err != nil || !row.restingSince(v.restingSince(v.now())) {
		return row, candidate{}, err
	}
	c, err := v.due(ctx, &row, sealed)
	return row, c, err
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
