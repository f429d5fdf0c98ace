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

// The person, the session and the connection are all there, or none of them is.
func TestTogether(t *testing.T) {
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
	there := func(collection string, want int64) {
		t.Helper()
		if n, err := db.Collection(collection).CountDocuments(t.Context(), bson.D{}); err != nil || n != want {
			t.Errorf("%d documents in %s, %v, want %d", n, collection, err, want)
		}
	}

	// While only one connection may be active, and one is, no other can be written.
	connections := db.Collection("social_connections")
	broken, err := connections.Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: bson.D{{Key: "status", Value: 1}},
		Options: options.Index().SetUnique(true)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := connections.InsertOne(t.Context(), bson.D{{Key: "_id", Value: "0"}, {Key: "status", Value: "active"}}); err != nil {
		t.Fatal(err)
	}
	ana := v.Browser(t)
	ana.Post("/login/google", "/login", "")
	there("people", 0)
	there("sessions", 0)
	there("social_connections", 1)

	if err := connections.Indexes().DropOne(t.Context(), broken); err != nil {
		t.Fatal(err)
	}
	ana.Post("/login/google", "/profile", "ana@example.com")
	there("people", 1)
	there("sessions", 1)
	there("social_connections", 2)
	ana.Post("/delete", "/", "Sign in")
	there("people", 0)
	there("sessions", 0)
	there("social_connections", 1)
}
