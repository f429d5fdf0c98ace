//go:build !soak

package sqlite_test

// crashes multiplies how many crashes a test has.
const crashes = 1
