package vault

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/gosocial/social/keyring"
)

// A Resealing is how far sealing again under the ring's first key has come.
type Resealing struct {
	Last string // the last connection looked at: where to go on
	Done bool   // there is none behind Last

	Looked   int      // connections
	Resealed int      // and revocations that wait
	Busy     []string // changed or refreshed at that moment: to be looked at in another round
	// Unopened are under a key that is missing, or damaged, and left as they are:
	// IDs of connections, and "revocation" with a one-time value's.
	Unopened []string
}

// Reseal seals the tokens of the next connections behind the ID after again,
// where they are not yet under the ring's first key. It may run while the
// vault is used, and stop and go on at any time: call it with "" and then with
// Last until Done. The last step does the revocations that wait as well. When a
// whole round from "" had nothing Resealed, Busy or Unopened, and unfinished
// sign-ups have expired (half an hour; see Hold), the old keys can go. The store
// must be a Walker.
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
	if done.Done {
		if err := v.resealRevocations(ctx, &done); err != nil {
			return done, fmt.Errorf("vault: reseal: %w", err)
		}
	}
	return done, nil
}

const resealBatch = 100

func (v *Vault) resealOne(ctx context.Context, id string, done *Resealing) error {
	_, sealed, err := v.store.Token(ctx, id)
	if errors.Is(err, ErrNoConnection) {
		return nil
	}
	if err != nil || keyring.KeyName(sealed) == v.keys.Current() {
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

func (v *Vault) resealRevocations(ctx context.Context, done *Resealing) error {
	// Those that are due within their whole life are all there are.
	due := v.now().Add(2 * revokeFor)
	limit := resealBatch
	all, err := v.store.DueOneTime(ctx, purposeRevoke, due, limit)
	for err == nil && len(all) == limit {
		limit *= 2
		all, err = v.store.DueOneTime(ctx, purposeRevoke, due, limit)
	}
	if err != nil {
		return err
	}
	for i := range all {
		if keyring.KeyName(all[i].Sealed) == v.keys.Current() {
			continue
		}
		if err := v.resealRevocation(ctx, &all[i], done); err != nil {
			return err
		}
	}
	return nil
}

// resealRevocation puts another value in the place of one, since a one-time value is
// not changed. Should the provider be told twice, that does no harm.
func (v *Vault) resealRevocation(ctx context.Context, p *OneTime, done *Resealing) error {
	plaintext, err := v.keys.Open(p.Sealed, bindOneTime(p.Purpose, p.ID))
	if err != nil {
		done.Unopened = append(done.Unopened, "revocation "+p.ID)
		return nil
	}
	next := *p
	next.ID = rand.Text()
	if next.Sealed, err = v.keys.Seal(plaintext, bindOneTime(next.Purpose, next.ID)); err != nil {
		return err
	}
	if err := v.store.PutOneTime(ctx, next); err != nil {
		return err
	}
	// The new one is there before the old one goes: whatever ends this process,
	// one of them is left.
	done.Resealed++
	_, err = v.store.TakeOneTime(ctx, p.ID, time.Time{})
	if errors.Is(err, ErrNoOneTime) {
		// The provider has been told meanwhile.
		done.Resealed--
		_, err = v.store.TakeOneTime(ctx, next.ID, time.Time{})
	}
	if errors.Is(err, ErrNoOneTime) {
		err = nil
	}
	return err
}
