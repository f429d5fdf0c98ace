package sqlstore

import (
	"context"
	"database/sql"

	"github.com/gosocial/social/vault"
)

// Remove implements vault.ConnectionStore.
func (s *Store) Remove(ctx context.Context, removal vault.Removal) ([]vault.Removed, error) {
	var removed []vault.Removed
	// What is read here still holds when the rows are deleted: either a transaction
	// that may write excludes every other, or the query locks its rows, in order.
	err := s.InTx(ctx, func(ctx context.Context) error {
		var all []vault.Removed
		err := s.query(ctx, s.connection.ofUser, func(rows *sql.Rows) error {
			var r record
			var c vault.Removed
			err := rows.Scan(&r.numbers, &r.texts, &c.Sealed)
			if err != nil {
				return err
			}
			if c.Connection, err = connectionFrom(r); err != nil {
				return err
			}
			all = append(all, c)
			return nil
		}, removal.Tenant, removal.UserID)
		if err != nil {
			return err
		}
		if removed, err = removal.Select(all); err != nil {
			return err
		}
		for _, c := range removed {
			if _, err := s.exec(ctx, s.connection.remove, c.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return removed, nil
}
