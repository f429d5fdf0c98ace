package vault

import (
	"context"
	"errors"
	"fmt"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/onetime"
)

// A Resealing is how far sealing again under the ring's first key has come.
type Resealing struct {
	Last string // ID of the last connection looked at: where to go on
	Done bool   // no connection follows Last

	Looked   int      // connections
	Resealed int      // connections and one-time values
	Busy     []string // changed or refreshed at that moment: to be looked at in another round
	// Unopened are sealed under a key that is missing, or damaged, and left as
	// they are: IDs of connections, and "one-time value ID (PURPOSE)".
	Unopened []string
}

// Reseal seals tokens again that are not under the ring's first key: those of the
// next connections that follow the ID after, of all tenants. It may run while the
// vault is used, and stop and go on at any time: call it with "" and then with
// Last until Done. The last step does the one-time values too: grants that are
// held, and revocations that wait. When a whole round from "" had nothing
// Resealed, Busy or Unopened, the old keys can go. The store must be a Lister.
func (v *Vault) Reseal(ctx context.Context, after string) (Resealing, error) {
	done := Resealing{Last: after}
	lister, ok := v.store.(Lister)
	if !ok {
		return done, errors.New("vault: the store cannot list its connections")
	}
	rows, err := lister.List(ctx, Filter{AllTenants: true}, after, resealBatch)
	if err != nil {
		return done, fmt.Errorf("vault: reseal: %w", err)
	}
	for i := range rows {
		if err := v.resealOne(ctx, rows[i].ID, &done); err != nil {
			return done, fmt.Errorf("vault: reseal: %w", err)
		}
		done.Last = rows[i].ID
		done.Looked++
	}
	done.Done = len(rows) < resealBatch
	if done.Done {
		if err := v.resealOneTime(ctx, &done); err != nil {
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
	// An owner of its own, so that it waits for a refresh in this process too.
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
			row.LastError = lastLostRotation // the update would forget it
		}
		err = v.store.UpdateAndRelease(ctx, row, sealed, owner)
	}
	switch {
	case err == nil:
		done.Resealed++
		return nil
	case errors.Is(err, ErrStale):
		done.Busy = append(done.Busy, id)
		err = nil
	}
	return errors.Join(err, v.store.Release(ctx, id, owner))
}

// resealOneTime reseals the one-time values of every purpose.
func (v *Vault) resealOneTime(ctx context.Context, done *Resealing) error {
	all, err := v.allOneTime(ctx)
	if err != nil {
		return err
	}
	for i := range all {
		value := &all[i]
		old := value.Sealed
		if keyring.KeyName(old) == v.keys.Current() {
			continue
		}
		plaintext, err := value.Open(v.keys)
		if err != nil {
			done.Unopened = append(done.Unopened, fmt.Sprintf("one-time value %s (%s)", value.ID, value.Purpose))
			continue
		}
		if err := value.Seal(v.keys, plaintext); err != nil {
			return err
		}
		err = v.store.ResealOneTime(ctx, value.ID, old, value.Sealed)
		switch {
		case err == nil:
			done.Resealed++
		case !errors.Is(err, onetime.ErrNone): // taken, or resealed by another process
			return err
		}
	}
	return nil
}

func (v *Vault) allOneTime(ctx context.Context) ([]onetime.Value, error) {
	due := v.now().AddDate(100, 0, 0)
	for limit := resealBatch; ; limit *= 2 {
		all, err := v.store.DueOneTime(ctx, "", due, limit)
		if err != nil || len(all) < limit {
			return all, err
		}
	}
}
