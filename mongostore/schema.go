package mongostore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

var (
	// ErrNewerSchema: a newer version of this program has been at the database.
	ErrNewerSchema = errors.New("mongostore: the database's schema is newer than this program")
	// ErrOlderSchema: the database lacks what Migrate would make.
	ErrOlderSchema = errors.New("mongostore: the database's schema is older than this program")
)

// A SchemaStatus compares the database's schema with the program's, which is made by
// steps with growing numbers.
type SchemaStatus struct {
	Version int64   // the newest step in the database; 0 while there is none
	Latest  int64   // the newest step that this program knows
	Pending []int64 // the steps that Migrate would do, in order
}

// Current reports whether the program and the database fit together.
func (s SchemaStatus) Current() bool { return s.Err() == nil }

// Err is nil when the program and the database fit together, ErrNewerSchema when the
// database is ahead, ErrOlderSchema when Migrate has something to do.
func (s SchemaStatus) Err() error {
	switch {
	case s.Version > s.Latest:
		return fmt.Errorf("%w: version %d, and the program knows %d", ErrNewerSchema, s.Version, s.Latest)
	case len(s.Pending) > 0:
		return fmt.Errorf("%w: version %d, and the program needs %d", ErrOlderSchema, s.Version, s.Pending[len(s.Pending)-1])
	}
	return nil
}

// A done is a document of the collection schema: a step that was done.
type done struct {
	Version int64     `bson:"_id"`
	At      time.Time `bson:"at"`
}

// Migrate makes collections and indexes, or brings them up to the program's version.
// Any number of processes may do so at once: whatever a step makes may be there
// already. ErrNewerSchema leaves the database as it is.
func (d *Documents) Migrate(ctx context.Context) error {
	status, err := d.Status(ctx)
	if err != nil {
		return err
	}
	if status.Version > status.Latest {
		return status.Err()
	}
	for _, version := range status.Pending {
		for _, c := range steps[version-1].makes {
			if err := d.named(c.collection).make(ctx, c.indexes); err != nil {
				return fmt.Errorf("migrating to version %d: %w", version, err)
			}
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
	there, err := list[done](ctx, d.schema, bson.D{})
	if err != nil {
		return status, err
	}
	for _, step := range there {
		status.Version = max(status.Version, step.Version)
	}
	for i, step := range steps {
		version := int64(i + 1)
		needed := !(step.accounts && d.connectionsOnly)
		if needed && !slices.ContainsFunc(there, func(s done) bool { return s.Version == version }) {
			status.Pending = append(status.Pending, version)
		}
	}
	return status, nil
}

// namespaceExists is the server's error for a collection that is there.
const namespaceExists = 48

// make makes the collection and its indexes, where they are not there already.
func (c collection) make(ctx context.Context, indexes []index) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	err := c.of.Database().CreateCollection(ctx, c.of.Name())
	if coded := mongo.ServerError(nil); errors.As(err, &coded) && coded.HasErrorCode(namespaceExists) {
		err = nil
	}
	if err != nil {
		return failure(ctx, err)
	}
	for _, i := range indexes {
		options := options.Index()
		if i.unique {
			// Sparse: who has no username is not in the way of others without one.
			options.SetUnique(true).SetSparse(true)
		}
		if _, err := c.of.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: i.fields, Options: options}); err != nil {
			return failure(ctx, err)
		}
	}
	return nil
}
