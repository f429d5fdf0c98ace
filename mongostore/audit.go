package mongostore

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/audit"
)

// auditBatch is how many documents get a position in one transaction.
const auditBatch = 200

// An audited is a document of the collection audit.
type audited struct {
	ID           text      `bson:"_id"`
	Tenant       text      `bson:"tenant"`
	At           time.Time `bson:"at"`
	Event        text      `bson:"event"`
	UserID       text      `bson:"user_id"`
	ActorKind    text      `bson:"actor_kind"`
	ActorID      text      `bson:"actor_id"`
	Provider     text      `bson:"provider_id"`
	ConnectionID text      `bson:"connection_id"`
	Address      text      `bson:"address"`
	UserAgent    text      `bson:"user_agent"`
	Details      text      `bson:"details"`
	Position     int64     `bson:"position"`
}

// An auditLast is the document of the collection audit_last.
type auditLast struct {
	Position int64 `bson:"position"`
}

var auditLastID = bson.D{{Key: "_id", Value: 1}}

// InsertAudit implements audit.Store.
func (d *database) InsertAudit(ctx context.Context, e audit.Entry) error {
	return d.audit.insert(ctx, audited{
		text(e.ID), text(e.Tenant), e.At, text(e.Event), text(e.UserID), text(e.Actor.Kind), text(e.Actor.ID), text(e.Provider),
		text(e.ConnectionID), text(e.Address), text(e.UserAgent), text(e.Details), 0,
	})
}

func (d *database) auditEntries(ctx context.Context, filter any, opts ...options.Lister[options.FindOptions]) ([]audit.Entry, error) {
	found, err := list[audited](ctx, d.audit, filter, opts...)
	entries := make([]audit.Entry, len(found))
	for i, a := range found {
		entries[i] = audit.Entry{
			ID: string(a.ID), Tenant: string(a.Tenant), At: a.At, Event: string(a.Event), UserID: string(a.UserID),
			Actor: audit.Actor{Kind: string(a.ActorKind), ID: string(a.ActorID)}, Provider: string(a.Provider),
			ConnectionID: string(a.ConnectionID), Address: string(a.Address), UserAgent: string(a.UserAgent),
			Details: json.RawMessage(a.Details), Position: a.Position,
		}
	}
	return entries, err
}

// ListAudit implements audit.Store.
func (d *database) ListAudit(ctx context.Context, f audit.Filter) ([]audit.Entry, error) {
	if f.Limit <= 0 {
		return nil, ctx.Err()
	}
	filter := bson.D{{Key: "tenant", Value: text(f.Tenant)}}
	if f.UserID != "" {
		filter = append(filter, bson.E{Key: "user_id", Value: text(f.UserID)})
	}
	if f.Event != "" {
		filter = append(filter, bson.E{Key: "event", Value: text(f.Event)})
	}
	var ids bson.D
	if !f.Since.IsZero() {
		ids = append(ids, bson.E{Key: "$gte", Value: text(audit.FirstID(f.Since))})
	}
	if f.Before != "" {
		ids = append(ids, bson.E{Key: "$lt", Value: text(f.Before)})
	}
	if ids != nil {
		filter = append(filter, bson.E{Key: "_id", Value: ids})
	}
	last := bson.D{{Key: "_id", Value: -1}}
	return d.auditEntries(ctx, filter, options.Find().SetSort(last).SetLimit(int64(f.Limit)))
}

// AuditAfter implements audit.Store. Documents without a position are committed, or they
// could not be seen; transactions that give them one write the document of audit_last, so
// that one of two that overlap is tried again.
func (d *database) AuditAfter(ctx context.Context, position int64, limit int) ([]audit.Entry, error) {
	if limit <= 0 {
		return nil, ctx.Err()
	}
	waits, err := d.audit.exists(ctx, bson.D{{Key: "position", Value: int64(0)}})
	if err == nil && waits {
		err = d.inTx(ctx, d.numberAudit)
	}
	if err != nil {
		return nil, err
	}
	after := bson.D{{Key: "position", Value: bson.D{{Key: "$gt", Value: position}}}}
	return d.auditEntries(ctx, after, options.Find().SetSort(up("position")).SetLimit(int64(limit)))
}

// numberAudit gives positions to documents that have none.
func (d *database) numberAudit(ctx context.Context) error {
	waiting, err := list[struct {
		ID text `bson:"_id"`
	}](ctx, d.audit, bson.D{{Key: "position", Value: int64(0)}},
		options.Find().SetSort(byKey).SetLimit(auditBatch).SetProjection(byKey))
	if err != nil || len(waiting) == 0 {
		return err
	}
	var last auditLast
	more := bson.D{{Key: "$inc", Value: auditLast{int64(len(waiting))}}}
	if err := d.auditLast.modify(ctx, auditLastID, more, &last, options.FindOneAndUpdate().SetUpsert(true)); err != nil {
		return err
	}
	for i, a := range waiting {
		position := last.Position - int64(len(waiting)-1-i)
		_, err := d.audit.update(ctx, bson.D{{Key: "_id", Value: a.ID}, {Key: "position", Value: int64(0)}},
			bson.D{{Key: "$set", Value: bson.D{{Key: "position", Value: position}}}})
		if err != nil {
			return err
		}
	}
	return nil
}

// LastAudit implements audit.Store.
func (d *database) LastAudit(ctx context.Context) (int64, error) {
	var last auditLast
	err := d.auditLast.find(ctx, auditLastID, &last)
	if errors.Is(err, mongo.ErrNoDocuments) {
		err = nil
	}
	return last.Position, err
}

// DeleteAudit implements audit.Store.
func (d *database) DeleteAudit(ctx context.Context, before time.Time, limit int) (int, error) {
	if limit <= 0 {
		return 0, ctx.Err()
	}
	found, err := list[struct {
		ID text `bson:"_id"`
	}](ctx, d.audit, bson.D{{Key: "_id", Value: bson.D{{Key: "$lt", Value: text(audit.FirstID(before))}}}},
		options.Find().SetSort(byKey).SetLimit(int64(limit)).SetProjection(byKey))
	if err != nil || len(found) == 0 {
		return 0, err
	}
	ids := make(bson.A, len(found))
	for i, f := range found {
		ids[i] = f.ID
	}
	return d.audit.remove(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}})
}
