package vault

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gosocial/social/internal/tenant"
)

// Disconnect removes connections and returns them; see Removal for its errors. The
// tenant is the context's: r.Tenant is not used. The rows are deleted first. Then
// the tokens are revoked where the provider can, within seconds and also when ctx
// ends; what could not be revoked is kept, sealed, and Run tries it again.
//
// In a transaction that the caller began, Run revokes the tokens, within a minute after
// the commit: if the transaction were undone, tokens that are still in use would
// have ended. With a store that is no Joiner they are revoked before the commit.
func (v *Vault) Disconnect(ctx context.Context, r Removal) ([]Connection, error) {
	return v.DisconnectWith(ctx, r, nil)
}

// DisconnectWith is Disconnect, and calls also with what was removed: in one
// transaction where the store is a Transactor, so that its error keeps the
// connections; else after the connections are gone. also may be called again, as
// Transactor says.
func (v *Vault) DisconnectWith(ctx context.Context, r Removal, also func(ctx context.Context, removed []Removed) error) ([]Connection, error) {
	r.Tenant = tenant.From(ctx)
	if !r.NotAfter.IsZero() {
		r.Check = v.authorizedUntil(r.NotAfter, r.Check)
	}
	return v.disconnect(ctx, r.GrantEnded, func(ctx context.Context) ([]Removed, error) {
		removed, err := v.store.Remove(ctx, r)
		if err == nil && also != nil {
			err = also(ctx, removed)
		}
		return removed, err
	})
}

// Forget removes all connections of a user, as Disconnect does, and calls
// deleteUser: before that, in one transaction, where the store is a Transactor, else
// after it. A user without connections is deleted too. The tokens are revoked
// at the end, as Disconnect says; deleteUser may be called again, as Transactor
// says.
func (v *Vault) Forget(ctx context.Context, userID string, deleteUser func(ctx context.Context) error) ([]Connection, error) {
	return v.ForgetWith(ctx, userID, deleteUser, nil)
}

// ForgetWith is Forget, and calls also with what was removed, at the end and as
// DisconnectWith does.
func (v *Vault) ForgetWith(ctx context.Context, userID string, deleteUser func(ctx context.Context) error,
	also func(ctx context.Context, removed []Removed) error,
) ([]Connection, error) {
	if userID == "" {
		return nil, errors.New("vault: forget: no user")
	}
	remove := func(ctx context.Context) ([]Removed, error) {
		removed, err := v.store.Remove(ctx, Removal{Tenant: tenant.From(ctx), UserID: userID})
		if errors.Is(err, ErrNoConnection) {
			err = nil
		}
		return removed, err
	}
	return v.disconnect(ctx, false, func(ctx context.Context) ([]Removed, error) {
		if _, ok := v.store.(Transactor); ok {
			// The user first: what still connects for one of their sessions is committed
			// before that ends, so that Remove sees it.
			if err := deleteUser(ctx); err != nil {
				return nil, err
			}
			removed, err := remove(ctx)
			if err == nil && also != nil {
				err = also(ctx, removed)
			}
			return removed, err
		}
		removed, err := remove(ctx)
		if err == nil {
			err = deleteUser(ctx)
		}
		if err == nil && also != nil {
			err = also(ctx, removed)
		}
		return removed, err
	})
}

func (v *Vault) disconnect(ctx context.Context, ended bool, remove func(ctx context.Context) ([]Removed, error)) ([]Connection, error) {
	var disconnected []Connection
	var todo []revocation
	var abandoned []RevocationAbandoned
	joined := v.joined(ctx)
	all := func(ctx context.Context) error {
		removed, err := remove(ctx)
		// Once the rows are gone, their tokens are only here: the end of the request
		// must not stop what follows.
		ctx = context.WithoutCancel(ctx)
		disconnected, todo, abandoned = make([]Connection, len(removed)), nil, nil
		for i := range removed {
			c := &removed[i].Connection
			disconnected[i] = *c
			if ended || !v.mayRevoke(c) {
				continue
			}
			t, err := v.openToken(c, removed[i].Sealed)
			if err != nil {
				e := RevocationAbandoned{subjectOf(c), err}
				if err := v.recordIn(ctx, e); err != nil {
					return err
				}
				abandoned = append(abandoned, e)
				continue
			}
			r := revocation{Subject: subjectOf(c), providerUserID: c.ProviderUserID, token: t.Token}
			// First it is stored, because this process may end before it is tried. One that
			// was not can be tried too, but not when the caller's transaction goes on.
			if err := v.storeRevocation(ctx, &r); err != nil {
				v.log.WarnContext(ctx, "revocation not stored", "connection", c.ID, "error", err)
				if joined {
					return fmt.Errorf("vault: disconnect: %w", err)
				}
			}
			todo = append(todo, r)
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
	for _, e := range abandoned {
		v.emit(ctx, e)
	}
	for _, c := range disconnected {
		v.cache.drop(c.ID)
		v.backoffs.end(c.ID)
	}
	if !joined {
		v.revokeAll(context.WithoutCancel(ctx), todo)
	}
	return disconnected, err
}

// authorizedUntil returns a Removal.Check that refuses connections which the user has
// authorized later. It looks into the very rows that are to be deleted.
func (v *Vault) authorizedUntil(at time.Time, check func(removes, leaves []Removed) error) func(removes, leaves []Removed) error {
	return func(removes, leaves []Removed) error {
		for i := range removes {
			if v.authorizedAfter(&removes[i].Connection, removes[i].Sealed, at) {
				return ErrAuthorizedSince
			}
		}
		if check == nil {
			return nil
		}
		return check(removes, leaves)
	}
}

// joined reports whether the context carries a transaction that the caller began.
func (v *Vault) joined(ctx context.Context) bool {
	j, ok := v.store.(Joiner)
	return ok && j.Joined(ctx)
}
