package memstore

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/gosocial/social/onetime"
)

// PutOneTime implements onetime.Store.
func (s *Store) PutOneTime(ctx context.Context, v onetime.Value) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	v.Sealed = bytes.Clone(v.Sealed)
	s.oneTime[v.ID] = v
	return nil
}

// OneTime implements onetime.Store.
func (s *Store) OneTime(ctx context.Context, id string, now time.Time) (onetime.Value, error) {
	return s.getOneTime(ctx, id, now, false)
}

// TakeOneTime implements onetime.Store.
func (s *Store) TakeOneTime(ctx context.Context, id string, now time.Time) (onetime.Value, error) {
	return s.getOneTime(ctx, id, now, true)
}

func (s *Store) getOneTime(ctx context.Context, id string, now time.Time, take bool) (onetime.Value, error) {
	if err := ctx.Err(); err != nil {
		return onetime.Value{}, err
	}
	defer s.lock.Lock(ctx)()
	v, ok := s.oneTime[id]
	if !ok || !v.Expires.After(now) {
		return onetime.Value{}, onetime.ErrNone
	}
	if take {
		delete(s.oneTime, id)
	}
	v.Sealed = bytes.Clone(v.Sealed)
	return v, nil
}

// DueOneTime implements onetime.Store.
func (s *Store) DueOneTime(ctx context.Context, purpose string, now time.Time, limit int) ([]onetime.Value, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer s.lock.Lock(ctx)()
	var due []onetime.Value
	for _, v := range s.oneTime {
		if (purpose == "" || v.Purpose == purpose) && !v.NotBefore.After(now) {
			v.Sealed = bytes.Clone(v.Sealed)
			due = append(due, v)
		}
	}
	slices.SortFunc(due, func(a, b onetime.Value) int {
		return cmp.Or(a.NotBefore.Compare(b.NotBefore), cmp.Compare(a.ID, b.ID))
	})
	return due[:min(len(due), max(limit, 0))], nil
}

// DeferOneTime implements onetime.Store.
func (s *Store) DeferOneTime(ctx context.Context, id string, notBefore time.Time) error {
	return s.changeOneTime(ctx, id, func(v *onetime.Value) bool {
		v.NotBefore = notBefore
		return true
	})
}

// ResealOneTime implements onetime.Store.
func (s *Store) ResealOneTime(ctx context.Context, id string, old, sealed []byte) error {
	return s.changeOneTime(ctx, id, func(v *onetime.Value) bool {
		same := bytes.Equal(v.Sealed, old)
		v.Sealed = bytes.Clone(sealed)
		return same
	})
}

// changeOneTime stores what change makes of a value, if change reports true.
func (s *Store) changeOneTime(ctx context.Context, id string, change func(*onetime.Value) bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	v, ok := s.oneTime[id]
	if !ok || !change(&v) {
		return onetime.ErrNone
	}
	s.oneTime[id] = v
	return nil
}
