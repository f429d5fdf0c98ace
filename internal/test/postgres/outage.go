package postgres

import "testing"

// Down ends the server as an operator does, who waits for no client.
func (s *Server) Down(t testing.TB) { s.End(t, "INT") }

// Crash ends the server at once. What it had committed is there when it is up
// again only where it was started with synchronous_commit=on.
func (s *Server) Crash(t testing.TB) { s.End(t, "QUIT") }
