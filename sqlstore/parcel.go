package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/gosocial/social/vault"
)

type parcelStatements struct{ put, get, take, due, postpone *statement }

const parcelColumns = `id, purpose, not_before, expires_at, sealed`

func parcelFields(p *vault.Parcel) []any {
	return []any{(*text)(&p.ID), (*text)(&p.Purpose), (*micros)(&p.NotBefore), (*micros)(&p.Expires), &p.Sealed}
}

func (s *Store) parcelStatements() parcelStatements {
	return parcelStatements{
		put: s.write(`INSERT INTO {prefix}parcels (` + parcelColumns + `) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET purpose = excluded.purpose, not_before = excluded.not_before,
			expires_at = excluded.expires_at, sealed = excluded.sealed`),
		get: s.read(`SELECT ` + parcelColumns + ` FROM {prefix}parcels WHERE id = ? AND expires_at > ?`),
		take: s.write(`DELETE FROM {prefix}parcels WHERE id = ? AND expires_at > ?
			RETURNING ` + parcelColumns),
		due: s.read(`SELECT ` + parcelColumns + ` FROM {prefix}parcels WHERE purpose = ? AND not_before <= ?
			ORDER BY not_before, id LIMIT ?`),
		postpone: s.write(`UPDATE {prefix}parcels SET not_before = ? WHERE id = ?`),
	}
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
func (s *Store) TakeParcel(ctx context.Context, id string, now time.Time) (vault.Parcel, error) {
	return s.oneParcel(ctx, s.parcel.take, id, now)
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
	n, err := s.exec(ctx, s.parcel.postpone, toMicros(notBefore), id)
	if err == nil && n == 0 {
		return vault.ErrNoParcel
	}
	return err
}
