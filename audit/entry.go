package audit

import (
	"context"
	"encoding/json"
	"time"

	"github.com/gosocial/social/internal/id"
)

// An Event is something that happened: one of package accounts, vault or social. An Entry
// has its exported fields, in columns for those that are named as columns are, the others
// in Details. What an event's method
//
//	Details() any
//
// returns is kept in place of the event, where it has one.
type Event interface {
	Event() string
	Provider() string
}

// A Refusal is an event that changed nothing: something was refused. It is recorded outside
// of a transaction, and only so many are: see Config.Refusals.
type Refusal interface {
	Event
	Refused()
}

// An Entry is a row of the log.
type Entry struct {
	// ID is unique, and one of NewID(At): IDs sort by time, to the millisecond.
	ID     string
	Tenant string // "" for the default one
	At     time.Time
	// Event is the name, such as "user_logged_in".
	Event string
	// UserID is the user whom it happened to, who may not exist any more, or "".
	UserID string
	// Actor did it. For what happened to a user's account the actor is often the user.
	Actor        Actor
	Provider     string // its ID, or ""
	ConnectionID string
	Address      string // of the client
	UserAgent    string // of the client, at most 255 bytes
	// Details is a JSON object of the event's other fields that are not zero: durations
	// are text such as "15m0s", errors are their text.
	Details json.RawMessage
	// Position is the row's place in the order of After, 0 as long as it has none.
	Position int64
}

// A Filter chooses rows of one tenant. Empty fields choose all.
type Filter struct {
	Tenant string
	UserID string
	Event  string
	Since  time.Time // from then on, to the millisecond
	// Before is the ID of a row: the page after it, of older rows.
	Before string
	// Limit is how many rows there are at the most.
	Limit int
}

// NewID returns the ID of a row of that time.
func NewID(at time.Time) string { return id.New(at) }

// FirstID returns the least ID of a row of that time, for stores: rows from then on have
// it, or a greater one.
func FirstID(at time.Time) string { return id.First(at) }

// A Store keeps rows. *sqlstore.Store and *mongostore.Store are some; package storetest
// tests whether another is. All methods are safe for concurrent use, and join a transaction
// of the same store that the context carries, but for AuditAfter, which must not be called in
// one.
type Store interface {
	// InsertAudit adds a row, with an ID that is new. Its Position is not written.
	InsertAudit(ctx context.Context, e Entry) error
	// ListAudit lists the rows that the filter chooses, by ID, the last one first.
	ListAudit(ctx context.Context, f Filter) ([]Entry, error)
	// AuditAfter lists up to limit rows of all tenants with a Position after this one,
	// in its order. Positions count from 1. A row gets one, which it keeps, when it is
	// committed and AuditAfter is called: so a row that is committed later than others
	// which began later comes after them, and is not left out.
	AuditAfter(ctx context.Context, position int64, limit int) ([]Entry, error)
	// LastAudit returns the highest Position that AuditAfter has given to a row, which may
	// have been deleted, or 0.
	LastAudit(ctx context.Context) (position int64, err error)
	// DeleteAudit deletes up to limit rows of all tenants that are older than before, by their
	// IDs (see FirstID), and returns how many.
	DeleteAudit(ctx context.Context, before time.Time, limit int) (deleted int, err error)
}
