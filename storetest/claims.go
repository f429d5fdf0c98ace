package storetest

import (
	"bytes"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

func claimOnce(t *testing.T, s vault.Store) {
	ctx := t.Context()
	key, until := []byte(name("key")), at.Add(10*time.Minute)
	must(t, s.Claim(ctx, key, at, until))
	wantError(t, s.Claim(ctx, key, at, until), vault.ErrClaimed)
	wantError(t, s.Claim(ctx, key, until.Add(-time.Millisecond), until.Add(time.Hour)), vault.ErrClaimed)
	must(t, s.Claim(ctx, []byte(name("key")), at, until))
	// Whoever was refused has not prolonged it.
	must(t, s.Claim(ctx, key, until, until.Add(time.Minute)))
}

func oneClaimWins(t *testing.T, s vault.Store) {
	for range 3 {
		key := []byte(name("key"))
		won(t, race(50, func(int) error { return s.Claim(t.Context(), key, at, at.Add(time.Minute)) }), vault.ErrClaimed)
	}
}

func claimExpires(t *testing.T, s vault.Store) {
	key, until := []byte(name("key")), at.Add(time.Minute)
	must(t, s.Claim(t.Context(), key, at, until))
	won(t, race(20, func(int) error { return s.Claim(t.Context(), key, until, until.Add(time.Minute)) }), vault.ErrClaimed)
	wantError(t, s.Claim(t.Context(), key, until, until.Add(time.Minute)), vault.ErrClaimed)
}

func claimAnyBytes(t *testing.T, s vault.Store) {
	ctx := t.Context()
	base := []byte(name("k"))[:20]
	keys := [][]byte{base}
	for _, tail := range [][]byte{{0}, {0, 0}, {0xff}, {0xff, 0xfe, 0x00, 0x80}, []byte("a"), []byte("A"), []byte(" "),
		bytes.Repeat([]byte{0}, 44), bytes.Repeat([]byte{0xff}, 44)} {
		keys = append(keys, append(bytes.Clone(base), tail...))
	}
	for _, key := range keys {
		if err := s.Claim(ctx, key, at, at.Add(time.Minute)); err != nil {
			t.Errorf("key %x: %v", key, err)
		}
	}
	for _, key := range keys {
		wantError(t, s.Claim(ctx, key, at, at.Add(time.Minute)), vault.ErrClaimed)
	}
}
