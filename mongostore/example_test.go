package mongostore_test

import (
	"context"
	"fmt"
	"log"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mongostore"
)

func ExampleOpen() {
	ctx := context.Background()
	store, err := mongostore.Open(ctx, "mongodb://app:secret@127.0.0.1:27017/app?replicaSet=rs0", mongostore.Migrate())
	if err != nil {
		log.Fatal(err) // it names the host and the database, and never the password
	}
	defer store.Close()

	status, err := store.Status(ctx)
	fmt.Println(status.Err(), err)
}

// What the application writes with the transaction's context is part of it.
func ExampleStore_InTx() {
	ctx := context.Background()
	client, err := mongo.Connect(options.Client().ApplyURI("mongodb://127.0.0.1:27017/?replicaSet=rs0"))
	if err != nil {
		log.Fatal(err)
	}
	app := client.Database("app")
	store, err := mongostore.New(ctx, app, mongostore.Migrate())
	if err != nil {
		log.Fatal(err)
	}
	err = store.InTx(ctx, func(ctx context.Context) error {
		if err := store.InsertUser(ctx, accounts.User{ID: "ann", Email: "ann@example.com"}); err != nil {
			return err
		}
		_, err := app.Collection("profiles").InsertOne(ctx, bson.D{{Key: "_id", Value: "ann"}, {Key: "likes", Value: "tea"}})
		return err // with an error there is neither
	})
	fmt.Println(err)
}
