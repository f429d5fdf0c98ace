package argon2id_test

import (
	"testing"

	"golang.org/x/crypto/argon2"

	"github.com/gosocial/social/accounts/internal/argon2id"
)

// BenchmarkKey measures a password's hash, beside golang.org/x/crypto's.
func BenchmarkKey(b *testing.B) {
	var m argon2id.Memory
	for _, way := range []struct {
		name string
		key  func(password, salt []byte, time, memory uint32, threads uint8, keyLength uint32) []byte
	}{{"x-crypto", argon2.IDKey}, {"memory-used-again", m.Key}} {
		b.Run(way.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				way.key([]byte("correct horse"), []byte("saltsaltsaltsalt"), 2, 19<<10, 1, 32)
			}
		})
	}
}
