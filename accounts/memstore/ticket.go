package memstore

import (
	"context"
	"time"

	"github.com/gosocial/social/accounts/ticket"
)

// A slot is the place of a ticket.
type slot struct{ tenant, userID, name string }

func slotOf(t ticket.Ticket) slot { return slot{t.Tenant, t.UserID, t.Slot()} }

// PutTicket implements ticket.Store.
func (s *Store) PutTicket(ctx context.Context, t ticket.Ticket) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	s.tickets[slotOf(t)] = t
	return nil
}

// Ticket implements ticket.Store.
func (s *Store) Ticket(ctx context.Context, tenant string, hash [32]byte, now time.Time) (ticket.Ticket, error) {
	if err := ctx.Err(); err != nil {
		return ticket.Ticket{}, err
	}
	defer s.lock.Lock(ctx)()
	return s.ticket(tenant, hash, now)
}

func (s *Store) ticket(tenant string, hash [32]byte, now time.Time) (ticket.Ticket, error) {
	for _, t := range s.tickets {
		if t.Hash == hash && t.Tenant == tenant && t.ExpiresAt.After(now) {
			return t, nil
		}
	}
	return ticket.Ticket{}, ticket.ErrNone
}

// TakeTicket implements ticket.Store.
func (s *Store) TakeTicket(ctx context.Context, tenant string, hash [32]byte, now time.Time) (ticket.Ticket, error) {
	if err := ctx.Err(); err != nil {
		return ticket.Ticket{}, err
	}
	defer s.lock.Lock(ctx)()
	t, err := s.ticket(tenant, hash, now)
	if err == nil {
		delete(s.tickets, slotOf(t))
	}
	return t, err
}

// DeleteTickets implements ticket.Store.
func (s *Store) DeleteTickets(ctx context.Context, f ticket.Filter) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	s.deleteTickets(f)
	return nil
}

func (s *Store) deleteTickets(f ticket.Filter) {
	for at, t := range s.tickets {
		if t.Tenant == f.Tenant && t.UserID == f.UserID && (f.Only == "" || t.Purpose == f.Only) &&
			(f.Except == "" || t.Purpose != f.Except) && !t.CreatedAt.Before(f.Since) {
			delete(s.tickets, at)
		}
	}
}
