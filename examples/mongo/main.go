// Command mongo is a site on MongoDB with users of its own: the store shares the
// application's client and database, and the application's writes are part of the
// store's transactions.
//
// It needs a replica set, which may have one member (mongod --replSet rs0, then
// rs.initiate()):
// DATABASE_URL=mongodb://user:password@host/name?replicaSet=rs0.
package main

import (
	"context"
	"net/url"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social"
	"github.com/gosocial/social/examples/internal/pages"
	"github.com/gosocial/social/examples/internal/site"
	"github.com/gosocial/social/mongostore"
)

func main() { site.Main("mongodb://127.0.0.1:27017/example?replicaSet=rs0", open) }

func open(ctx context.Context, s site.Site) (_ *site.App, err error) {
	address, err := url.Parse(s.Database)
	if err != nil {
		return nil, err
	}
	client, err := mongo.Connect(options.Client().ApplyURI(s.Database).SetTimeout(10 * time.Second))
	if err != nil {
		return nil, err
	}
	disconnect := func() error { return client.Disconnect(context.WithoutCancel(ctx)) }
	defer func() {
		if err != nil {
			disconnect()
		}
	}()
	db := client.Database(strings.TrimPrefix(address.Path, "/"))
	p := &people{people: db.Collection("people"), sessions: db.Collection("sessions")}
	store, err := mongostore.New(ctx, db, mongostore.ConnectionsOnly(), mongostore.Migrate())
	if err != nil {
		return nil, err
	}
	// Creating the indexes creates the collections too, which a transaction cannot.
	if _, err = p.people.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: bson.D{{Key: "email", Value: 1}},
		Options: options.Index().SetUnique(true)}); err != nil {
		return nil, err
	}
	if _, err = p.sessions.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: bson.D{{Key: "person", Value: 1}}}); err != nil {
		return nil, err
	}
	soc, err := social.New(social.Config{
		AppURL: s.URL, Providers: s.Providers, Connections: store, Users: p, Keys: s.Keys,
		SignUp:                social.Auto,
		AllowPrivateAddresses: s.Pretend,
	})
	if err != nil {
		return nil, err
	}
	own := pages.Pages{
		Social: soc, Current: current, Google: s.Google,
		Delete: func(ctx context.Context, id string) error { return p.delete(ctx, soc.Vault(), id) },
	}
	return &site.App{Handler: p.middleware(own.Handler()), Vault: soc.Vault(), Jobs: store.Jobs(), Close: disconnect}, nil
}
