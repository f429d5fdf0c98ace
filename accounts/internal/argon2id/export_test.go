package argon2id

import "slices"

// Keep is how long memory that is not used is kept.
const Keep = keep

// Free is how many bytes wait for the next hash.
func (m *Memory) Free() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.free) * chunkSize
}

// Kept are the chunks that wait for the next hash.
func (m *Memory) Kept() [][]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.free)
}

// NewChunk and FreeChunk take memory from the system, and give it back.
func NewChunk() []byte   { return newChunk() }
func FreeChunk(c []byte) { freeChunk(c) }
