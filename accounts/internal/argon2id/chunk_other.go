//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package argon2id

func newChunk() chunk { return make(chunk, chunkSize) }

func freeChunk(chunk) {} // the collector's
