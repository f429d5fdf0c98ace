package sqlstore

import (
	"context"

	"github.com/gosocial/social/vault"
)

// Remove implements vault.ConnectionStore.
func (s *Store) Remove(ctx context.Context, removal vault.Removal) ([]vault.Removed, error) {
	var removed []vault.Removed
	// The rows that are read cannot change before some are deleted: either there is one
	// transaction at a time, or the query locks the rows, in order.
	err := s.InTx(ctx, func(ctx context.Context) error {
		var all []vault.Removed
		err := s.query(ctx, s.connection.ofUser, func(rows row) error {
			all = append(all, vault.Removed{})
			c := &all[len(all)-1]
			return scanConnection(rows, &c.Connection, &c.Sealed)
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
