package mongostore

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/vault"
)

// A parcel is a document of the collection parcels.
type parcel struct {
	ID        text      `bson:"_id"`
	Purpose   text      `bson:"purpose"`
	NotBefore time.Time `bson:"not_before"`
	ExpiresAt time.Time `bson:"expires_at"`
	Sealed    []byte    `bson:"sealed"`
}

func (p parcel) parcel() vault.Parcel {
	return vault.Parcel{ID: string(p.ID), Purpose: string(p.Purpose), NotBefore: p.NotBefore, Expires: p.ExpiresAt, Sealed: p.Sealed}
}

// PutParcel implements vault.ParcelStore. It refuses the ID of one that is there.
func (d *Documents) PutParcel(ctx context.Context, p vault.Parcel) error {
	return d.parcels.insert(ctx, parcel{text(p.ID), text(p.Purpose), p.NotBefore, p.Expires, p.Sealed})
}

// alive filters the parcel that has not expired at now.
func alive(id string, now time.Time) bson.D {
	return append(byID(id), bson.E{Key: "expires_at", Value: bson.D{{Key: "$gt", Value: now}}})
}

// Parcel implements vault.ParcelStore.
func (d *Documents) Parcel(ctx context.Context, id string, now time.Time) (vault.Parcel, error) {
	var p parcel
	err := d.parcels.find(ctx, alive(id, now), &p)
	return p.parcel(), orNone(err, vault.ErrNoParcel)
}

// TakeParcel implements vault.ParcelStore.
func (d *Documents) TakeParcel(ctx context.Context, id string, now time.Time) (vault.Parcel, error) {
	var p parcel
	err := d.parcels.take(ctx, alive(id, now), &p)
	return p.parcel(), orNone(err, vault.ErrNoParcel)
}

// DueParcels implements vault.ParcelStore.
func (d *Documents) DueParcels(ctx context.Context, purpose string, now time.Time, limit int) ([]vault.Parcel, error) {
	if limit <= 0 {
		return nil, d.ready(ctx)
	}
	found, err := list[parcel](ctx, d.parcels,
		bson.D{{Key: "purpose", Value: text(purpose)}, {Key: "not_before", Value: bson.D{{Key: "$lte", Value: now}}}},
		options.Find().SetSort(bson.D{{Key: "not_before", Value: 1}, {Key: "_id", Value: 1}}).SetLimit(int64(limit)))
	var due []vault.Parcel
	for _, p := range found {
		due = append(due, p.parcel())
	}
	return due, err
}

// DeferParcel implements vault.ParcelStore.
func (d *Documents) DeferParcel(ctx context.Context, id string, notBefore time.Time) error {
	found, err := d.parcels.update(ctx, byID(id), bson.D{{Key: "$set", Value: bson.D{{Key: "not_before", Value: notBefore}}}})
	if err == nil && !found {
		return vault.ErrNoParcel
	}
	return err
}
