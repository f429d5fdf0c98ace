package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/gosocial/social/onetime"
)

type oneTimeStatements struct {
	put, get, take, due, dueOf, deferred, reseal *statement

	remove *statement // where take only locks the row
	find   *statement // where deferred may not count its row
}

const oneTimeColumns = `id, tenant, purpose, user_id, not_before, expires_at, sealed`

func oneTimeFields(v *onetime.Value) []any {
	return []any{(*text)(&v.ID), (*text)(&v.Tenant), (*text)(&v.Purpose), (*text)(&v.UserID), (*micros)(&v.NotBefore),
		(*micros)(&v.Expires), &v.Sealed}
}

func (s *Store) oneTimeStatements() oneTimeStatements {
	const live = ` FROM {prefix}one_time WHERE id = ? AND expires_at > ?`
	const due = `SELECT ` + oneTimeColumns + ` FROM {prefix}one_time WHERE not_before <= ?`
	const first = ` ORDER BY not_before, id LIMIT ?`
	st := oneTimeStatements{
		put:      s.write(`INSERT INTO {prefix}one_time (` + oneTimeColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?)`),
		get:      s.read(`SELECT ` + oneTimeColumns + live),
		due:      s.read(due + first),
		dueOf:    s.read(due + ` AND purpose = ?` + first),
		deferred: s.write(`UPDATE {prefix}one_time SET not_before = ? WHERE id = ?`),
		reseal:   s.write(`UPDATE {prefix}one_time SET sealed = ? WHERE id = ? AND sealed = ?`),
	}
	if s.dialect.hasReturning() {
		st.take = s.write(`DELETE` + live + s.dialect.returning(oneTimeColumns))
	} else {
		st.take = s.write(`SELECT ` + oneTimeColumns + live + s.dialect.forUpdate())
		st.remove = s.write(`DELETE FROM {prefix}one_time WHERE id = ?`)
	}
	if !s.dialect.countsMatched() {
		st.find = s.write(`SELECT 1 FROM {prefix}one_time WHERE id = ?`)
	}
	return st
}

// PutOneTime implements onetime.Store. It refuses an ID that is used.
func (s *Store) PutOneTime(ctx context.Context, v onetime.Value) error {
	_, err := s.execOne(ctx, s.oneTime.put, v.ID, v.Tenant, v.Purpose, v.UserID, toMicros(v.NotBefore), toMicros(v.Expires),
		blob(v.Sealed))
	return err
}

// OneTime implements onetime.Store.
func (s *Store) OneTime(ctx context.Context, id string, now time.Time) (onetime.Value, error) {
	return s.getOneTime(ctx, s.oneTime.get, id, now)
}

// TakeOneTime implements onetime.Store.
func (s *Store) TakeOneTime(ctx context.Context, id string, now time.Time) (v onetime.Value, err error) {
	if s.dialect.hasReturning() {
		return s.getOneTime(ctx, s.oneTime.take, id, now)
	}
	err = s.InTx(ctx, func(ctx context.Context) error {
		if v, err = s.getOneTime(ctx, s.oneTime.take, id, now); err != nil {
			return err
		}
		_, err = s.exec(ctx, s.oneTime.remove, id)
		return err
	})
	return v, err
}

func (s *Store) getOneTime(ctx context.Context, st *statement, id string, now time.Time) (onetime.Value, error) {
	var v onetime.Value
	err := s.queryRow(ctx, st, []any{id, toMicros(now)}, oneTimeFields(&v)...)
	if errors.Is(err, sql.ErrNoRows) {
		err = onetime.ErrNone
	}
	return v, err
}

// DueOneTime implements onetime.Store.
func (s *Store) DueOneTime(ctx context.Context, purpose string, now time.Time, limit int) ([]onetime.Value, error) {
	st, args := s.oneTime.due, []any{toMicros(now)}
	if purpose != "" {
		st, args = s.oneTime.dueOf, append(args, purpose)
	}
	var list []onetime.Value
	err := s.query(ctx, st, func(rows row) error {
		list = append(list, onetime.Value{})
		return rows.Scan(oneTimeFields(&list[len(list)-1])...)
	}, append(args, max(limit, 0))...)
	return list, err
}

// DeferOneTime implements onetime.Store.
func (s *Store) DeferOneTime(ctx context.Context, id string, notBefore time.Time) error {
	found, err := s.update(ctx, s.oneTime.deferred, s.oneTime.find, id, toMicros(notBefore))
	if err == nil && !found {
		return onetime.ErrNone
	}
	return err
}

// ResealOneTime implements onetime.Store.
func (s *Store) ResealOneTime(ctx context.Context, id string, old, sealed []byte) error {
	n, err := s.exec(ctx, s.oneTime.reseal, blob(sealed), id, blob(old))
	if err == nil && n == 0 {
		return onetime.ErrNone
	}
	return err
}
