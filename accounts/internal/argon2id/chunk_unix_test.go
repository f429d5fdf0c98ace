//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package argon2id_test

import (
	"errors"
	"syscall"
	"testing"

	"github.com/gosocial/social/accounts/internal/argon2id"
)

// Memory is the system's, and not on the heap, and goes back to it.
func TestChunksAreTheSystems(t *testing.T) {
	t.Parallel()
	c := argon2id.NewChunk()
	if len(c) != 1<<20 {
		t.Errorf("a chunk has %d bytes", len(c))
	}
	if err := syscall.Munmap(c); err != nil {
		t.Errorf("it is not mapped: %v", err)
	}
	c = argon2id.NewChunk()
	argon2id.FreeChunk(c)
	if err := syscall.Munmap(c); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("it is still mapped: %v", err)
	}
}
