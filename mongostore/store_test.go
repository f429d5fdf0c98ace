package mongostore_test

import (
	"context"
	"net/url"
	"os"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/document"
	"github.com/gosocial/social/internal/test/ferret"
	"github.com/gosocial/social/internal/test/processes"
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
func openUnsafe(t *testing.T, url string, opts ...mongostore.Option) *mongostore.UnsafeStore {
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

// FerretDB has no transactions, so the suite skips them. Commands of parallel calls
// mix.
func TestWithoutTransactions(t *testing.T) {
	t.Parallel()
	s := openUnsafe(t, databases.URL(t))
	t.Run("vault", func(t *testing.T) { storetest.Vault(t, func(*testing.T) vault.Store { return s }) })
	t.Run("accounts", func(t *testing.T) { storetest.Accounts(t, func(*testing.T) accounts.Store { return s }) })
	t.Run("audit", func(t *testing.T) { storetest.Audit(t, func(*testing.T) audit.Store { return s }) })
	t.Run("documents", func(t *testing.T) { storetest.Documents(t, func(*testing.T) document.Store { return s }) })
}

// realEnv is the variable with the URL of a MongoDB replica set. Only there do
// transactions and other commands run at the same time.
const realEnv = "SOCIAL_TEST_MONGODB"

func TestStore(t *testing.T) {
	t.Parallel()
	s := open(t, replicaSet(t), mongostore.Prefix("Other_"))
	t.Run("vault", func(t *testing.T) { storetest.Vault(t, func(*testing.T) vault.Store { return s }) })
	t.Run("accounts", func(t *testing.T) { storetest.Accounts(t, func(*testing.T) accounts.Store { return s }) })
	t.Run("audit", func(t *testing.T) { storetest.Audit(t, func(*testing.T) audit.Store { return s }) })
	t.Run("documents", func(t *testing.T) { storetest.Documents(t, func(*testing.T) document.Store { return s }) })
}

func TestAccountsOfTwoProcesses(t *testing.T) {
	t.Parallel()
	address := replicaSet(t)
	processes.Run(t, [2]accounts.Store{open(t, address), open(t, address)})
}

// replicaSet returns the URL of a database of the test's own: on the replica set of
// realEnv, or else on FerretDB behind a proxy, which executes one transaction after
// another and ends one whose command failed.
func replicaSet(t *testing.T) string {
	address := os.Getenv(realEnv)
	if address == "" {
		t.Log(realEnv + " is not set: on FerretDB, where transactions and other commands do not run at the same time")
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
