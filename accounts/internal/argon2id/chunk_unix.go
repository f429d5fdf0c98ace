//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package argon2id

import "syscall"

func newChunk() chunk {
	c, err := syscall.Mmap(-1, 0, chunkSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return make(chunk, chunkSize)
	}
	return c
}

// freeChunk leaves one of the heap, which syscall.Munmap does not know, to the collector.
func freeChunk(c chunk) { syscall.Munmap(c) }
