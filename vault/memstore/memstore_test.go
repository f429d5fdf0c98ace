package memstore_test

import (
	"testing"

	"github.com/gosocial/social/storetest"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Vault(t, func(*testing.T) vault.Store { return memstore.New() })
}
