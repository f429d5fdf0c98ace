package vault

import (
	"context"
	"errors"
	"fmt"
)

// A Resealing is how far sealing again under the ring's first key has come.
type Resealing struct {
	Last string // the last connection looked at: where to go on
	Done bool   // there is none behind Last

	Looked   int
	Resealed int
	Busy     []string // changed or refreshed at that moment: to be looked at in another round
	Unopened []string // under a key that is missing, or damaged; left as they are
}

// Reseal seals the tokens of the next connections behind the ID after again,
// where they are not yet under the ring's first key. It may run while the
// vault is used, and stop and go on at any time: call it with "" and then with
// Last until Done. When a whole round from "" had nothing Resealed, Busy or
// Unopened, and a day has passed for what waits to be revoked, the old keys can
// go. The store must be a Walker.
func (v *Vault) Reseal(ctx context.Context, after string) (Resealing, error) {
	done := Resealing{Last: after}
	walker, ok := v.store.(Walker)
	if !ok {
		return done, errors.New("vault: the store cannot list its connections")
	}
	ids, err := walker.Walk(ctx, after, resealBatch)
	if err != nil {
		return done, fmt.Errorf("vault: reseal: %w", err)
	}
	for _, id := range ids {
		if err := v.resealOne(ctx, id, &done); err != nil {
			return done, fmt.Errorf("vault: reseal: %w", err)
		}
		done.Last = id
		done.Looked++
	}
	done.Done = len(ids) < resealBatch
	return done, nil
}

const resealBatch = 100

func (v *Vault) resealOne(ctx context.Context, id string, done *Resealing) error {
	_, sealed, err := v.store.Token(ctx, id)
	if errors.Is(err, ErrNoConnection) {
		return nil
	}
	if err != nil || SealedUnder(sealed) == v.keys.keys[0].Name {
		return err
	}
	// An owner of its own, so that a refresh in this very process keeps it away.
	owner, now := v.owner+"-reseal", v.now()
	row, sealed, interrupted, err := v.store.Lease(ctx, id, owner, now, now.Add(v.timeout))
	switch {
	case errors.Is(err, ErrNoConnection):
		return nil
	case errors.Is(err, ErrLeased):
		done.Busy = append(done.Busy, id)
		return nil
	case err != nil:
		return err
	}
	plaintext, err := v.keys.Open(sealed, bindToken(&row))
	if err != nil {
		done.Unopened = append(done.Unopened, id)
		return v.store.Release(ctx, id, owner)
	}
	if sealed, err = v.keys.Seal(plaintext, bindToken(&row)); err == nil {
		if interrupted {
			row.LastError = lostRotation // the Update would forget it
		}
		err = v.store.Update(ctx, row, sealed)
	}
	switch {
	case err == nil:
		done.Resealed++
	case errors.Is(err, ErrStale):
		done.Busy = append(done.Busy, id)
		err = nil
	}
	return errors.Join(err, v.store.Release(ctx, id, owner))
}
