package social_test

import (
	"context"

	accountstore "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/vault/memstore"
)

// A memory keeps connections and users, and writes both in one transaction.
type memory struct {
	*memstore.Store
	people *accountstore.Store
}

func newMemory() memory { return memory{memstore.New(), accountstore.New()} }

func (m memory) InTx(ctx context.Context, f func(ctx context.Context) error) error {
	return m.Store.InTx(ctx, func(ctx context.Context) error { return m.people.InTx(ctx, f) })
}
