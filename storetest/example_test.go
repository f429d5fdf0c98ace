package storetest_test

import (
	"testing"

	"github.com/gosocial/social/storetest"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// Your own store is tested in one test; run it with the race detector.
func ExampleVault() {
	test := func(t *testing.T) { // func TestStore(t *testing.T)
		storetest.Vault(t, func(t *testing.T) vault.Store {
			return memstore.New() // yours, closed by t.Cleanup
		})
	}
	_ = test
}
