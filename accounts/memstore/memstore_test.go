package memstore_test

import (
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Accounts(t, func(*testing.T) accounts.Store { return memstore.New() })
}
