package memstore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gosocial/social/audit"
)

func byID(e audit.Entry, id string) int { return cmp.Compare(e.ID, id) }

// InsertAudit implements audit.Store.
func (s *Store) InsertAudit(ctx context.Context, e audit.Entry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	at, found := slices.BinarySearchFunc(s.audited, e.ID, byID)
	if found {
		return errors.New("memstore: the row of the audit log is there already")
	}
	e.Position, e.Details = 0, slices.Clone(e.Details)
	s.audited = slices.Insert(s.audited, at, e)
	return nil
}

// ListAudit implements audit.Store.
func (s *Store) ListAudit(ctx context.Context, f audit.Filter) (list []audit.Entry, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer s.lock.Lock(ctx)()
	from := ""
	if !f.Since.IsZero() {
		from = audit.FirstID(f.Since)
	}
	for _, e := range slices.Backward(s.audited) {
		if len(list) >= f.Limit {
			break
		}
		if e.Tenant == f.Tenant && (f.UserID == "" || e.UserID == f.UserID) && (f.Event == "" || e.Event == f.Event) &&
			e.ID >= from && (f.Before == "" || e.ID < f.Before) {
			e.Details = slices.Clone(e.Details)
			list = append(list, e)
		}
	}
	return list, nil
}

// AuditAfter implements audit.Store.
func (s *Store) AuditAfter(ctx context.Context, position int64, limit int) (list []audit.Entry, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer s.lock.Lock(ctx)()
	for i := range s.audited {
		if e := &s.audited[i]; e.Position == 0 {
			s.lastRead++
			e.Position = s.lastRead
		}
	}
	for _, e := range s.audited {
		if e.Position > position {
			e.Details = slices.Clone(e.Details)
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(x, y audit.Entry) int { return cmp.Compare(x.Position, y.Position) })
	return list[:min(len(list), max(limit, 0))], nil
}

// LastAudit implements audit.Store.
func (s *Store) LastAudit(ctx context.Context) (position int64, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	defer s.lock.Lock(ctx)()
	return s.lastRead, nil
}

// DeleteAudit implements audit.Store.
func (s *Store) DeleteAudit(ctx context.Context, before time.Time, limit int) (deleted int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	defer s.lock.Lock(ctx)()
	old, _ := slices.BinarySearchFunc(s.audited, audit.FirstID(before), byID)
	deleted = min(old, max(limit, 0))
	s.audited = slices.Delete(s.audited, 0, deleted)
	return deleted, nil
}
