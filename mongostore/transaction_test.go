package mongostore_test

import (
	"context"
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/test/ferret"
	"github.com/gosocial/social/mongostore"
	"github.com/gosocial/social/vault"
)

// onApplication opens a store on an application's database, which has orders.
func onApplication(t *testing.T) (*mongostore.Store, *mongo.Collection) {
	t.Helper()
	db := database(t, databases.ReplicaSetURL(t))
	s, err := mongostore.New(t.Context(), db, mongostore.Migrate())
	check(t, err)
	return s, db.Collection("orders")
}

// The application's own commands are part of a transaction.
func TestTransactionIsShared(t *testing.T) {
	t.Parallel()
	s, orders := onApplication(t)
	order := func(end error) error {
		return s.InTx(t.Context(), func(ctx context.Context) error {
			if _, err := orders.InsertOne(ctx, bson.D{{Key: "_id", Value: 1}}); err != nil {
				return err
			}
			if err := s.InsertUser(ctx, accounts.User{ID: "user", Email: "a@example.com"}); err != nil {
				return err
			}
			return end
		})
	}
	count := func(want int64) {
		t.Helper()
		if n, err := orders.CountDocuments(t.Context(), bson.D{}); err != nil || n != want {
			t.Errorf("%d orders, %v, want %d", n, err, want)
		}
	}
	onPurpose := errors.New("on purpose")
	if err := order(onPurpose); err != onPurpose {
		t.Errorf("error %v, want %v", err, onPurpose)
	}
	count(0)
	check(t, order(nil))
	count(1)
}

// The store takes part in a transaction that the application began.
func TestWithTx(t *testing.T) {
	t.Parallel()
	s, orders := onApplication(t)
	onPurpose := errors.New("on purpose")
	for _, end := range []error{onPurpose, nil} {
		session, err := orders.Database().Client().StartSession()
		check(t, err)
		_, err = session.WithTransaction(t.Context(), func(ctx context.Context) (any, error) {
			ctx = s.WithTx(ctx, session)
			if s.AfterTx(ctx, func(context.Context, bool) { t.Error("the end was reported") }) {
				t.Error("the store says that it ends the application's transaction")
			}
			if _, err := orders.InsertOne(ctx, bson.D{{Key: "_id", Value: 1}}); err != nil {
				return nil, err
			}
			check(t, s.InsertUser(ctx, accounts.User{ID: "ann"}))
			_, err := s.Insert(ctx, vault.Connection{ID: "1", UserID: "ann", ProviderID: "google", ProviderUserID: "1", Rank: -1}, nil)
			check(t, err)
			return nil, end
		})
		session.EndSession(t.Context())
		if err != end {
			t.Errorf("error %v, want %v", err, end)
		}
		for what, err := range map[string]error{
			"order":      orders.FindOne(t.Context(), bson.D{}).Err(),
			"user":       second(s.UserByID(t.Context(), "", "ann")),
			"connection": second(s.ByID(t.Context(), "1")),
		} {
			if (err == nil) != (end == nil) {
				t.Errorf("%s: %v after %v", what, err, end)
			}
		}
	}
}

func second[T any](_ T, err error) error { return err }

// A transaction that the server undid begins again, without what it had written.
func TestTransactionsBeginAgain(t *testing.T) {
	t.Parallel()
	own := ferret.Start(t) // so that the transactions of other tests are not disturbed
	url := own.ReplicaSetURL(t)
	s, db := open(t, url), database(t, url)
	ctx := t.Context()
	conflict := func(writes int32) {
		t.Helper()
		check(t, db.RunCommand(ctx, bson.D{{Key: "conflicts", Value: writes}}).Err())
	}
	conflict(3)
	calls, reports := 0, 0
	check(t, s.InTx(ctx, func(ctx context.Context) error {
		calls++
		s.AfterTx(ctx, func(context.Context, bool) { reports++ })
		if err := s.InsertUser(ctx, accounts.User{ID: "ann", Email: "ann@example.com"}); err != nil {
			return err
		}
		_, err := s.Insert(ctx, vault.Connection{ID: "1", UserID: "ann", ProviderID: "google", ProviderUserID: "1", Rank: -1}, nil)
		return err
	}))
	if calls != 4 || reports != 1 {
		t.Errorf("the function was called %d times, want 4, and its end reported %d times, want once", calls, reports)
	}

	// The second write of three in one go.
	conflict(1)
	check(t, s.DeleteUser(ctx, "", "ann"))
	conflict(2)
	rank, err := s.Insert(ctx, vault.Connection{ID: "2", UserID: "ann", ProviderID: "google", ProviderUserID: "2", Rank: -1}, nil)
	if err != nil || rank != 1 {
		t.Errorf("rank %d, %v, want 1", rank, err)
	}
	conflict(2)
	removed, err := s.Remove(ctx, vault.Removal{UserID: "ann"})
	if err != nil || len(removed) != 2 {
		t.Errorf("removed %d connections, %v, want 2", len(removed), err)
	}

	// An error that f does not return has ended the transaction, and nothing of it is kept.
	conflict(1)
	calls = 0
	check(t, s.InTx(ctx, func(ctx context.Context) error {
		calls++
		s.InsertUser(ctx, accounts.User{ID: "bob", Email: "bob@example.com"})
		return s.InsertUser(ctx, accounts.User{ID: "eve", Email: "eve@example.com"})
	}))
	for _, id := range []string{"bob", "eve"} {
		if _, err := s.UserByID(ctx, "", id); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	if calls != 2 {
		t.Errorf("the function was called %d times, want 2", calls)
	}
}

// It is unknown whether a session that InTx did not begin holds a transaction.
func TestForeignSession(t *testing.T) {
	t.Parallel()
	s, orders := onApplication(t)
	session, err := orders.Database().Client().StartSession()
	check(t, err)
	defer session.EndSession(t.Context())
	foreign := mongo.NewSessionContext(t.Context(), session)
	refused := func(what string, err error) {
		t.Helper()
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	refused("InTx", s.InTx(foreign, func(context.Context) error { return nil }))
	refused("InsertUser", s.InsertUser(foreign, accounts.User{ID: "ann"}))
	_, err = s.ByID(foreign, "1")
	refused("ByID", err)
	check(t, s.InTx(t.Context(), func(ctx context.Context) error {
		refused("inside", s.InsertUser(mongo.NewSessionContext(ctx, session), accounts.User{ID: "ann"}))
		return s.InsertUser(ctx, accounts.User{ID: "bob"})
	}))
	// Another store does not join the transaction.
	other, err := mongostore.New(t.Context(), orders.Database(), mongostore.Prefix("other_"), mongostore.Migrate())
	check(t, err)
	check(t, s.InTx(t.Context(), func(ctx context.Context) error {
		refused("another store", other.InsertUser(ctx, accounts.User{ID: "ann"}))
		return nil
	}))
}
