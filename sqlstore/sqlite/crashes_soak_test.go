//go:build soak

package sqlite_test

const crashes = 100
