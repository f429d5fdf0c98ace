//go:build race

package vault_test

// Under the race detector allocations are not what they are.
const raceEnabled = true
