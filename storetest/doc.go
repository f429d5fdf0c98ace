// Package storetest tests whether a store keeps the contracts of packages vault
// and accounts: what is unique, what happens once, what a parallel caller sees,
// what comes back byte for byte, what belongs to which tenant. Your own store runs it
// in one test:
//
//	func TestStore(t *testing.T) {
//		storetest.Vault(t, func(t *testing.T) vault.Store { return open(t) })
//	}
//
// Each part opens a store and uses names of its own, so that open may return a new
// store every time, or the same one, or one of several on one database. Optional
// interfaces that a store implements, such as vault.Transactor, are tested too, and
// transactions over both contracts where it keeps both. Run it with the race
// detector.
package storetest
