package mongostore

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// A collection sends single commands. Each is executed as a whole; one on a
// single document changes it or not. A write whose answer was lost is sent again by
// the driver, and the server executes it once.
type collection struct {
	documents *Documents
	of        *mongo.Collection
	unwanted  bool // it is of accounts, and ConnectionsOnly says that there are none
	ofSchema  bool // it is the one that notes the schema's steps
}

// ErrNoAccounts: a store that was opened with ConnectionsOnly has no collections for
// what was asked, and none of their unique indexes.
var ErrNoAccounts = errors.New("mongostore: this store keeps connections only, and no accounts")

func (c collection) ready(ctx context.Context) error {
	if c.unwanted {
		return ErrNoAccounts
	}
	if err := c.documents.ready(ctx); err != nil || c.ofSchema {
		return err
	}
	return c.documents.checkSchema(ctx)
}

// find decodes the one document that fits, or returns mongo.ErrNoDocuments.
func (c collection) find(ctx context.Context, filter, into any, opts ...options.Lister[options.FindOneOptions]) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	return failure(ctx, c.of.FindOne(ctx, filter, opts...).Decode(into))
}

// exists reports whether a document fits.
func (c collection) exists(ctx context.Context, filter any) (bool, error) {
	err := c.find(ctx, filter, new(bson.Raw), options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}}))
	if errors.Is(err, mongo.ErrNoDocuments) {
		return false, nil
	}
	return err == nil, err
}

// list decodes all documents that fit.
func list[D any](ctx context.Context, c collection, filter any, opts ...options.Lister[options.FindOptions]) ([]D, error) {
	if err := c.ready(ctx); err != nil {
		return nil, err
	}
	cursor, err := c.of.Find(ctx, filter, opts...)
	if err != nil {
		return nil, failure(ctx, err)
	}
	var found []D
	return found, failure(ctx, cursor.All(ctx, &found))
}

// insert adds a document. One that a unique index refuses is a duplicate; see
// mongo.IsDuplicateKeyError.
func (c collection) insert(ctx context.Context, document any) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	_, err := c.of.InsertOne(ctx, document)
	return failure(ctx, err)
}

// update changes one document that fits and reports whether there was one.
func (c collection) update(ctx context.Context, filter, change any, opts ...options.Lister[options.UpdateOneOptions]) (bool, error) {
	if err := c.ready(ctx); err != nil {
		return false, err
	}
	result, err := c.of.UpdateOne(ctx, filter, change, opts...)
	if err != nil {
		return false, failure(ctx, err)
	}
	return result.MatchedCount+result.UpsertedCount > 0, nil
}

// modify changes one document that fits and decodes it as it is afterwards, or
// returns mongo.ErrNoDocuments.
func (c collection) modify(ctx context.Context, filter, change, into any, opts ...options.Lister[options.FindOneAndUpdateOptions]) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	opts = append(opts, options.FindOneAndUpdate().SetReturnDocument(options.After))
	return failure(ctx, c.of.FindOneAndUpdate(ctx, filter, change, opts...).Decode(into))
}

// take deletes the one document that fits and decodes it, or returns
// mongo.ErrNoDocuments.
func (c collection) take(ctx context.Context, filter, into any) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	return failure(ctx, c.of.FindOneAndDelete(ctx, filter).Decode(into))
}

// remove deletes all documents that fit, one after the other, and says how many.
func (c collection) remove(ctx context.Context, filter any) (int, error) {
	if err := c.ready(ctx); err != nil {
		return 0, err
	}
	result, err := c.of.DeleteMany(ctx, filter)
	if err != nil {
		return 0, failure(ctx, err)
	}
	return int(result.DeletedCount), nil
}

// failure words an error of the database. When the context has ended, that is the
// cause, however the driver puts it.
func failure(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, mongo.ErrNoDocuments):
		return err
	}
	return fmt.Errorf("mongostore: %w", err)
}

// orNone replaces the driver's error for nothing found.
func orNone(err, none error) error {
	if errors.Is(err, mongo.ErrNoDocuments) {
		return none
	}
	return err
}
