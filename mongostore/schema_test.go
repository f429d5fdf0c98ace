package mongostore_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mongostore"
	"github.com/gosocial/social/schema"
	"github.com/gosocial/social/vault"
)

// database returns the database that a URL names.
func database(t *testing.T, address string) *mongo.Database {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return client(t, address, nil).Database(strings.TrimPrefix(u.Path, "/"))
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, err := mongostore.Open(ctx, databases.ReplicaSetURL(t))
	if err != nil {
		t.Fatal(err)
	}
	closeLater(t, s)
	before, err := s.Status(ctx)
	if err != nil || before.Version != 0 || before.Latest < 1 || !errors.Is(before.Err(), schema.ErrOlder) {
		t.Errorf("before: %+v, %v", before, err)
	}
	// An insert would make the collection without its unique indexes.
	_, err = s.Insert(ctx, vault.Connection{ID: "1"}, nil)
	if !errors.Is(err, schema.ErrOlder) || !strings.Contains(err.Error(), "social migrate") {
		t.Errorf("before, Insert: %v", err)
	}
	plan, err := s.Plan(ctx)
	if err != nil || len(plan) != int(before.Latest) || !slices.Contains(plan[1].Statements,
		`db.getCollection("social_users").createIndex({"email_key":1}, {unique: true, sparse: true})`) {
		t.Errorf("plan %+v, %v", plan, err)
	}
	for range 2 {
		if err := s.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		if after, err := s.Status(ctx); err != nil || after.Err() != nil {
			t.Errorf("after: %+v, %v", after, err)
		}
	}
	if plan, err := s.Plan(ctx); err != nil || len(plan) != 0 {
		t.Errorf("plan %+v, %v", plan, err)
	}
}

func TestNewerSchema(t *testing.T) {
	t.Parallel()
	ctx, url := t.Context(), databases.ReplicaSetURL(t)
	s := open(t, url)
	if _, err := database(t, url).Collection("social_schema").InsertOne(ctx, bson.D{{Key: "_id", Value: int64(99999)}}); err != nil {
		t.Fatal(err)
	}
	if _, err := mongostore.Open(ctx, url, mongostore.Migrate()); !errors.Is(err, schema.ErrNewer) {
		t.Errorf("Migrate: error %v, want %v", err, schema.ErrNewer)
	}
	if status, err := s.Status(ctx); err != nil || !errors.Is(status.Err(), schema.ErrNewer) {
		t.Errorf("Status: %+v, %v", status, err)
	}
	if _, err := s.Plan(ctx); !errors.Is(err, schema.ErrNewer) {
		t.Errorf("Plan: error %v, want %v", err, schema.ErrNewer)
	}
}

// The stores know as little of one another as ten processes.
func TestMigrateByTenStores(t *testing.T) {
	t.Parallel()
	ctx, url := t.Context(), databases.ReplicaSetURL(t)
	errs := make(chan error, 10)
	for range cap(errs) {
		go func() {
			s, err := mongostore.Open(context.WithoutCancel(ctx), url, mongostore.Migrate(), mongostore.Connections(2))
			if err == nil {
				err = s.Close()
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	db := database(t, url)
	if n, err := db.Collection("social_schema").CountDocuments(ctx, bson.D{}); err != nil || n != 3 {
		t.Errorf("%d steps are noted, %v, want 2", n, err)
	}
	var indexes []struct {
		Key    bson.D
		Unique bool
	}
	cursor, err := db.Collection("social_connections").Indexes().List(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := cursor.All(ctx, &indexes); err != nil {
		t.Fatal(err)
	}
	unique := 0
	for _, i := range indexes {
		if i.Unique {
			unique++
		}
	}
	if len(indexes) != 3 || unique != 1 {
		t.Errorf("connections have the indexes %+v", indexes)
	}
}

// Accounts can be added later.
func TestConnectionsOnly(t *testing.T) {
	t.Parallel()
	ctx, url := t.Context(), databases.ReplicaSetURL(t)
	s := open(t, url, mongostore.ConnectionsOnly())
	if status, err := s.Status(ctx); err != nil || status.Err() != nil || status.Version != status.Latest {
		t.Errorf("status %+v, %v", status, err)
	}
	_, err := s.Insert(ctx, vault.Connection{ID: "1", UserID: "507f1f77bcf86cd799439011", ProviderID: "google", ProviderUserID: "1"}, nil)
	check(t, err)
	if err := s.InsertUser(ctx, accounts.User{ID: "ann"}); !errors.Is(err, mongostore.ErrNoAccounts) {
		t.Errorf("InsertUser: %v", err)
	}
	if _, err := s.Clean(ctx, now); err != nil {
		t.Error(err)
	}
	names, err := database(t, url).ListCollectionNames(ctx, bson.D{})
	slices.Sort(names)
	if want := []string{"social_audit", "social_audit_last", "social_claims", "social_connections", "social_documents", "social_one_time", "social_owners", "social_schema"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("collections %q, %v, want %q", names, err, want)
	}

	later, err := mongostore.Open(ctx, url)
	check(t, err)
	closeLater(t, later)
	if status, err := later.Status(ctx); err != nil || !errors.Is(status.Err(), schema.ErrOlder) {
		t.Errorf("status %+v, %v", status, err)
	}
	check(t, later.Migrate(ctx))
	check(t, later.InsertUser(ctx, accounts.User{ID: "ann"}))
}
