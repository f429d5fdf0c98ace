package accounts

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/sync/semaphore"

	"github.com/gosocial/social/secret"
)

// ErrBusy: too many passwords are being hashed. Answer 503; trying again may help.
var ErrBusy = errors.New("accounts: too many passwords are being hashed")

// A hasher runs as many argon2id hashes at one time as its memory allows. Without a
// limit a few hundred log-ins take gigabytes, and each takes longer.
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
		derive: argon2.IDKey,
	}
}

// key derives a key, or returns ErrBusy. p.memory is at most h.memory.
func (h *hasher) key(ctx context.Context, password secret.Text, salt []byte, p parameters, length uint32) ([]byte, error) {
	memory := int64(p.memory)
	defer h.inside.Add(-1)
	if h.inside.Add(1) > h.queue {
		return nil, ErrBusy
	}
	if !h.free.TryAcquire(memory) {
		waiting, cancel := context.WithTimeout(ctx, h.wait)
		defer cancel()
		if err := h.free.Acquire(waiting, memory); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, ErrBusy
		}
	}
	defer h.free.Release(memory)
	return h.derive([]byte(password.Reveal()), salt, p.time, p.memory, p.threads, length), nil
}
