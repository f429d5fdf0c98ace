package mongostore

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/document"
)

// A stored is a document of the collection documents.
type stored struct {
	Key       text      `bson:"_id"` // see documentKey
	Kind      text      `bson:"kind"`
	ID        text      `bson:"id"`
	Tenant    text      `bson:"tenant"`
	Owner     text      `bson:"owner"`
	DueAt     time.Time `bson:"due_at,omitempty"` // absent for none
	Body      []byte    `bson:"body"`
	Version   int64     `bson:"version"`
	CreatedAt time.Time `bson:"created_at"`
	UpdatedAt time.Time `bson:"updated_at"`
}

// documentKey begins with the length of the kind, so that no two kinds and IDs have the same.
func documentKey(kind, id string) text { return text(strconv.Itoa(len(kind)) + ":" + kind + id) }

func (s stored) document() document.Document {
	return document.Document{Kind: string(s.Kind), ID: string(s.ID), Tenant: string(s.Tenant), Owner: string(s.Owner), Due: s.DueAt,
		Body: s.Body, Version: s.Version, CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt}
}

func ofDocument(kind, id string) bson.D {
	return bson.D{{Key: "_id", Value: documentKey(kind, id)}}
}

// InsertDocument implements document.Store.
func (d *database) InsertDocument(ctx context.Context, v document.Document) error {
	if d.joined(ctx) {
		// An insert that fails would end the transaction.
		if taken, err := d.documents.exists(ctx, ofDocument(v.Kind, v.ID)); err != nil || taken {
			return cmp.Or(err, document.ErrTaken)
		}
	}
	err := d.documents.insert(ctx, stored{documentKey(v.Kind, v.ID), text(v.Kind), text(v.ID), text(v.Tenant), text(v.Owner), v.Due,
		v.Body, 1, v.CreatedAt, v.UpdatedAt})
	if mongo.IsDuplicateKeyError(err) {
		return document.ErrTaken
	}
	return err
}

// Document implements document.Store.
func (d *database) Document(ctx context.Context, kind, id string) (document.Document, error) {
	var s stored
	err := d.documents.find(ctx, ofDocument(kind, id), &s)
	return s.document(), orNone(err, document.ErrNone)
}

// Documents implements document.Store.
func (d *database) Documents(ctx context.Context, f document.Filter) ([]document.Document, error) {
	filter := bson.D{{Key: "kind", Value: text(f.Kind)}, {Key: "id", Value: bson.D{{Key: "$gt", Value: text(f.After)}}}}
	if !f.AllTenants {
		filter = append(filter, bson.E{Key: "tenant", Value: text(f.Tenant)})
	}
	if f.Owner != "" {
		filter = append(filter, bson.E{Key: "owner", Value: text(f.Owner)})
	}
	return d.listDocuments(ctx, filter, up("id"), f.Limit)
}

// DueDocuments implements document.Store.
func (d *database) DueDocuments(ctx context.Context, kind string, now time.Time, limit int) ([]document.Document, error) {
	filter := bson.D{{Key: "kind", Value: text(kind)}, {Key: "due_at", Value: bson.D{{Key: "$lte", Value: now}}}}
	return d.listDocuments(ctx, filter, up("due_at", "id"), limit)
}

func (d *database) listDocuments(ctx context.Context, filter, order bson.D, limit int) ([]document.Document, error) {
	if limit <= 0 {
		return nil, d.checkContext(ctx)
	}
	found, err := list[stored](ctx, d.documents, filter, options.Find().SetSort(order).SetLimit(int64(limit)))
	var all []document.Document
	for _, s := range found {
		all = append(all, s.document())
	}
	return all, err
}

// UpdateDocument implements document.Store.
func (d *database) UpdateDocument(ctx context.Context, v document.Document) error {
	set := bson.D{{Key: "owner", Value: text(v.Owner)}, {Key: "body", Value: v.Body}, {Key: "updated_at", Value: v.UpdatedAt}}
	change := bson.D{{Key: "$inc", Value: bson.D{{Key: "version", Value: 1}}}}
	if v.Due.IsZero() {
		change = append(change, bson.E{Key: "$unset", Value: bson.D{{Key: "due_at", Value: 1}}})
	} else {
		set = append(set, bson.E{Key: "due_at", Value: v.Due})
	}
	change = append(change, bson.E{Key: "$set", Value: set})
	found, err := d.documents.update(ctx, append(ofDocument(v.Kind, v.ID), bson.E{Key: "version", Value: v.Version}), change)
	if err == nil && !found {
		return document.ErrStale
	}
	return err
}

// DeleteDocument implements document.Store.
func (d *database) DeleteDocument(ctx context.Context, kind, id string) error {
	n, err := d.documents.remove(ctx, ofDocument(kind, id))
	if err == nil && n == 0 {
		return document.ErrNone
	}
	return err
}
