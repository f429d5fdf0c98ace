// Package wire counts the round trips between a program and its database, and lists the
// statements that each one carries.
package wire

import (
	"io"
	"net"
	"slices"
	"sync"
	"testing"
)

// A Trip is what a client sends before it waits for an answer: the statements in it.
type Trip []string

// A Wire passes on everything between clients and a server, and notes the trips.
type Wire struct {
	Address string // where clients connect to
	server  string
	parser  func(note func(statement string)) io.Writer

	mu       sync.Mutex
	trips    []Trip
	answered bool // what came last is an answer
}

// PostgreSQL listens before a PostgreSQL server at host:port. Clients must not use TLS.
func PostgreSQL(t testing.TB, server string) *Wire { return listen(t, server, newPostgres) }

// MySQL listens before a MariaDB or MySQL server at host:port. Clients must not use TLS.
func MySQL(t testing.TB, server string) *Wire { return listen(t, server, newMySQL) }

func listen(t testing.TB, server string, parser func(func(string)) io.Writer) *Wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{Address: l.Addr().String(), server: server, parser: parser}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go w.serve(client)
		}
	}()
	return w
}

func (w *Wire) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", w.server)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		io.Copy(io.MultiWriter(answers{w}, client), server)
		client.Close()
	}()
	// A statement is noted before the server gets it, and so before its answer.
	io.Copy(io.MultiWriter(requests{w}, w.parser(w.note), server), client)
}

// During returns the trips that f makes on all connections.
func (w *Wire) During(f func()) []Trip {
	w.mu.Lock()
	w.trips, w.answered = nil, true
	w.mu.Unlock()
	f()
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.trips)
}

type requests struct{ w *Wire }

func (r requests) Write(b []byte) (int, error) {
	r.w.mu.Lock()
	defer r.w.mu.Unlock()
	if r.w.answered {
		r.w.trips, r.w.answered = append(r.w.trips, nil), false
	}
	return len(b), nil
}

type answers struct{ w *Wire }

func (a answers) Write(b []byte) (int, error) {
	a.w.mu.Lock()
	defer a.w.mu.Unlock()
	a.w.answered = true
	return len(b), nil
}

func (w *Wire) note(statement string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if last := len(w.trips) - 1; last >= 0 {
		w.trips[last] = append(w.trips[last], statement)
	}
}
