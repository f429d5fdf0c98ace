package argon2id_test

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/gosocial/social/accounts/internal/argon2id"
)

// Keys are those of golang.org/x/crypto, of each length and number of threads.
func TestKeysOfLittleMemory(t *testing.T) {
	t.Parallel()
	try := compare(t)
	for _, threads := range []uint8{1, 2, 3, 4} {
		for _, memory := range []uint32{8, 9, 31, 32, 520} {
			for time := range uint32(2) {
				try(time+1, max(memory, 8*uint32(threads)), threads, 32)
			}
		}
	}
	try(1, 2049, 1, 32) // several chunks, the last of which is not full
	for _, length := range []uint32{4, 16, 31, 33, 63, 64, 65, 95, 96, 97, 128, 200} {
		try(2, 64, 1, length)
	}
}

// They are it of more memory, and none is changed by what hashes of other sizes have
// written there.
func TestKeysOfMuchMemory(t *testing.T) {
	t.Parallel()
	try := compare(t)
	for _, threads := range []uint8{1, 2, 3, 4, 16} {
		for _, memory := range []uint32{128, 1023, 1024, 1025, 2500} {
			for time := range uint32(4) {
				try(time+1, max(memory, 8*uint32(threads)), threads, 32)
			}
		}
	}
	try(2, 19*1024, 1, 32)
	try(3, 64*1024, 4, 32)
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		threads := 1 + random.UintN(16)
		try(1+random.Uint32N(4), uint32(8*threads)+random.Uint32N(1200), uint8(threads), 4+random.Uint32N(125))
	}
}

// compare returns a function that compares a key with that of golang.org/x/crypto.
func compare(t *testing.T) (try func(time, memory uint32, threads uint8, length uint32)) {
	var m argon2id.Memory
	random := rand.New(rand.NewPCG(1, 2))
	text := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		return b
	}
	return func(time, memory uint32, threads uint8, length uint32) {
		t.Helper()
		password, salt := text(random.IntN(300)), text(8+random.IntN(57))
		got := m.Key(password, salt, time, memory, threads, length)
		if want := argon2.IDKey(password, salt, time, memory, threads, length); !bytes.Equal(got, want) {
			t.Errorf("m=%d,t=%d,p=%d, %d bytes: %x, want %x", memory, time, threads, length, got, want)
		}
	}
}

// Three of the reference implementation's test vectors (phc-winner-argon2, src/test.c).
func TestKeysOfTheReference(t *testing.T) {
	t.Parallel()
	var m argon2id.Memory
	for _, v := range []struct {
		memory  uint32
		threads uint8
		key     string
	}{
		{1 << 16, 1, "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"},
		{1 << 8, 1, "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"},
		{1 << 8, 2, "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"},
	} {
		if got := hex.EncodeToString(m.Key([]byte("password"), []byte("somesalt"), 2, v.memory, v.threads, 32)); got != v.key {
			t.Errorf("m=%d,p=%d: %s, want %s", v.memory, v.threads, got, v.key)
		}
	}
}

// Hashes that run at the same time have their own memory, and the next ones have the
// same again.
func TestMemoryIsUsedAgain(t *testing.T) {
	t.Parallel()
	var m argon2id.Memory
	const parallel, memory = 4, 3 << 10
	for range 3 {
		var group sync.WaitGroup
		for i := range 8 * parallel {
			if i%parallel == 0 {
				group.Wait()
			}
			password := []byte{byte(i)}
			group.Go(func() {
				got := m.Key(password, []byte("somesalt"), 1, memory, 2, 32)
				if want := argon2.IDKey(password, []byte("somesalt"), 1, memory, 2, 32); !bytes.Equal(got, want) {
					t.Errorf("%d: %x, want %x", password, got, want)
				}
			})
		}
		group.Wait()
		if got := m.Free(); got < memory<<10 || got > parallel*memory<<10 {
			t.Errorf("%d bytes are kept of %d at a time", got, parallel*memory<<10)
		}
	}
	before := m.Free()
	m.Key(nil, []byte("somesalt"), 1, 1<<10+8, 1, 32)
	if got := m.Free(); got != before {
		t.Errorf("%d bytes are kept after a smaller hash, %d before", got, before)
	}
}

// Memory that is not used is given back, and what is used stays.
func TestMemoryIsGivenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var m argon2id.Memory
		hash := func(mib uint32) { m.Key(nil, []byte("somesalt"), 1, mib<<10, 1, 32) }
		wait := func(d time.Duration) { time.Sleep(d); synctest.Wait() }
		want := func(what string, mib int) {
			t.Helper()
			if got := m.Free(); got != mib<<20 {
				t.Errorf("%s: %d bytes are kept, want %d MiB", what, got, mib)
			}
		}
		hash(5)
		want("after a hash", 5)
		hash(2)
		want("after a smaller one", 5)
		wait(argon2id.Keep)
		want("after a minute", 5)
		hash(2)
		wait(argon2id.Keep)
		want("after another in the next", 2)
		hash(3)
		want("after a larger one", 3)
		wait(2 * argon2id.Keep)
		want("after two minutes", 0)
		wait(10*argon2id.Keep + argon2id.Keep/2) // nothing is kept, and nothing looks
		hash(1)
		wait(2*argon2id.Keep - 1)
		want("less than two minutes after a hash", 1)
		wait(1)
		want("two minutes after it", 0)
	})
}
