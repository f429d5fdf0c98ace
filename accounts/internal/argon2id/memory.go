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

// A Memory is the memory that hashes work in. It grows to what the hashes that run at the
// same time need; what is not used for one to two minutes is freed, and until then holds
// what the last hash wrote, as garbage would. On Unix it is outside the heap, which would
// otherwise grow to twice the size. The zero value is ready, and it is safe for concurrent
// use.
type Memory struct {
	mu      sync.Mutex
	free    []chunk // the most recently used is the last
	unused  int     // how many of free, from the first, were not used since the last look
	looking bool
}

// take returns so many chunks. They may hold any bytes.
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

// look frees what was not used since it looked last.
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
