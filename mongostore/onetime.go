package mongostore

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/onetime"
)

// A oneTime is a document of the collection one_time.
type oneTime struct {
	ID        text      `bson:"_id"`
	Tenant    text      `bson:"tenant"`
	Purpose   text      `bson:"purpose"`
	UserID    text      `bson:"user_id"`
	NotBefore time.Time `bson:"not_before"`
	ExpiresAt time.Time `bson:"expires_at"`
	Sealed    []byte    `bson:"sealed"`
}

func (v oneTime) value() onetime.Value {
	return onetime.Value{ID: string(v.ID), Tenant: string(v.Tenant), Purpose: string(v.Purpose), UserID: string(v.UserID),
		NotBefore: v.NotBefore, Expires: v.ExpiresAt, Sealed: v.Sealed}
}

// PutOneTime implements onetime.Store. It refuses the ID of one that is there.
func (d *database) PutOneTime(ctx context.Context, v onetime.Value) error {
	return d.oneTime.insert(ctx, oneTime{text(v.ID), text(v.Tenant), text(v.Purpose), text(v.UserID), v.NotBefore, v.Expires, v.Sealed})
}

// live filters the value that has not expired at now.
func live(id string, now time.Time) bson.D {
	return append(byID(id), bson.E{Key: "expires_at", Value: bson.D{{Key: "$gt", Value: now}}})
}

// OneTime implements onetime.Store.
func (d *database) OneTime(ctx context.Context, id string, now time.Time) (onetime.Value, error) {
	var v oneTime
	err := d.oneTime.find(ctx, live(id, now), &v)
	return v.value(), orNone(err, onetime.ErrNone)
}

// TakeOneTime implements onetime.Store.
func (d *database) TakeOneTime(ctx context.Context, id string, now time.Time) (onetime.Value, error) {
	var v oneTime
	err := d.oneTime.take(ctx, live(id, now), &v)
	return v.value(), orNone(err, onetime.ErrNone)
}

// DueOneTime implements onetime.Store.
func (d *database) DueOneTime(ctx context.Context, purpose string, now time.Time, limit int) ([]onetime.Value, error) {
	if limit <= 0 {
		return nil, d.checkContext(ctx)
	}
	filter := bson.D{{Key: "not_before", Value: bson.D{{Key: "$lte", Value: now}}}}
	if purpose != "" {
		filter = append(filter, bson.E{Key: "purpose", Value: text(purpose)})
	}
	found, err := list[oneTime](ctx, d.oneTime, filter,
		options.Find().SetSort(bson.D{{Key: "not_before", Value: 1}, {Key: "_id", Value: 1}}).SetLimit(int64(limit)))
	var due []onetime.Value
	for _, v := range found {
		due = append(due, v.value())
	}
	return due, err
}

// DeferOneTime implements onetime.Store.
func (d *database) DeferOneTime(ctx context.Context, id string, notBefore time.Time) error {
	found, err := d.oneTime.update(ctx, byID(id), bson.D{{Key: "$set", Value: bson.D{{Key: "not_before", Value: notBefore}}}})
	if err == nil && !found {
		return onetime.ErrNone
	}
	return err
}

// ResealOneTime implements onetime.Store.
func (d *database) ResealOneTime(ctx context.Context, id string, old, sealed []byte) error {
	found, err := d.oneTime.update(ctx, append(byID(id), bson.E{Key: "sealed", Value: old}),
		bson.D{{Key: "$set", Value: bson.D{{Key: "sealed", Value: sealed}}}})
	if err == nil && !found {
		return onetime.ErrNone
	}
	return err
}
