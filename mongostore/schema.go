package mongostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// ErrNewerSchema: a newer version of this program has been at the database.
var ErrNewerSchema = errors.New("mongostore: the database's schema is newer than this program")

// A SchemaStatus compares the database's schema with the program's.
type SchemaStatus struct {
	Version int64 // the database's; 0 while it has none
	Latest  int64 // this program's
}

// Current reports whether the program and the database fit together.
func (s SchemaStatus) Current() bool { return s.Version == s.Latest }

// A step brings the schema from the version before to its own. Doing it twice, also
// by several at once, is the same as doing it once.
type step func(d *Documents, ctx context.Context) error

// steps are in the order of versions, from 1 on.
var steps = []step{(*Documents).begin}

// A done is a document of the collection schema: a step that was done.
type done struct {
	Version int64     `bson:"_id"`
	At      time.Time `bson:"at"`
}

// Migrate makes collections and indexes, or brings them up to the program's version.
// Any number of processes may do so at once. ErrNewerSchema leaves the database as
// it is.
func (d *Documents) Migrate(ctx context.Context) error {
	status, err := d.Status(ctx)
	if err != nil {
		return err
	}
	if status.Version > status.Latest {
		return fmt.Errorf("%w: version %d, and the program knows %d", ErrNewerSchema, status.Version, status.Latest)
	}
	for version := status.Version + 1; version <= status.Latest; version++ {
		if err := steps[version-1](d, ctx); err != nil {
			return fmt.Errorf("migrating to version %d: %w", version, err)
		}
		err := d.schema.insert(ctx, done{version, time.Now()})
		if err != nil && !mongo.IsDuplicateKeyError(err) { // another process was here
			return err
		}
	}
	return nil
}

// Status reads how the database's schema stands. It changes nothing.
func (d *Documents) Status(ctx context.Context) (SchemaStatus, error) {
	status := SchemaStatus{Latest: int64(len(steps))}
	var last done
	err := d.schema.find(ctx, bson.D{}, &last, options.FindOne().SetSort(bson.D{{Key: "_id", Value: -1}}))
	status.Version = last.Version
	return status, orNone(err, nil)
}

type index struct {
	fields bson.D
	unique bool
}

// begin is version 1.
func (d *Documents) begin(ctx context.Context) error {
	up := func(fields ...string) bson.D {
		var keys bson.D
		for _, f := range fields {
			keys = append(keys, bson.E{Key: f, Value: 1})
		}
		return keys
	}
	for _, c := range []struct {
		in      collection
		indexes []index
	}{
		{d.connections, []index{
			{up("provider_id", "provider_user_id"), true},
			{up("user_id", "provider_id", "rank", "_id"), false},
		}},
		{d.owners, nil},
		{d.users, []index{{up("email_key"), true}, {up("username_key"), true}}},
		{d.sessions, []index{
			{bson.D{{Key: "user_id", Value: 1}, {Key: "created_at", Value: -1}, {Key: "_id", Value: 1}}, false},
			{up("expires_at"), false},
		}},
		{d.roles, nil},
		{d.claims, []index{{up("expires_at"), false}}},
		{d.parcels, []index{{up("purpose", "not_before", "_id"), false}, {up("expires_at"), false}}},
		{d.attempts, []index{{up("ends_at"), false}}},
	} {
		if err := c.in.make(ctx, c.indexes); err != nil {
			return err
		}
	}
	return nil
}

// namespaceExists is the server's error for a collection that is there.
const namespaceExists = 48

// make makes the collection and its indexes, where they are not there already.
func (c collection) make(ctx context.Context, indexes []index) error {
	if err := c.documents.ready(ctx); err != nil {
		return err
	}
	err := c.of.Database().CreateCollection(ctx, c.of.Name())
	if coded := mongo.ServerError(nil); errors.As(err, &coded) && coded.HasErrorCode(namespaceExists) {
		err = nil
	}
	if err != nil {
		return failure(ctx, err)
	}
	var models []mongo.IndexModel
	for _, i := range indexes {
		m := mongo.IndexModel{Keys: i.fields, Options: options.Index()}
		if i.unique {
			// Sparse: who has no username is not in the way of others without one.
			m.Options.SetUnique(true).SetSparse(true)
		}
		models = append(models, m)
	}
	if len(models) == 0 {
		return nil
	}
	_, err = c.of.Indexes().CreateMany(ctx, models)
	return failure(ctx, err)
}
