package postgres

import "testing"

// Down ends the server as an operator does, without waiting for its clients.
func (s *Server) Down(t testing.TB) { s.End(t, "INT") }

// Crash ends the server at once. Its commits survive only when it was started with
// synchronous_commit=on.
func (s *Server) Crash(t testing.TB) { s.End(t, "QUIT") }
