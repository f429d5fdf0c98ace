//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package argon2id_test

import (
	"errors"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosocial/social/accounts/internal/argon2id"
)

// Memory is the system's, and not on the heap, and goes back to it. These tests are not
// parallel: another hash could be given the addresses that they find free.
func TestChunksAreTheSystems(t *testing.T) {
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

func TestUnusedMemoryGoesBackToTheSystem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m argon2id.Memory
		m.Key(nil, []byte("somesalt"), 1, 3<<10, 1, 32)
		kept := m.Kept()
		time.Sleep(2 * argon2id.Keep)
		synctest.Wait()
		for i, c := range kept {
			if err := syscall.Munmap(c); !errors.Is(err, syscall.EINVAL) {
				t.Errorf("chunk %d of %d is still mapped: %v", i, len(kept), err)
			}
		}
		if len(kept) != 3 {
			t.Errorf("%d chunks were kept", len(kept))
		}
	})
}
