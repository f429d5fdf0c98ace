package memstore

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/gosocial/social/vault"
)

// PutOneTime implements vault.OneTimeStore.
func (s *Store) PutOneTime(ctx context.Context, v vault.OneTime) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	v.Sealed = bytes.Clone(v.Sealed)
	s.oneTime[v.ID] = v
	return nil
}

// OneTime implements vault.OneTimeStore.
func (s *Store) OneTime(ctx context.Context, id string, now time.Time) (vault.OneTime, error) {
	return s.getOneTime(ctx, id, now, false)
}

// TakeOneTime implements vault.OneTimeStore.
func (s *Store) TakeOneTime(ctx context.Context, id string, now time.Time) (vault.OneTime, error) {
	return s.getOneTime(ctx, id, now, true)
}

func (s *Store) getOneTime(ctx context.Context, id string, now time.Time, take bool) (vault.OneTime, error) {
	if err := ctx.Err(); err != nil {
		return vault.OneTime{}, err
	}
	defer s.lock.Lock(ctx)()
	v, ok := s.oneTime[id]
	if !ok || !v.Expires.After(now) {
		return vault.OneTime{}, vault.ErrNoOneTime
	}
	if take {
		delete(s.oneTime, id)
	}
	v.Sealed = bytes.Clone(v.Sealed)
	return v, nil
}

// DueOneTime implements vault.OneTimeStore.
func (s *Store) DueOneTime(ctx context.Context, purpose string, now time.Time, limit int) ([]vault.OneTime, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer s.lock.Lock(ctx)()
	var due []vault.OneTime
	for _, v := range s.oneTime {
		if (purpose == "" || v.Purpose == purpose) && !v.NotBefore.After(now) {
			v.Sealed = bytes.Clone(v.Sealed)
			due = append(due, v)
		}
	}
	slices.SortFunc(due, func(a, b vault.OneTime) int {
		return cmp.Or(a.NotBefore.Compare(b.NotBefore), cmp.Compare(a.ID, b.ID))
	})
	return due[:min(len(due), max(limit, 0))], nil
}

// DeferOneTime implements vault.OneTimeStore.
func (s *Store) DeferOneTime(ctx context.Context, id string, notBefore time.Time) error {
	return s.changeOneTime(ctx, id, func(v *vault.OneTime) bool {
		v.NotBefore = notBefore
		return true
	})
}

// ResealOneTime implements vault.OneTimeStore.
func (s *Store) ResealOneTime(ctx context.Context, id string, old, sealed []byte) error {
	return s.changeOneTime(ctx, id, func(v *vault.OneTime) bool {
		same := bytes.Equal(v.Sealed, old)
		v.Sealed = bytes.Clone(sealed)
		return same
	})
}

// changeOneTime stores what change makes of a value, if change reports true.
func (s *Store) changeOneTime(ctx context.Context, id string, change func(*vault.OneTime) bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	v, ok := s.oneTime[id]
	if !ok || !change(&v) {
		return vault.ErrNoOneTime
	}
	s.oneTime[id] = v
	return nil
}
