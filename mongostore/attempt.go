package mongostore

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// attempts is a document of the collection attempts.
type attempts struct {
	Count int       `bson:"attempts"`
	Ends  time.Time `bson:"ends_at"`
}

// Attempt implements accounts.Store. Without a window that is open at now, looking
// returns 0 and the zero time.
func (d *Documents) Attempt(ctx context.Context, key string, by int, now time.Time, window time.Duration) (count int, ends time.Time, err error) {
	open := append(byID(key), bson.E{Key: "ends_at", Value: bson.D{{Key: "$gt", Value: now}}})
	ended := append(byID(key), bson.E{Key: "ends_at", Value: bson.D{{Key: "$lte", Value: now}}})
	for {
		var a attempts
		if by == 0 {
			err = d.attempts.find(ctx, open, &a)
			return a.Count, a.Ends, orNone(err, nil)
		}
		err = d.attempts.modify(ctx, open, bson.D{{Key: "$inc", Value: bson.D{{Key: "attempts", Value: by}}}}, &a)
		if !errors.Is(err, mongo.ErrNoDocuments) {
			return a.Count, a.Ends, err
		}
		// No window is open: the first who replaces the old one, or inserts, begins
		// another. A second one no longer fits, and counts in the new window.
		err = d.attempts.modify(ctx, ended, bson.D{{Key: "$set", Value: attempts{by, now.Add(window)}}}, &a,
			options.FindOneAndUpdate().SetUpsert(true))
		if !mongo.IsDuplicateKeyError(err) || d.joined(ctx) {
			return a.Count, a.Ends, err
		}
	}
}

// ForgetAttempts implements accounts.Store.
func (d *Documents) ForgetAttempts(ctx context.Context, key string) error {
	_, err := d.attempts.remove(ctx, byID(key))
	return err
}
