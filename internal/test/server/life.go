package server

import (
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
)

// Main starts a server, passes it to use, runs the tests and returns the exit code.
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

// For starts a server, which ends with the test.
func For[S interface{ Stop() }](t testing.TB, start func() (S, error)) S {
	t.Helper()
	s, err := start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// Need skips the test when missing is an error; with CI=true the test fails.
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

// FreeAddress returns an address of this machine at which no program listens, and no
// address twice in one test program: it may not be in use yet when the next is asked for.
func FreeAddress(t testing.TB) string {
	t.Helper()
	address, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

var given sync.Map // addresses

func freeAddress() (string, error) {
	for {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return "", err
		}
		address := l.Addr().String()
		if err := l.Close(); err != nil {
			return "", err
		}
		if _, twice := given.LoadOrStore(address, true); !twice {
			return address, nil
		}
	}
}

// DatabaseName returns a new name.
func DatabaseName() string { return "test_" + strings.ToLower(rand.Text()) }
