package mongostore_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/test/server"
	"github.com/gosocial/social/mongostore"
)

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	host := server.FreeAddress(t)
	closed := "mongodb://ann:CANARY@" + host + "/app?serverSelectionTimeoutMS=200"
	for what, tt := range map[string]struct{ address, says string }{
		"no server listens":    {closed, "opening app on " + host},
		"a bad escape":         {"mongodb://ann:CANARY%zz@localhost/app", "malformed"},
		"an unescaped sign":    {"mongodb://ann:CAN@ARY@localhost/app", "malformed"},
		"an unescaped slash":   {"mongodb://ann:CAN/ARY@localhost/app", "malformed"},
		"a bad setting":        {"mongodb://localhost/app?tls=perhaps", "tls"},
		"one with a password":  {"mongodb://localhost/app?tlsCertificateKeyFilePassword=CANARY&tls=perhaps", "malformed"},
		"after a password":     {"mongodb://ann:CANARY@localhost/app?tls=perhaps", "tls"},
		"a name without DNS":   {"mongodb+srv://ann:CANARY@db.invalid/app", "db.invalid"},
		"no host":              {"mongodb://ann:CANARY/app", "malformed"},
		"no database":          {"mongodb://ann:CANARY@localhost", "names no database"},
		"no database, a slash": {"mongodb://localhost/?tls=true", "names no database"},
		"no URL":               {"localhost CANARY", "malformed"},
		"another kind":         {"postgres://ann:CANARY@localhost/app", "malformed"},
		"nothing":              {"", "malformed"},
	} {
		s, err := mongostore.Open(t.Context(), tt.address)
		if err == nil {
			s.Close()
			t.Errorf("%s: no error", what)
		} else if text := err.Error(); s != nil || !strings.HasPrefix(text, "mongostore: ") || !strings.Contains(text, tt.says) ||
			strings.Contains(text, "CANARY") || strings.Contains(text, "ARY@") {
			t.Errorf("%s: %v", what, err)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := mongostore.Open(ended, closed); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
	if _, err := mongostore.New(t.Context(), nil); err == nil {
		t.Error("no database: no error")
	}
}

func TestOpenWantsTransactions(t *testing.T) {
	t.Parallel()
	url := databases.URL(t)
	if _, err := mongostore.Open(t.Context(), url); !errors.Is(err, mongostore.ErrNoTransactions) {
		t.Errorf("Open: error %v, want %v", err, mongostore.ErrNoTransactions)
	}
	if _, err := mongostore.New(t.Context(), client(t, url, nil).Database("app")); !errors.Is(err, mongostore.ErrNoTransactions) {
		t.Errorf("New: error %v, want %v", err, mongostore.ErrNoTransactions)
	}
	for _, prefix := range []string{"a-b", "1_", "$", ""} {
		if _, err := mongostore.Open(t.Context(), databases.ReplicaSetURL(t), mongostore.Prefix(prefix)); err == nil {
			t.Errorf("prefix %q: no error", prefix)
		}
	}
}

// client connects as an application does.
func client(t *testing.T, url string, change func(*options.ClientOptions)) *mongo.Client {
	t.Helper()
	o := options.Client().ApplyURI(url)
	if change != nil {
		change(o)
	}
	c, err := mongo.Connect(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Disconnect(context.Background()) })
	return c
}

// Two prefixes are two schemas in one database, and the application's client stays
// open when the store is closed.
func TestNewOnTheApplicationsDatabase(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := database(t, databases.ReplicaSetURL(t))
	on := func(opts ...mongostore.Option) *mongostore.Store {
		s, err := mongostore.New(ctx, db, append(opts, mongostore.Migrate())...)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	a, same, other := on(mongostore.Prefix("App_")), on(mongostore.Prefix("App_")), on()
	if err := a.InsertUser(ctx, accounts.User{ID: "x"}); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := same.UserByID(ctx, "", "x"); err != nil {
		t.Error(err)
	}
	if _, err := other.UserByID(ctx, "", "x"); !errors.Is(err, accounts.ErrNoUser) {
		t.Errorf("error %v, want %v", err, accounts.ErrNoUser)
	}
}
