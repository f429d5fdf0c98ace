package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/gosocial/social/vault"
)

type parcelStatements struct {
	put, get, take, due, postpone *statement
	drop                          *statement // where take only locks
	find                          *statement // where postpone may not count its row
}

const parcelColumns = `id, purpose, not_before, expires_at, sealed`

func parcelFields(p *vault.Parcel) []any {
	return []any{(*text)(&p.ID), (*text)(&p.Purpose), (*micros)(&p.NotBefore), (*micros)(&p.Expires), &p.Sealed}
}

func (s *Store) parcelStatements() parcelStatements {
	const live = ` FROM {prefix}parcels WHERE id = ? AND expires_at > ?`
	st := parcelStatements{
		put: s.write(`INSERT INTO {prefix}parcels (` + parcelColumns + `) VALUES (?, ?, ?, ?, ?)` +
			s.dialect.orUpdate("id", `purpose = excluded.purpose, not_before = excluded.not_before,
				expires_at = excluded.expires_at, sealed = excluded.sealed`)),
		get: s.read(`SELECT ` + parcelColumns + live),
		due: s.read(`SELECT ` + parcelColumns + ` FROM {prefix}parcels WHERE purpose = ? AND not_before <= ?
			ORDER BY not_before, id LIMIT ?`),
		postpone: s.write(`UPDATE {prefix}parcels SET not_before = ? WHERE id = ?`),
	}
	if s.dialect.returns() {
		st.take = s.write(`DELETE` + live + s.dialect.returning(parcelColumns))
	} else {
		st.take = s.write(`SELECT ` + parcelColumns + live + s.dialect.forUpdate())
		st.drop = s.write(`DELETE FROM {prefix}parcels WHERE id = ?`)
	}
	if !s.dialect.countsUnchanged() {
		st.find = s.write(`SELECT 1 FROM {prefix}parcels WHERE id = ?`)
	}
	return st
}

// PutParcel implements vault.ParcelStore. It replaces one of the same ID.
func (s *Store) PutParcel(ctx context.Context, p vault.Parcel) error {
	_, err := s.exec(ctx, s.parcel.put, p.ID, p.Purpose, toMicros(p.NotBefore), toMicros(p.Expires), blob(p.Sealed))
	return err
}

// Parcel implements vault.ParcelStore.
func (s *Store) Parcel(ctx context.Context, id string, now time.Time) (vault.Parcel, error) {
	return s.oneParcel(ctx, s.parcel.get, id, now)
}

// TakeParcel implements vault.ParcelStore.
func (s *Store) TakeParcel(ctx context.Context, id string, now time.Time) (p vault.Parcel, err error) {
	if s.dialect.returns() {
		return s.oneParcel(ctx, s.parcel.take, id, now)
	}
	err = s.InTx(ctx, func(ctx context.Context) error {
		if p, err = s.oneParcel(ctx, s.parcel.take, id, now); err != nil {
			return err
		}
		_, err = s.exec(ctx, s.parcel.drop, id)
		return err
	})
	return p, err
}

func (s *Store) oneParcel(ctx context.Context, st *statement, id string, now time.Time) (vault.Parcel, error) {
	var p vault.Parcel
	err := s.queryRow(ctx, st, []any{id, toMicros(now)}, parcelFields(&p)...)
	if errors.Is(err, sql.ErrNoRows) {
		err = vault.ErrNoParcel
	}
	return p, err
}

// DueParcels implements vault.ParcelStore.
func (s *Store) DueParcels(ctx context.Context, purpose string, now time.Time, limit int) ([]vault.Parcel, error) {
	var list []vault.Parcel
	err := s.query(ctx, s.parcel.due, func(rows *sql.Rows) error {
		list = append(list, vault.Parcel{})
		return rows.Scan(parcelFields(&list[len(list)-1])...)
	}, purpose, toMicros(now), max(limit, 0))
	return list, err
}

// DeferParcel implements vault.ParcelStore.
func (s *Store) DeferParcel(ctx context.Context, id string, notBefore time.Time) error {
	there, err := s.set(ctx, s.parcel.postpone, s.parcel.find, id, toMicros(notBefore))
	if err == nil && !there {
		return vault.ErrNoParcel
	}
	return err
}
