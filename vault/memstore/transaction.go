package memstore

import (
	"context"
	"maps"
	"slices"

	"github.com/gosocial/social/vault"
)

var (
	_ vault.Transactor = (*Store)(nil)
	_ vault.Joiner     = (*Store)(nil)
)

// InTx implements vault.Transactor. One transaction runs at a time; a call with
// another context waits until it ends.
func (s *Store) InTx(ctx context.Context, f func(ctx context.Context) error) error {
	return s.lock.InTx(ctx, s.save, f)
}

// Joined implements vault.Joiner.
func (s *Store) Joined(ctx context.Context) bool { return s.lock.Joined(ctx) }

func (s *Store) save() (restore func()) {
	rows := make(map[string]*row, len(s.rows))
	for id, r := range s.rows {
		rows[id] = new(*r)
	}
	byUser := make(map[user][]string, len(s.byUser))
	for u, ids := range s.byUser {
		byUser[u] = slices.Clone(ids)
	}
	identity, claims, oneTime := maps.Clone(s.identity), maps.Clone(s.claims), maps.Clone(s.oneTime)
	return func() {
		s.rows, s.byUser, s.identity, s.claims, s.oneTime = rows, byUser, identity, claims, oneTime
	}
}
