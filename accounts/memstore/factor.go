package memstore

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/gosocial/social/accounts"
)

// A factorKey identifies a second factor.
type factorKey struct{ tenant, userID, kind, id string }

// PutFactor implements accounts.Store.
func (s *Store) PutFactor(ctx context.Context, f accounts.StoredFactor) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	if _, ok := s.users[key{f.Tenant, f.UserID}]; !ok {
		return accounts.ErrNoUser
	}
	f.Secret = slices.Clone(f.Secret)
	s.factors[factorKey{f.Tenant, f.UserID, f.Kind, f.ID}] = f
	return nil
}

// Factors implements accounts.Store.
func (s *Store) Factors(ctx context.Context, tenant, userID string) ([]accounts.StoredFactor, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer s.lock.Lock(ctx)()
	var list []accounts.StoredFactor
	for k, f := range s.factors {
		if k.tenant == tenant && k.userID == userID {
			f.Secret = slices.Clone(f.Secret)
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(x, y accounts.StoredFactor) int {
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.ID, y.ID))
	})
	return list, nil
}

// UseFactor implements accounts.Store.
func (s *Store) UseFactor(ctx context.Context, use accounts.FactorUse) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	k := factorKey{use.Tenant, use.UserID, use.Kind, use.ID}
	f, ok := s.factors[k]
	if !ok || f.Counter >= use.Counter && (f.Counter != 0 || use.Counter != 0) {
		return accounts.ErrNoFactor
	}
	f.Counter, f.LastUsedAt = use.Counter, use.At
	s.factors[k] = f
	return nil
}

// RenameFactor implements accounts.Store.
func (s *Store) RenameFactor(ctx context.Context, f accounts.FactorFilter, name string) error {
	err := s.changeFactor(ctx, factorKey{f.Tenant, f.UserID, f.Kind, f.ID}, func(f *accounts.StoredFactor) bool {
		f.Name = name
		return true
	})
	if errors.Is(err, accounts.ErrNoFactor) {
		err = nil
	}
	return err
}

// ResealFactor implements accounts.Store.
func (s *Store) ResealFactor(ctx context.Context, f accounts.StoredFactor, sealed []byte) error {
	return s.changeFactor(ctx, factorKey{f.Tenant, f.UserID, f.Kind, f.ID}, func(stored *accounts.StoredFactor) bool {
		same := bytes.Equal(stored.Secret, f.Secret)
		if same {
			stored.Secret = slices.Clone(sealed)
		}
		return same
	})
}

func (s *Store) changeFactor(ctx context.Context, k factorKey, change func(*accounts.StoredFactor) bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	f, ok := s.factors[k]
	if !ok || !change(&f) {
		return accounts.ErrNoFactor
	}
	s.factors[k] = f
	return nil
}

// DeleteFactors implements accounts.Store.
func (s *Store) DeleteFactors(ctx context.Context, f accounts.FactorFilter) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	defer s.lock.Lock(ctx)()
	return s.deleteFactors(f), nil
}

func (s *Store) deleteFactors(f accounts.FactorFilter) (deleted int) {
	for k, factor := range s.factors {
		if k.tenant == f.Tenant && k.userID == f.UserID && (f.Kind == "" || k.kind == f.Kind) && (f.ID == "" || k.id == f.ID) &&
			(!factor.CreatedAt.Before(f.Since) || !factor.ConfirmedAt.Before(f.Since)) {
			delete(s.factors, k)
			deleted++
		}
	}
	return deleted
}
