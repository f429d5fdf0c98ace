package main

import (
	"net/url"
	"os"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/examples/internal/sitetest"
	"github.com/gosocial/social/internal/test/ferret"
)

var server *ferret.Server

func TestMain(m *testing.M) {
	os.Exit(ferret.Main(m, func(s *ferret.Server) { server = s }))
}

func TestSite(t *testing.T) {
	t.Parallel()
	sitetest.Run(t, server.ReplicaSetURL(t), open)
}

// The person, the session and the connection are created and deleted together, or
// not at all.
func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	address := server.ReplicaSetURL(t)
	v := sitetest.Start(t, address, open)
	v.Approve("ana")
	client, err := mongo.Connect(options.Client().ApplyURI(address))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Disconnect(t.Context()) })
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	db := client.Database(strings.TrimPrefix(u.Path, "/"))
	expectRows := func(collection string, want int64) {
		t.Helper()
		if n, err := db.Collection(collection).CountDocuments(t.Context(), bson.D{}); err != nil || n != want {
			t.Errorf("%d documents in %s, %v, want %d", n, collection, err, want)
		}
	}

	// A unique index on the status makes every insert of a second active connection
	// fail.
	connections := db.Collection("social_connections")
	unique, err := connections.Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: bson.D{{Key: "status", Value: 1}},
		Options: options.Index().SetUnique(true)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := connections.InsertOne(t.Context(), bson.D{{Key: "_id", Value: "0"}, {Key: "status", Value: "active"}}); err != nil {
		t.Fatal(err)
	}
	ana := v.Browser(t)
	ana.Post("/login/google", "/login", "")
	expectRows("people", 0)
	expectRows("sessions", 0)
	expectRows("social_connections", 1)

	if err := connections.Indexes().DropOne(t.Context(), unique); err != nil {
		t.Fatal(err)
	}
	ana.Post("/login/google", "/profile", "ana@example.com")
	expectRows("people", 1)
	expectRows("sessions", 1)
	expectRows("social_connections", 2)
	ana.Post("/delete", "/", "Sign in")
	expectRows("people", 0)
	expectRows("sessions", 0)
	expectRows("social_connections", 1)
}
