package storetest

import (
	"bytes"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

// claim asks for a key of the default tenant for a minute.
func claim(key string, now time.Time) vault.Claim {
	return vault.Claim{Key: []byte(key), Now: now, Until: now.Add(time.Minute)}
}

func claimOnce(t *testing.T, s vault.Store) {
	ctx := t.Context()
	c := claim(name("key"), at)
	must(t, s.Claim(ctx, c))
	wantError(t, s.Claim(ctx, c), vault.ErrClaimed)
	wantError(t, s.Claim(ctx, claim(string(c.Key), c.Until.Add(-time.Millisecond))), vault.ErrClaimed)
	must(t, s.Claim(ctx, claim(name("key"), at)))
	// The calls that were refused have not prolonged it.
	must(t, s.Claim(ctx, claim(string(c.Key), c.Until)))
}

func oneClaimWins(t *testing.T, s vault.Store) {
	for range 3 {
		c := claim(name("key"), at)
		won(t, race(50, func(int) error { return s.Claim(t.Context(), c) }), vault.ErrClaimed)
	}
}

func claimExpires(t *testing.T, s vault.Store) {
	c := claim(name("key"), at)
	must(t, s.Claim(t.Context(), c))
	c = claim(string(c.Key), c.Until)
	won(t, race(20, func(int) error { return s.Claim(t.Context(), c) }), vault.ErrClaimed)
	wantError(t, s.Claim(t.Context(), c), vault.ErrClaimed)
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
		if err := s.Claim(ctx, claim(string(key), at)); err != nil {
			t.Errorf("key %x: %v", key, err)
		}
	}
	for _, key := range keys {
		wantError(t, s.Claim(ctx, claim(string(key), at)), vault.ErrClaimed)
	}
}

// One key in several tenants is several claims, each taken once and expiring by
// itself.
func claimsOfTenants(t *testing.T, s vault.Store) {
	ctx := t.Context()
	key := name("key")
	var claims []vault.Claim
	for _, tenant := range tenants() {
		c := claim(key, at)
		c.Tenant = tenant
		claims = append(claims, c)
		// The same bytes, divided otherwise into tenant and key.
		c.Tenant, c.Key = tenant+key[:3], []byte(key[3:])
		claims = append(claims, c)
	}
	for _, c := range claims {
		must(t, s.Claim(ctx, c))
	}
	for _, c := range claims {
		wantError(t, s.Claim(ctx, c), vault.ErrClaimed)
	}
	later := claims[0]
	later.Now, later.Until = later.Until, later.Until.Add(time.Hour)
	must(t, s.Claim(ctx, later))
	for _, c := range claims[1:] {
		c.Now = c.Until.Add(-time.Millisecond)
		wantError(t, s.Claim(ctx, c), vault.ErrClaimed)
	}
}
