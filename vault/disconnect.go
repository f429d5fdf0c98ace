package vault

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/gosocial/social/internal/tenant"
)

// Disconnect removes connections and returns them; see Removal for its errors.
// The rows go first, whatever the providers answer. Then the tokens are revoked
// where a provider can, within seconds and even when ctx ends; what could not be
// revoked is kept, sealed, and tried again by Run.
//
// In a transaction of the caller's the providers are told by Run, within a minute
// after that has committed: were it undone, tokens would have ended that are still
// in use. With a store that is no Joiner they are told before it commits.
func (v *Vault) Disconnect(ctx context.Context, r Removal) ([]Connection, error) {
	r.Tenant = tenant.From(ctx)
	return v.disconnect(ctx, func(ctx context.Context) ([]Removed, error) { return v.store.Remove(ctx, r) })
}

// Forget removes all connections of a user who is deleted, as Disconnect does,
// and calls also, which deletes the user, with it: in one transaction where the
// store is a Transactor, else behind it. Whoever has no connection is deleted
// all the same. The providers are told once it is done, as Disconnect says; also may
// be called again, as Transactor says.
func (v *Vault) Forget(ctx context.Context, userID string, also func(ctx context.Context) error) ([]Connection, error) {
	if userID == "" {
		return nil, errors.New("vault: forget: no user")
	}
	return v.disconnect(ctx, func(ctx context.Context) ([]Removed, error) {
		removed, err := v.store.Remove(ctx, Removal{Tenant: tenant.From(ctx), UserID: userID})
		if errors.Is(err, ErrNoConnection) {
			removed, err = nil, nil
		}
		if err == nil {
			err = also(ctx)
		}
		return removed, err
	})
}

func (v *Vault) disconnect(ctx context.Context, remove func(ctx context.Context) ([]Removed, error)) ([]Connection, error) {
	var gone []Connection
	var todo []revocation
	joined := v.joined(ctx)
	all := func(ctx context.Context) error {
		removed, err := remove(ctx)
		if err != nil && len(removed) == 0 {
			return err
		}
		// Once the rows are gone their tokens are only here: from now on the end of
		// the request stops nothing.
		ctx = context.WithoutCancel(ctx)
		gone, todo = make([]Connection, len(removed)), nil
		for i := range removed {
			gone[i] = removed[i].Connection
			var lost error
			if todo, lost = v.plan(ctx, todo, &removed[i]); lost != nil && joined {
				return fmt.Errorf("vault: disconnect: %w", lost) // nobody would tell the provider
			}
		}
		return err
	}
	var err error
	if tx, ok := v.store.(Transactor); ok {
		if err = tx.InTx(ctx, all); err != nil {
			return nil, err
		}
	} else {
		err = all(ctx)
	}
	for i := range gone {
		v.cache.drop(gone[i].ID)
		v.health.recovered(gone[i].ID)
	}
	if !joined {
		v.revokeAll(context.WithoutCancel(ctx), todo)
	}
	return gone, err
}

// joined reports whether the context carries a transaction of the caller's.
func (v *Vault) joined(ctx context.Context) bool {
	j, ok := v.store.(Joiner)
	return ok && j.Joined(ctx)
}

// plan notes the revocation of a connection that was removed, and stores it
// before it is tried: this process may end. When the error says that it was not
// stored, it can be tried all the same.
func (v *Vault) plan(ctx context.Context, todo []revocation, removed *Removed) ([]revocation, error) {
	c := &removed.Connection
	if v.revoker(c.ProviderID) == nil {
		return todo, nil
	}
	t, err := v.openToken(c, removed.Sealed)
	if err != nil {
		v.emit(ctx, RevocationAbandoned{subjectOf(c), err})
		return todo, nil
	}
	rev := revocation{Subject: subjectOf(c), token: t}
	if err = v.park(ctx, &rev); err != nil {
		v.log.WarnContext(ctx, "revocation not stored", "connection", c.ID, "error", err)
	}
	return append(todo, rev), err
}

// revokeAll makes one attempt for each, all at once, and returns how many
// succeeded.
func (v *Vault) revokeAll(ctx context.Context, todo []revocation) int {
	var wg sync.WaitGroup
	var revoked atomic.Int64
	var one sync.Mutex // at the store: ctx may carry a transaction, which takes no two statements at once
	for i := range todo {
		wg.Go(func() {
			ended, over := v.attempt(ctx, &todo[i])
			if ended {
				revoked.Add(1)
			}
			if over {
				one.Lock()
				defer one.Unlock()
				v.strikeOff(ctx, &todo[i])
			}
		})
	}
	wg.Wait()
	return int(revoked.Load())
}
