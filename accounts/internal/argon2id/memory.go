package argon2id

import (
	"slices"
	"sync"
	"time"
)

// Memory comes in chunks, so that hashes of all sizes use the same.
const (
	chunkBlocks = 1024
	chunkSize   = chunkBlocks * blockSize // 1 MiB
)

type chunk = []byte

// keep is how long memory that is not used is kept.
const keep = time.Minute

// A Memory is what hashes work in. It is as large as all that ran at the same time
// needed, and what was not used for a minute or two is given back. Where the system has
// it, it is not on the heap, which would grow to twice the size. What the last hash wrote
// stays until then, as in garbage. The zero value is ready.
type Memory struct {
	mu      sync.Mutex
	free    []chunk // the last that was used is the last
	unused  int     // so many of free, the first ones, since the last look
	looking bool
}

// take returns so many chunks, with anything in them.
func (m *Memory) take(n int) []chunk {
	m.mu.Lock()
	kept := min(n, len(m.free))
	rest := len(m.free) - kept
	taken := append(make([]chunk, 0, n), m.free[rest:]...)
	m.free = slices.Delete(m.free, rest, len(m.free))
	m.unused = min(m.unused, rest)
	m.mu.Unlock()
	for len(taken) < n {
		taken = append(taken, newChunk())
	}
	return taken
}

// leave takes chunks back.
func (m *Memory) leave(chunks []chunk) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.free = append(m.free, chunks...)
	if !m.looking {
		m.looking = true
		time.AfterFunc(keep, m.look)
	}
}

// look gives back what was not used since it looked last.
func (m *Memory) look() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.free[:m.unused] {
		freeChunk(c)
	}
	m.free = slices.Delete(m.free, 0, m.unused)
	m.unused = len(m.free)
	if m.looking = m.unused > 0; m.looking {
		time.AfterFunc(keep, m.look)
	}
}
