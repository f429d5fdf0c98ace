package mongostore

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// A collection sends single commands. A command on one document changes it as a whole
// or not at all. When the answer of a write is lost, the driver sends it again, and the
// server executes it once.
type collection struct {
	database *database
	of       *mongo.Collection
	absent   bool // it belongs to accounts, and ConnectionsOnly is set
	ofSchema bool // it notes the steps of the schema
}

// ErrNoAccounts: the store has no collections of accounts, because of ConnectionsOnly.
var ErrNoAccounts = errors.New("mongostore: this store keeps connections only, and no accounts")

func (c collection) ready(ctx context.Context) error {
	if c.absent {
		return ErrNoAccounts
	}
	if err := c.database.checkContext(ctx); err != nil || c.ofSchema {
		return err
	}
	return c.database.checkSchema(ctx)
}

// find decodes the document that matches, or returns mongo.ErrNoDocuments.
func (c collection) find(ctx context.Context, filter, into any, opts ...options.Lister[options.FindOneOptions]) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	return wrap(ctx, c.of.FindOne(ctx, filter, opts...).Decode(into))
}

// exists reports whether a document matches.
func (c collection) exists(ctx context.Context, filter any) (bool, error) {
	err := c.find(ctx, filter, new(bson.Raw), options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}}))
	if errors.Is(err, mongo.ErrNoDocuments) {
		return false, nil
	}
	return err == nil, err
}

// list decodes all documents that match.
func list[D any](ctx context.Context, c collection, filter any, opts ...options.Lister[options.FindOptions]) ([]D, error) {
	if err := c.ready(ctx); err != nil {
		return nil, err
	}
	cursor, err := c.of.Find(ctx, filter, opts...)
	if err != nil {
		return nil, wrap(ctx, err)
	}
	var found []D
	return found, wrap(ctx, cursor.All(ctx, &found))
}

// insert adds a document. When a unique index refuses it, mongo.IsDuplicateKeyError is
// true of the error.
func (c collection) insert(ctx context.Context, document any) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	_, err := c.of.InsertOne(ctx, document)
	return wrap(ctx, err)
}

// update changes one document that matches and reports whether there was one.
func (c collection) update(ctx context.Context, filter, change any, opts ...options.Lister[options.UpdateOneOptions]) (bool, error) {
	if err := c.ready(ctx); err != nil {
		return false, err
	}
	result, err := c.of.UpdateOne(ctx, filter, change, opts...)
	if err != nil {
		return false, wrap(ctx, err)
	}
	return result.MatchedCount+result.UpsertedCount > 0, nil
}

// modify changes one document that matches and decodes it as it is afterwards, or
// returns mongo.ErrNoDocuments.
func (c collection) modify(ctx context.Context, filter, change, into any, opts ...options.Lister[options.FindOneAndUpdateOptions]) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	opts = append(opts, options.FindOneAndUpdate().SetReturnDocument(options.After))
	return wrap(ctx, c.of.FindOneAndUpdate(ctx, filter, change, opts...).Decode(into))
}

// take deletes the document that matches and decodes it, or returns
// mongo.ErrNoDocuments.
func (c collection) take(ctx context.Context, filter, into any) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	return wrap(ctx, c.of.FindOneAndDelete(ctx, filter).Decode(into))
}

// remove deletes all documents that match, one after the other, and returns how many.
func (c collection) remove(ctx context.Context, filter any) (int, error) {
	if err := c.ready(ctx); err != nil {
		return 0, err
	}
	result, err := c.of.DeleteMany(ctx, filter)
	if err != nil {
		return 0, wrap(ctx, err)
	}
	return int(result.DeletedCount), nil
}

// wrap returns an error of the database as callers get it: the context's, when that has
// ended.
func wrap(ctx context.Context, err error) error {
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
