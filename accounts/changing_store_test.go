package accounts_test

import (
	"context"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/accounts/ticket"
)

// A changingStore has something happen when a call comes, once.
type changingStore struct {
	*memstore.Store
	lockUser, lockSession, trackLogin, resealFactor func() error
	inTx, insertUser, takeTicket                    func() error
}

// happen calls what is to happen, and forgets it.
func happen(f *func() error) error {
	do := *f
	if *f = nil; do == nil {
		return nil
	}
	return do()
}

// InTx is called where the store is used with its transactions, before one begins.
func (s *changingStore) InTx(ctx context.Context, f func(context.Context) error) error {
	if err := happen(&s.inTx); err != nil {
		return err
	}
	return s.Store.InTx(ctx, f)
}

func (s *changingStore) InsertUser(ctx context.Context, u accounts.User) error {
	if err := happen(&s.insertUser); err != nil {
		return err
	}
	return s.Store.InsertUser(ctx, u)
}

func (s *changingStore) TakeTicket(ctx context.Context, tenant string, hash [32]byte, now time.Time) (ticket.Ticket, error) {
	if err := happen(&s.takeTicket); err != nil {
		return ticket.Ticket{}, err
	}
	return s.Store.TakeTicket(ctx, tenant, hash, now)
}

func (s *changingStore) LockUser(ctx context.Context, tenant, id string, version int64) error {
	if err := happen(&s.lockUser); err != nil {
		return err
	}
	return s.Store.LockUser(ctx, tenant, id, version)
}

func (s *changingStore) LockSession(ctx context.Context, tenant string, hash [32]byte, now time.Time) error {
	if err := happen(&s.lockSession); err != nil {
		return err
	}
	return s.Store.LockSession(ctx, tenant, hash, now)
}

func (s *changingStore) TrackLogin(ctx context.Context, l accounts.TrackedLogin) error {
	if err := happen(&s.trackLogin); err != nil {
		return err
	}
	return s.Store.TrackLogin(ctx, l)
}

func (s *changingStore) ResealFactor(ctx context.Context, f accounts.StoredFactor, sealed []byte) error {
	if err := happen(&s.resealFactor); err != nil {
		return err
	}
	return s.Store.ResealFactor(ctx, f, sealed)
}

func changingSite(t *testing.T, configure ...func(*accounts.Config)) (*site, *changingStore) {
	t.Helper()
	store := &changingStore{Store: memstore.New()}
	s := factorSite(t, append(configure, func(c *accounts.Config) {
		// Without transactions a call sees what another request writes in between.
		c.Store, c.Factors = struct{ accounts.Store }{store}, []accounts.SecondFactor{hardKeys{}}
	})...)
	s.store = store.Store
	return s, store
}
