//go:build race

package vault_test

// The race detector adds allocations.
const raceEnabled = true
