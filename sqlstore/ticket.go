package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/gosocial/social/accounts/ticket"
)

type ticketStatements struct {
	put, get, take, removeSome *statement

	remove *statement // where take only locks the row
}

const ticketColumns = `hash, tenant, user_id, purpose, address, new_address, code_hash, created_at, expires_at`

func ticketFields(t *ticket.Ticket) []any {
	return []any{(*hash)(&t.Hash), (*text)(&t.Tenant), (*text)(&t.UserID), (*text)(&t.Purpose), (*text)(&t.Address),
		(*text)(&t.NewAddress), (*hash)(&t.CodeHash), (*micros)(&t.CreatedAt), (*micros)(&t.ExpiresAt)}
}

func (s *Store) ticketStatements() ticketStatements {
	const live = ` FROM {prefix}tickets WHERE hash = ? AND tenant = ? AND expires_at > ?`
	st := ticketStatements{
		put: s.write(`INSERT INTO {prefix}tickets (` + ticketColumns + `, slot) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)` +
			s.dialect.orUpdate("tenant, user_id, slot", `hash = excluded.hash, address = excluded.address,
				new_address = excluded.new_address, code_hash = excluded.code_hash, created_at = excluded.created_at,
				expires_at = excluded.expires_at`)),
		get: s.read(`SELECT ` + ticketColumns + live),
		removeSome: s.write(`DELETE FROM {prefix}tickets WHERE tenant = ? AND user_id = ? AND (? = '' OR purpose = ?)
			AND purpose <> ? AND created_at >= ?`),
	}
	if s.dialect.hasReturning() {
		st.take = s.write(`DELETE` + live + s.dialect.returning(ticketColumns))
	} else {
		st.take = s.write(`SELECT ` + ticketColumns + live + s.dialect.forUpdate())
		st.remove = s.write(`DELETE FROM {prefix}tickets WHERE hash = ?`)
	}
	return st
}

// PutTicket implements ticket.Store, by one statement: the row of a slot is replaced.
func (s *Store) PutTicket(ctx context.Context, t ticket.Ticket) error {
	_, err := s.exec(ctx, s.ticket.put, t.Hash[:], t.Tenant, t.UserID, string(t.Purpose), t.Address, t.NewAddress, t.CodeHash[:],
		toMicros(t.CreatedAt), toMicros(t.ExpiresAt), t.Slot())
	return err
}

// Ticket implements ticket.Store.
func (s *Store) Ticket(ctx context.Context, tenant string, hash [32]byte, now time.Time) (ticket.Ticket, error) {
	return s.getTicket(ctx, s.ticket.get, tenant, hash, now)
}

// TakeTicket implements ticket.Store.
func (s *Store) TakeTicket(ctx context.Context, tenant string, hash [32]byte, now time.Time) (t ticket.Ticket, err error) {
	if s.dialect.hasReturning() {
		return s.getTicket(ctx, s.ticket.take, tenant, hash, now)
	}
	err = s.InTx(ctx, func(ctx context.Context) error {
		if t, err = s.getTicket(ctx, s.ticket.take, tenant, hash, now); err != nil {
			return err
		}
		_, err = s.exec(ctx, s.ticket.remove, hash[:])
		return err
	})
	return t, err
}

func (s *Store) getTicket(ctx context.Context, st *statement, tenant string, hash [32]byte, now time.Time) (ticket.Ticket, error) {
	var t ticket.Ticket
	err := s.queryRow(ctx, st, []any{hash[:], tenant, toMicros(now)}, ticketFields(&t)...)
	if errors.Is(err, sql.ErrNoRows) {
		err = ticket.ErrNone
	}
	return t, err
}

// DeleteTickets implements ticket.Store.
func (s *Store) DeleteTickets(ctx context.Context, f ticket.Filter) error {
	_, err := s.exec(ctx, s.ticket.removeSome, f.Tenant, f.UserID, string(f.Only), string(f.Only), string(f.Except), toMicros(f.Since))
	return err
}
