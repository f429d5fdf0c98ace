package mongostore

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/jobs"
)

// cleanBatch is how many documents one command deletes at most.
const cleanBatch = 500

// Jobs returns the background work of a store: Clean, every five minutes.
func (d *database) Jobs() []jobs.Job {
	return []jobs.Job{{Name: "store/clean", Every: 5 * time.Minute, Run: func(ctx context.Context) error {
		_, err := d.Clean(ctx, time.Now())
		return err
	}}}
}

// Clean deletes the claims, sessions, tickets, API tokens and counts of attempts that have
// expired at now, in small steps, and returns how many documents. (The vault deletes one-time values,
// whose end it may have to report.) Several processes may call it at once. No index
// expires documents by itself: that would go by the server's clock, not the
// application's.
func (d *database) Clean(ctx context.Context, now time.Time) (int, error) {
	total := 0
	for _, kind := range []struct {
		in     collection
		expiry string
	}{
		{d.claims, "expires_at"},
		{d.attempts, "ends_at"},
		{d.sessions, "expires_at"},
		{d.tickets, "expires_at"},
		{d.tokens, "expires_at"},
	} {
		if kind.in.absent {
			continue
		}
		n, err := kind.in.clean(ctx, kind.expiry, now)
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
		// The condition is there again, because one may have been prolonged since.
		n, err := c.remove(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: keys}}}, expired})
		total += n
		if err != nil || len(found) < cleanBatch {
			return total, err
		}
	}
}
