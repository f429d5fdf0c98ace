package mongostore_test

import (
	"context"
	"net/url"
	"os"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/test/ferret"
	"github.com/gosocial/social/internal/test/server"
	"github.com/gosocial/social/mongostore"
	"github.com/gosocial/social/storetest"
	"github.com/gosocial/social/vault"
)

var databases *ferret.Server

func TestMain(m *testing.M) {
	os.Exit(ferret.Main(m, func(s *ferret.Server) { databases = s }))
}

// open opens a store on a replica set.
func open(t *testing.T, url string, opts ...mongostore.Option) *mongostore.Store {
	t.Helper()
	s, err := mongostore.Open(t.Context(), url, append(opts, mongostore.Migrate())...)
	if err != nil {
		t.Fatal(err)
	}
	closeLater(t, s)
	return s
}

// openUnsafe opens one on FerretDB as it is.
func openUnsafe(t *testing.T, url string, opts ...mongostore.Option) *mongostore.Documents {
	t.Helper()
	s, err := mongostore.OpenUnsafeWithoutTransactions(t.Context(), url, append(opts, mongostore.Migrate())...)
	if err != nil {
		t.Fatal(err)
	}
	closeLater(t, s)
	return s
}

func closeLater(t *testing.T, s interface{ Close() error }) {
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// FerretDB has no transactions, which is why the suite skips them here. Between
// commands, which come over one connection, everything else may happen.
func TestWithoutTransactions(t *testing.T) {
	t.Parallel()
	s := openUnsafe(t, databases.URL(t))
	t.Run("vault", func(t *testing.T) { storetest.Vault(t, func(*testing.T) vault.Store { return s }) })
	t.Run("accounts", func(t *testing.T) { storetest.Accounts(t, func(*testing.T) accounts.Store { return s }) })
}

// realEnv names the URL of a replica set of MongoDB's own. Only there do
// transactions and commands truly meet.
const realEnv = "SOCIAL_TEST_MONGODB"

func TestStore(t *testing.T) {
	t.Parallel()
	s := open(t, replicaSet(t), mongostore.Prefix("Other_"))
	t.Run("vault", func(t *testing.T) { storetest.Vault(t, func(*testing.T) vault.Store { return s }) })
	t.Run("accounts", func(t *testing.T) { storetest.Accounts(t, func(*testing.T) accounts.Store { return s }) })
}

// replicaSet returns the URL of a database of the test's own: on the replica set
// that realEnv names, or else on the front of FerretDB, which executes one
// transaction after another and ends one whose command failed.
func replicaSet(t *testing.T) string {
	address := os.Getenv(realEnv)
	if address == "" {
		t.Log(realEnv + " is not set: on FerretDB, where transactions and commands do not meet")
		return databases.ReplicaSetURL(t)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal("the URL in " + realEnv + " is malformed")
	}
	u.Path = "/" + server.DatabaseName()
	t.Cleanup(func() { database(t, u.String()).Drop(context.Background()) })
	return u.String()
}
