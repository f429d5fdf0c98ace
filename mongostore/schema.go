package mongostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/schema"
)

var _ schema.Migrator = (*Store)(nil)

// A doneStep is a document of the collection schema: a step that the database has.
type doneStep struct {
	Version int64     `bson:"_id"`
	At      time.Time `bson:"at"`
}

// Migrate implements schema.Migrator. A step makes only the collections and indexes
// that are not there yet, so that several processes may do it at once.
func (d *database) Migrate(ctx context.Context) error {
	status, err := d.Status(ctx)
	if err != nil {
		return err
	}
	if err := status.Err(); errors.Is(err, schema.ErrNewer) {
		return fmt.Errorf("mongostore: %w", err)
	}
	for _, version := range status.Pending {
		for _, c := range steps[version-1].collections {
			if err := d.named(c.name).create(ctx, c.indexes); err != nil {
				return fmt.Errorf("migrating to version %d: %w", version, err)
			}
		}
		err := d.schema.insert(ctx, doneStep{version, time.Now()})
		if err != nil && !mongo.IsDuplicateKeyError(err) { // another process has done the step
			return err
		}
	}
	d.migrated.Store(true)
	return nil
}

// Status implements schema.Migrator.
func (d *database) Status(ctx context.Context) (schema.Status, error) {
	found, err := list[doneStep](ctx, d.schema, bson.D{})
	if err != nil {
		return schema.Status{}, err
	}
	var done, needed []int64
	for _, step := range found {
		done = append(done, step.Version)
	}
	for i, step := range steps {
		if !step.accounts || !d.connectionsOnly {
			needed = append(needed, int64(i+1))
		}
	}
	return schema.Compare(done, needed, int64(len(steps))), nil
}

// checkSchema returns ErrOlder until Migrate has done its work: MongoDB would make a
// missing collection at the first insert, without the unique indexes that the store
// relies on. It reads the schema until it has found it current once.
func (d *database) checkSchema(ctx context.Context) error {
	if d.migrated.Load() {
		return nil
	}
	status, err := d.Status(ctx)
	if err != nil {
		return err
	}
	if err := status.Err(); errors.Is(err, schema.ErrOlder) {
		return fmt.Errorf("mongostore: %w, migrate it with Migrate or social migrate", err)
	}
	d.migrated.Store(true)
	return nil
}

// namespaceExists is the server's error for a collection that exists.
const namespaceExists = 48

// create makes the collection and its indexes, as far as they do not exist.
func (c collection) create(ctx context.Context, indexes []index) error {
	if err := c.database.checkContext(ctx); err != nil {
		return err
	}
	err := c.of.Database().CreateCollection(ctx, c.of.Name())
	if coded := mongo.ServerError(nil); errors.As(err, &coded) && coded.HasErrorCode(namespaceExists) {
		err = nil
	}
	if err != nil {
		return wrap(ctx, err)
	}
	for _, i := range indexes {
		options := options.Index()
		if i.kind != plain {
			// Sparse: the index leaves out users without a username.
			options.SetUnique(i.kind == unique).SetSparse(true)
		}
		if _, err := c.of.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: i.fields, Options: options}); err != nil {
			return wrap(ctx, err)
		}
	}
	return nil
}
