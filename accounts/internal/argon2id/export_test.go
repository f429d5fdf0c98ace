package argon2id

// Keep is how long memory that is not used is kept.
const Keep = keep

// Free is how many bytes wait for the next hash.
func (m *Memory) Free() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.free) * chunkSize
}

// NewChunk and FreeChunk take memory from the system, and give it back.
func NewChunk() []byte   { return newChunk() }
func FreeChunk(c []byte) { freeChunk(c) }
