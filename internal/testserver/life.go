package testserver

import (
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"testing"
)

// Main starts a server, gives it to use, runs the tests and returns what to exit
// with.
func Main[S interface{ Stop() }](m *testing.M, start func() (S, error), use func(S)) int {
	s, err := start()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer s.Stop()
	use(s)
	return m.Run()
}

// For starts a server that ends with the test.
func For[S interface{ Stop() }](t testing.TB, start func() (S, error)) S {
	t.Helper()
	s, err := start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// Need skips the test where a reason says what is missing for it; where CI is true
// it fails.
func Need(t testing.TB, missing error) {
	t.Helper()
	switch {
	case missing == nil:
	case os.Getenv("CI") == "true":
		t.Fatal(missing)
	default:
		t.Skip(missing)
	}
}

// DatabaseName is one that nobody had before.
func DatabaseName() string { return "test_" + strings.ToLower(rand.Text()) }
