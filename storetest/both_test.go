package storetest_test

import (
	"context"
	"testing"

	accountstore "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/storetest"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// both keeps connections and users, and writes them in one transaction.
type both struct {
	*memstore.Store
	*users
}

type users struct{ *accountstore.Store }

func (b both) InTx(ctx context.Context, f func(ctx context.Context) error) error {
	return b.Store.InTx(ctx, func(ctx context.Context) error { return b.users.Store.InTx(ctx, f) })
}

// Two stores in memory pass the tests of transactions over both contracts.
func TestBoth(t *testing.T) {
	t.Parallel()
	storetest.Vault(t, func(*testing.T) vault.Store { return both{memstore.New(), &users{accountstore.New()}} })
}
