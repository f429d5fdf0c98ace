package pgtest

import (
	"fmt"
	"testing"
	"time"
)

// Down ends the server as an operator does, who waits for no client.
func (s *Server) Down(t testing.TB) { s.end(t, "INT") }

// Crash ends the server at once. What it had committed is there when it is up
// again only where it was started with synchronous_commit=on.
func (s *Server) Crash(t testing.TB) { s.end(t, "QUIT") }

func (s *Server) end(t testing.TB, signal string) {
	t.Helper()
	if _, err := fmt.Fprintln(s.orders, signal); err != nil {
		t.Fatal(err)
	}
	if _, running := <-s.ended; !running {
		t.Fatal("PostgreSQL and its folder are gone")
	}
}

// Up starts a server that is down, at the address it had.
func (s *Server) Up(t testing.TB) {
	t.Helper()
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		if _, err := fmt.Fprintln(s.orders, "start"); err != nil {
			t.Fatal(err)
		}
		err := s.wait()
		if err == nil {
			return
		}
		// Somebody may hold the port for a moment.
		if time.Since(began) > startTime {
			t.Fatalf("PostgreSQL does not come back: %v", err)
		}
	}
}
