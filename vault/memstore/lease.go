package memstore

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/gosocial/social/vault"
)

// Lease implements vault.LeaseStore.
func (s *Store) Lease(ctx context.Context, id, owner string, now, until time.Time) (vault.Connection, []byte, bool, error) {
	if err := ctx.Err(); err != nil {
		return vault.Connection{}, nil, false, err
	}
	defer s.lock.Lock(ctx)()
	r, ok := s.rows[id]
	if !ok {
		return vault.Connection{}, nil, false, vault.ErrNoConnection
	}
	runs := r.owner != "" && r.until.After(now)
	if runs && r.owner != owner {
		return vault.Connection{}, nil, false, vault.ErrLeased
	}
	if r.owner != "" && !runs {
		r.interrupted = true
	}
	r.owner, r.until = owner, until
	return r.connection(), bytes.Clone(r.sealed), r.interrupted, nil
}

// Release implements vault.LeaseStore.
func (s *Store) Release(ctx context.Context, id, owner string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	if r, ok := s.rows[id]; ok && r.owner == owner {
		r.owner = ""
	}
	return nil
}

// Claim implements vault.ClaimStore.
func (s *Store) Claim(ctx context.Context, key []byte, now, until time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	if s.sweep--; s.sweep < 0 {
		for k, end := range s.claims {
			if !end.After(now) {
				delete(s.claims, k)
			}
		}
		s.sweep = max(len(s.claims), 64)
	}
	if end, ok := s.claims[string(key)]; ok && end.After(now) {
		return vault.ErrClaimed
	}
	s.claims[string(key)] = until
	return nil
}

// PutParcel implements vault.ParcelStore.
func (s *Store) PutParcel(ctx context.Context, p vault.Parcel) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	p.Sealed = bytes.Clone(p.Sealed)
	s.parcels[p.ID] = p
	return nil
}

// Parcel implements vault.ParcelStore.
func (s *Store) Parcel(ctx context.Context, id string, now time.Time) (vault.Parcel, error) {
	return s.parcel(ctx, id, now, false)
}

// TakeParcel implements vault.ParcelStore.
func (s *Store) TakeParcel(ctx context.Context, id string, now time.Time) (vault.Parcel, error) {
	return s.parcel(ctx, id, now, true)
}

func (s *Store) parcel(ctx context.Context, id string, now time.Time, take bool) (vault.Parcel, error) {
	if err := ctx.Err(); err != nil {
		return vault.Parcel{}, err
	}
	defer s.lock.Lock(ctx)()
	p, ok := s.parcels[id]
	if !ok || !p.Expires.After(now) {
		return vault.Parcel{}, vault.ErrNoParcel
	}
	if take {
		delete(s.parcels, id)
	}
	p.Sealed = bytes.Clone(p.Sealed)
	return p, nil
}

// DueParcels implements vault.ParcelStore.
func (s *Store) DueParcels(ctx context.Context, purpose string, now time.Time, limit int) ([]vault.Parcel, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer s.lock.Lock(ctx)()
	var due []vault.Parcel
	for _, p := range s.parcels {
		if p.Purpose == purpose && !p.NotBefore.After(now) {
			p.Sealed = bytes.Clone(p.Sealed)
			due = append(due, p)
		}
	}
	slices.SortFunc(due, func(a, b vault.Parcel) int {
		return cmp.Or(a.NotBefore.Compare(b.NotBefore), cmp.Compare(a.ID, b.ID))
	})
	return due[:min(len(due), max(limit, 0))], nil
}

// DeferParcel implements vault.ParcelStore.
func (s *Store) DeferParcel(ctx context.Context, id string, notBefore time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	p, ok := s.parcels[id]
	if !ok {
		return vault.ErrNoParcel
	}
	p.NotBefore = notBefore
	s.parcels[id] = p
	return nil
}
