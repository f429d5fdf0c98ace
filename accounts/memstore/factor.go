package memstore

import (
	"cmp"
	"context"
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
	if !ok || f.Counter >= use.Counter {
		return accounts.ErrNoFactor
	}
	f.Counter, f.LastUsedAt = use.Counter, use.At
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
	for k := range s.factors {
		if k.tenant == f.Tenant && k.userID == f.UserID && (f.Kind == "" || k.kind == f.Kind) && (f.ID == "" || k.id == f.ID) {
			delete(s.factors, k)
			deleted++
		}
	}
	return deleted
}
