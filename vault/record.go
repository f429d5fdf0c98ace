package vault

import (
	"context"

	"github.com/gosocial/social/internal/tenant"
)

// update updates a connection as Store.Update does, ends owner's lease with it, unless owner
// is "", and records e, if it is not nil: in one transaction where the store can.
func (v *Vault) update(ctx context.Context, c Connection, sealed []byte, owner string, e Event) error {
	if v.record == nil || e == nil {
		return v.updateStore(ctx, c, sealed, owner)
	}
	return v.updateRecording(ctx, c, sealed, owner, e)
}

func (v *Vault) updateStore(ctx context.Context, c Connection, sealed []byte, owner string) error {
	if owner == "" {
		return v.store.Update(ctx, c, sealed)
	}
	return v.store.UpdateAndRelease(ctx, c, sealed, owner)
}

func (v *Vault) updateRecording(ctx context.Context, c Connection, sealed []byte, owner string, e Event) error {
	both := func(ctx context.Context) error {
		if err := v.updateStore(ctx, c, sealed, owner); err != nil {
			return err
		}
		return v.recordIn(ctx, e)
	}
	if tx, ok := v.store.(Transactor); ok {
		return tx.InTx(ctx, both)
	}
	return both(ctx)
}

// recordIn records e in the context's transaction.
func (v *Vault) recordIn(ctx context.Context, e Event) error {
	if v.record == nil {
		return nil
	}
	return v.record(tenant.With(ctx, tenantOf(e)), e)
}

// recordAfter records and reports what has happened elsewhere, at a provider: it cannot be
// undone.
func (v *Vault) recordAfter(ctx context.Context, e Event) {
	if v.record != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), v.timeout)
		defer cancel()
		if err := v.recordIn(ctx, e); err != nil {
			v.log.ErrorContext(ctx, "event not recorded", "event", e.Event(), "error", err)
		}
	}
	v.emit(ctx, e)
}
