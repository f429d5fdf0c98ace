package sqlstore

import (
	"context"
	"database/sql"

	"github.com/gosocial/social/vault"
)

var _ vault.Walker = (*Store)(nil)

// Walk implements vault.Walker.
func (s *Store) Walk(ctx context.Context, after string, limit int) ([]string, error) {
	var ids []string
	err := s.query(ctx, s.connection.walk, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan((*text)(&id))
		ids = append(ids, id)
		return err
	}, after, max(limit, 0))
	return ids, err
}
