package mongostore_test

import (
	"os"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/ferrettest"
	"github.com/gosocial/social/mongostore"
	"github.com/gosocial/social/storetest"
	"github.com/gosocial/social/vault"
)

var server *ferrettest.Server

func TestMain(m *testing.M) {
	os.Exit(ferrettest.Main(m, func(s *ferrettest.Server) { server = s }))
}

// open opens what FerretDB can carry.
func open(t *testing.T, url string, opts ...mongostore.Option) *mongostore.Documents {
	t.Helper()
	s, err := mongostore.OpenUnsafeWithoutTransactions(t.Context(), url, append(opts, mongostore.Migrate())...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	t.Parallel()
	s := open(t, server.URL(t))
	t.Run("vault", func(t *testing.T) { storetest.Vault(t, func(*testing.T) vault.Store { return s }) })
	t.Run("accounts", func(t *testing.T) { storetest.Accounts(t, func(*testing.T) accounts.Store { return s }) })
}
