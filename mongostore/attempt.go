package mongostore

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/accounts"
)

// An attempts is a document of the collection attempts.
type attempts struct {
	Count int       `bson:"attempts"`
	Ends  time.Time `bson:"ends_at"`
}

// Attempt implements accounts.Store.
func (d *database) Attempt(ctx context.Context, a accounts.Attempt) (count int, ends time.Time, err error) {
	open := append(byIDIn(a.Tenant, a.Key), bson.E{Key: "ends_at", Value: bson.D{{Key: "$gt", Value: a.Now}}})
	ended := append(byIDIn(a.Tenant, a.Key), bson.E{Key: "ends_at", Value: bson.D{{Key: "$lte", Value: a.Now}}})
	for {
		var counted attempts
		if a.By == 0 {
			err = d.attempts.find(ctx, open, &counted)
			return counted.Count, counted.Ends, orNone(err, nil)
		}
		err = d.attempts.modify(ctx, open, bson.D{{Key: "$inc", Value: bson.D{{Key: "attempts", Value: a.By}}}}, &counted)
		if !errors.Is(err, mongo.ErrNoDocuments) {
			return counted.Count, counted.Ends, err
		}
		// No window is open: the first call that replaces the old one, or inserts, begins
		// another. A second call matches no document any more, and counts in that window.
		err = d.attempts.modify(ctx, ended, bson.D{{Key: "$set", Value: attempts{a.By, a.Now.Add(a.Window)}}}, &counted,
			options.FindOneAndUpdate().SetUpsert(true))
		if !mongo.IsDuplicateKeyError(err) || d.joined(ctx) {
			return counted.Count, counted.Ends, err
		}
	}
}

// ForgetAttempts implements accounts.Store.
func (d *database) ForgetAttempts(ctx context.Context, tenant, key string) error {
	_, err := d.attempts.remove(ctx, byIDIn(tenant, key))
	return err
}
