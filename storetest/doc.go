// Package storetest tells whether a store keeps the contracts of packages vault
// and accounts: what is unique, what happens once, what a parallel caller sees,
// what comes back byte for byte. A store of one's own runs it in one test:
//
//	func TestStore(t *testing.T) {
//		storetest.Vault(t, func(t *testing.T) vault.Store { return open(t) })
//	}
//
// Each part opens a store and uses names of its own, so that open may return a new
// store every time, or the same one, or one of several on one database. A store
// that is a vault.Transactor is tested for that too; one that keeps both contracts
// is tested for transactions across them. Run it with the race detector.
package storetest
