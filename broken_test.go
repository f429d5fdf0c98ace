package social_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
)

var errBroken = errors.New("the store is broken")

// A brokenStore fails at the calls that the test names. It has no transactions.
type brokenStore struct {
	vault.Store
	fails atomic.Pointer[func(ctx context.Context, call string) error]
}

// openBroken serves a site on a store that can break.
func openBroken(t *testing.T, change ...func(*social.Config)) (*site, *brokenStore) {
	t.Helper()
	store := &brokenStore{}
	s := open(t, append(change, func(c *social.Config) { store.Store, c.Connections = c.Connections, store })...)
	return s, store
}

// failWith makes these calls return the error; no call, that none fails any more.
func (s *brokenStore) failWith(err error, calls ...string) {
	s.ask(func(_ context.Context, call string) error {
		if slices.Contains(calls, call) {
			return err
		}
		return nil
	})
}

// fail makes these calls fail.
func (s *brokenStore) fail(calls ...string) { s.failWith(errBroken, calls...) }

// ask asks f what each call returns.
func (s *brokenStore) ask(f func(ctx context.Context, call string) error) { s.fails.Store(&f) }

func (s *brokenStore) at(ctx context.Context, call string) error {
	if f := s.fails.Load(); f != nil {
		return (*f)(ctx, call)
	}
	return nil
}

func (s *brokenStore) Insert(ctx context.Context, c vault.Connection, sealed []byte) (int, error) {
	if err := s.at(ctx, "Insert"); err != nil {
		return 0, err
	}
	return s.Store.Insert(ctx, c, sealed)
}

func (s *brokenStore) ByID(ctx context.Context, id string) (vault.Connection, error) {
	if err := s.at(ctx, "ByID"); err != nil {
		return vault.Connection{}, err
	}
	return s.Store.ByID(ctx, id)
}

func (s *brokenStore) ByIdentity(ctx context.Context, i vault.Identity) (vault.Connection, error) {
	if err := s.at(ctx, "ByIdentity"); err != nil {
		return vault.Connection{}, err
	}
	return s.Store.ByIdentity(ctx, i)
}

func (s *brokenStore) ByAccount(ctx context.Context, providerID, providerUserID string) ([]vault.Connection, error) {
	if err := s.at(ctx, "ByAccount"); err != nil {
		return nil, err
	}
	return s.Store.ByAccount(ctx, providerID, providerUserID)
}

func (s *brokenStore) ByUser(ctx context.Context, tenant, userID, providerID string) ([]vault.Connection, error) {
	if err := s.at(ctx, "ByUser"); err != nil {
		return nil, err
	}
	return s.Store.ByUser(ctx, tenant, userID, providerID)
}

func (s *brokenStore) Token(ctx context.Context, id string) (vault.Connection, []byte, error) {
	if err := s.at(ctx, "Token"); err != nil {
		return vault.Connection{}, nil, err
	}
	return s.Store.Token(ctx, id)
}

func (s *brokenStore) Update(ctx context.Context, c vault.Connection, sealed []byte) error {
	if err := s.at(ctx, "Update"); err != nil {
		return err
	}
	return s.Store.Update(ctx, c, sealed)
}

func (s *brokenStore) Remove(ctx context.Context, r vault.Removal) ([]vault.Removed, error) {
	if err := s.at(ctx, "Remove"); err != nil {
		return nil, err
	}
	return s.Store.Remove(ctx, r)
}

func (s *brokenStore) Claim(ctx context.Context, c vault.Claim) error {
	if err := s.at(ctx, "Claim"); err != nil {
		return err
	}
	return s.Store.Claim(ctx, c)
}

func (s *brokenStore) PutOneTime(ctx context.Context, v onetime.Value) error {
	if err := s.at(ctx, "PutOneTime"); err != nil {
		return err
	}
	return s.Store.PutOneTime(ctx, v)
}

func (s *brokenStore) OneTime(ctx context.Context, id string, now time.Time) (onetime.Value, error) {
	if err := s.at(ctx, "OneTime"); err != nil {
		return onetime.Value{}, err
	}
	return s.Store.OneTime(ctx, id, now)
}

func (s *brokenStore) TakeOneTime(ctx context.Context, id string, now time.Time) (onetime.Value, error) {
	if err := s.at(ctx, "TakeOneTime"); err != nil {
		return onetime.Value{}, err
	}
	return s.Store.TakeOneTime(ctx, id, now)
}
