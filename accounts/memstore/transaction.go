package memstore

import (
	"context"
	"maps"
	"slices"
)

// InTx implements accounts.Transactor. One transaction runs at a time; a call with
// another context waits until it ends.
func (s *Store) InTx(ctx context.Context, f func(ctx context.Context) error) error {
	return s.lock.InTx(ctx, s.save, f)
}

// AfterTx implements accounts.TxNotifier.
func (s *Store) AfterTx(ctx context.Context, f func(ctx context.Context, committed bool)) bool {
	return s.lock.AfterTx(ctx, f)
}

// Joined reports whether ctx carries a transaction of the store.
func (s *Store) Joined(ctx context.Context) bool { return s.lock.Joined(ctx) }

func (s *Store) save() (restore func()) {
	granted := make(map[key][]string, len(s.granted))
	for user, roles := range s.granted {
		granted[user] = slices.Clone(roles)
	}
	users, emails, names := maps.Clone(s.users), maps.Clone(s.emails), maps.Clone(s.names)
	roles, sessions, attempts := maps.Clone(s.roles), maps.Clone(s.sessions), maps.Clone(s.attempts)
	tickets, factors, tokens := maps.Clone(s.tickets), maps.Clone(s.factors), maps.Clone(s.tokens)
	audited, lastRead := slices.Clone(s.audited), s.lastRead
	return func() {
		s.users, s.emails, s.names, s.granted = users, emails, names, granted
		s.roles, s.sessions, s.attempts, s.tickets, s.factors = roles, sessions, attempts, tickets, factors
		s.tokens, s.audited, s.lastRead = tokens, audited, lastRead
	}
}
