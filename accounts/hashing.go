package accounts

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/gosocial/social/accounts/internal/argon2id"
	"github.com/gosocial/social/secret"
)

// ErrBusy: too many passwords are being hashed. Answer 503; trying again may help.
var ErrBusy error = busy{}

// busy is a social.Busy.
type busy struct{}

func (busy) Error() string       { return "accounts: too many passwords are being hashed" }
func (busy) Busy() time.Duration { return 5 * time.Second }

// A HashMemoryError says that comparing a password with its hash takes more bytes of
// memory than Config.HashMemory allows, so that the user cannot log in.
type HashMemoryError struct{ Needed, Allowed int64 }

func (e *HashMemoryError) Error() string {
	return fmt.Sprintf("the password hash takes %d bytes of memory, more than the %d that are allowed", e.Needed, e.Allowed)
}

// A hasher runs as many password hashes at one time as its memory allows, and the next
// ones in the same memory. Without a limit a few hundred log-ins take gigabytes, and each
// takes longer.
type hasher struct {
	memory int64 // KiB
	free   *semaphore.Weighted
	queue  int64
	wait   time.Duration
	inside atomic.Int64 // waiting or running
	derive func(password, salt []byte, time, memory uint32, threads uint8, keyLen uint32) []byte
}

func newHasher(bytes int64, queue int, wait time.Duration) *hasher {
	kib := bytes / 1024
	return &hasher{
		memory: kib,
		free:   semaphore.NewWeighted(kib),
		queue:  int64(queue) + kib/int64(current.memory),
		wait:   wait,
		derive: new(argon2id.Memory).Key,
	}
}

// checkMemory returns an error for a hash that takes more memory, in KiB, than all
// hashes may take.
func (h *hasher) checkMemory(kib int64) error {
	if kib > h.memory {
		return &HashMemoryError{Needed: kib << 10, Allowed: h.memory << 10}
	}
	return nil
}

// key derives a key, or returns ErrBusy. p.memory is at most h.memory.
func (h *hasher) key(ctx context.Context, password secret.Text, salt []byte, p parameters, length uint32) (key []byte, err error) {
	err = h.run(ctx, int64(p.memory), func() {
		key = h.derive([]byte(password.Reveal()), salt, p.time, p.memory, p.threads, length)
	})
	return key, err
}

// run calls f, which takes so many KiB of memory, or returns ErrBusy. One that takes
// little memory takes processor time: it counts as one of ours.
func (h *hasher) run(ctx context.Context, kib int64, f func()) error {
	kib = max(kib, int64(current.memory))
	defer h.inside.Add(-1)
	if h.inside.Add(1) > h.queue {
		return ErrBusy
	}
	if !h.free.TryAcquire(kib) {
		waiting, cancel := context.WithTimeout(ctx, h.wait)
		defer cancel()
		if err := h.free.Acquire(waiting, kib); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return ErrBusy
		}
	}
	defer h.free.Release(kib)
	f()
	return nil
}
