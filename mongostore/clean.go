package mongostore

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// cleanBatch is how many documents one command deletes at most.
const cleanBatch = 500

// parcelGrace is how long expired parcels stay, for whoever lists the due ones to
// see how they ended.
const parcelGrace = time.Hour

// Clean deletes claims, sessions, attempts and parcels that have expired at now, in
// small steps, and says how many documents. Parcels stay another hour. An
// application calls it every few minutes, in one process or in all. (No index
// expires documents by itself: the server's clock would do it, and not the
// application's.)
func (d *Documents) Clean(ctx context.Context, now time.Time) (int, error) {
	total := 0
	for _, kind := range []struct {
		in     collection
		expiry string
		at     time.Time
	}{
		{d.claims, "expires_at", now},
		{d.attempts, "ends_at", now},
		{d.sessions, "expires_at", now},
		{d.parcels, "expires_at", now.Add(-parcelGrace)},
	} {
		if kind.in.unwanted {
			continue
		}
		n, err := kind.in.clean(ctx, kind.expiry, kind.at)
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

func (c collection) clean(ctx context.Context, expiry string, at time.Time) (total int, err error) {
	expired := bson.E{Key: expiry, Value: bson.D{{Key: "$lte", Value: at}}}
	for {
		found, err := list[struct {
			Key any `bson:"_id"`
		}](ctx, c, bson.D{expired}, options.Find().SetProjection(byKey).SetLimit(cleanBatch))
		if err != nil || len(found) == 0 {
			return total, err
		}
		keys := make(bson.A, len(found))
		for i, f := range found {
			keys[i] = f.Key
		}
		// Asked again, for one may have been prolonged meanwhile.
		n, err := c.remove(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: keys}}}, expired})
		total += n
		if err != nil || len(found) < cleanBatch {
			return total, err
		}
	}
}
