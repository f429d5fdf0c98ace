package mongostore

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/accounts/ticket"
)

// A mailed is a document of the collection tickets. Its ID is made of tenant, user and
// slot.
type mailed struct {
	Hash       bson.Binary `bson:"hash"`
	Tenant     text        `bson:"tenant"`
	UserID     text        `bson:"user_id"`
	Purpose    text        `bson:"purpose"`
	Address    text        `bson:"address"`
	NewAddress text        `bson:"new_address"`
	CodeHash   bson.Binary `bson:"code_hash"`
	CreatedAt  time.Time   `bson:"created_at"`
	ExpiresAt  time.Time   `bson:"expires_at"`
}

func (m mailed) ticket() (ticket.Ticket, error) {
	t := ticket.Ticket{Tenant: string(m.Tenant), UserID: string(m.UserID), Purpose: ticket.Purpose(m.Purpose),
		Address: string(m.Address), NewAddress: string(m.NewAddress), CreatedAt: m.CreatedAt, ExpiresAt: m.ExpiresAt}
	if copy(t.Hash[:], m.Hash.Data) != len(t.Hash) || copy(t.CodeHash[:], m.CodeHash.Data) != len(t.CodeHash) {
		return t, fmt.Errorf("mongostore: a ticket's hashes have %d and %d bytes", len(m.Hash.Data), len(m.CodeHash.Data))
	}
	return t, nil
}

// PutTicket implements ticket.Store.
func (d *database) PutTicket(ctx context.Context, t ticket.Ticket) error {
	change := bson.D{{Key: "$set", Value: mailed{bson.Binary{Data: t.Hash[:]}, text(t.Tenant), text(t.UserID), text(t.Purpose),
		text(t.Address), text(t.NewAddress), bson.Binary{Data: t.CodeHash[:]}, t.CreatedAt, t.ExpiresAt}}}
	for {
		_, err := d.tickets.update(ctx, byIDIn(t.Tenant, string(keyIn(t.UserID, t.Slot()))), change, options.UpdateOne().SetUpsert(true))
		if !mongo.IsDuplicateKeyError(err) || d.joined(ctx) {
			return err
		}
		// Another call has made the document.
	}
}

// liveTicket filters the ticket that has not expired at now.
func liveTicket(tenant string, hash [32]byte, now time.Time) bson.D {
	return bson.D{{Key: "hash", Value: bson.Binary{Data: hash[:]}}, {Key: "tenant", Value: text(tenant)}, expiresAfter(now)}
}

// Ticket implements ticket.Store.
func (d *database) Ticket(ctx context.Context, tenant string, hash [32]byte, now time.Time) (ticket.Ticket, error) {
	var m mailed
	if err := d.tickets.find(ctx, liveTicket(tenant, hash, now), &m); err != nil {
		return ticket.Ticket{}, orNone(err, ticket.ErrNone)
	}
	return m.ticket()
}

// TakeTicket implements ticket.Store.
func (d *database) TakeTicket(ctx context.Context, tenant string, hash [32]byte, now time.Time) (ticket.Ticket, error) {
	var m mailed
	if err := d.tickets.take(ctx, liveTicket(tenant, hash, now), &m); err != nil {
		return ticket.Ticket{}, orNone(err, ticket.ErrNone)
	}
	return m.ticket()
}

// DeleteTickets implements ticket.Store.
func (d *database) DeleteTickets(ctx context.Context, f ticket.Filter) error {
	filter := ofUser(f.Tenant, f.UserID)
	var purpose bson.D
	if f.Only != "" {
		purpose = append(purpose, bson.E{Key: "$eq", Value: text(f.Only)})
	}
	if f.Except != "" {
		purpose = append(purpose, bson.E{Key: "$ne", Value: text(f.Except)})
	}
	if purpose != nil {
		filter = append(filter, bson.E{Key: "purpose", Value: purpose})
	}
	if !f.Since.IsZero() {
		filter = append(filter, bson.E{Key: "created_at", Value: bson.D{{Key: "$gte", Value: f.Since}}})
	}
	_, err := d.tickets.remove(ctx, filter)
	return err
}
