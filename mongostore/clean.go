package mongostore

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/internal/cleaning"
	"github.com/gosocial/social/vault"
)

// cleanBatch is how many documents one command deletes at most.
const cleanBatch = 500

// oneTimeGrace is how long expired one-time values stay, so that a job that lists
// the due ones sees how they ended.
const oneTimeGrace = time.Hour

// Clean deletes claims, sessions, attempts and one-time values that have expired at now, in
// small steps, and says how many documents. One-time values stay another hour. An
// application calls it every few minutes, in one process or in all: one at a time
// cleans, and where another does Clean returns 0 at once. (No index expires documents
// by itself: the server's clock would do it, and not the application's.)
func (d *Documents) Clean(ctx context.Context, now time.Time) (int, error) {
	return cleaning.Do(ctx, d.cleaningClaim(), now, func(c *cleaning.Cleaner) (int, error) { return d.clean(ctx, c) })
}

func (d *Documents) cleaningClaim() cleaning.Claim {
	until := func(deadline time.Time) bson.D {
		return append(claimID("", cleaning.Key), bson.E{Key: "expires_at", Value: deadline})
	}
	return cleaning.Claim{
		Take: func(ctx context.Context, now, until time.Time) error {
			return d.Claim(ctx, vault.Claim{Key: cleaning.Key, Now: now, Until: until})
		},
		Move: func(ctx context.Context, from, to time.Time) (bool, error) {
			return d.claims.update(ctx, until(from), bson.D{{Key: "$set", Value: bson.D{{Key: "expires_at", Value: to}}}})
		},
		End: func(ctx context.Context, deadline time.Time) error {
			_, err := d.claims.remove(ctx, until(deadline))
			return err
		},
	}
}

func (d *Documents) clean(ctx context.Context, c *cleaning.Cleaner) (int, error) {
	total, now := 0, c.Now
	for _, kind := range []struct {
		in     collection
		expiry string
		at     time.Time
	}{
		{d.claims, "expires_at", now},
		{d.attempts, "ends_at", now},
		{d.sessions, "expires_at", now},
		{d.oneTime, "expires_at", now.Add(-oneTimeGrace)},
	} {
		if kind.in.unwanted {
			continue
		}
		n, err := kind.in.clean(ctx, c, kind.expiry, kind.at)
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

func (c collection) clean(ctx context.Context, cleaner *cleaning.Cleaner, expiry string, at time.Time) (total int, err error) {
	expired := bson.E{Key: expiry, Value: bson.D{{Key: "$lte", Value: at}}}
	for {
		if err := cleaner.Keep(ctx); err != nil {
			return total, err
		}
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
