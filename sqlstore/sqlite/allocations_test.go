//go:build !race

package sqlite_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
	"github.com/gosocial/social/vault"
)

// What a log-in and a signed-in request may allocate in the store. A whole
// log-in has 440.
func TestAllocations(t *testing.T) {
	ctx, end := context.WithCancel(context.Background()) // as in a request, one that can end
	defer end()
	s := filledStore(ctx, t)
	sealed := bytes.Repeat([]byte{8}, 2000)
	n := uint64(benchRows)
	hash := benchSession(17, 17).Hash
	token := apitoken.Token{Hash: hash, UserID: benchSession(17, 17).UserID, ID: "1", Scopes: []string{"read"}, ExpiresAt: benchNow.Add(1 << 40)}
	if err := s.InsertToken(ctx, token); err != nil {
		t.Fatal(err)
	}
	c := benchConnection(17)
	c.Version = 1
	for _, gate := range []struct {
		what  string
		limit float64
		call  func() error
	}{
		{"Claim", 14, func() error {
			n++
			return s.Claim(ctx, vault.Claim{Key: claimKey(int(n)), Now: benchNow, Until: benchNow.Add(1)})
		}},
		{"ByIdentity", 27, func() error { _, err := s.ByIdentity(ctx, c.Identity()); return err }},
		{"Update", 28, func() error {
			err := s.Update(ctx, c, sealed)
			c.Version++
			return err
		}},
		{"TrackLogin", 14, func() error {
			return s.TrackLogin(ctx, accounts.TrackedLogin{UserID: "user-0000000000000017", Version: 1, At: benchNow, Address: "192.0.2.1"})
		}},
		{"InsertSession", 22, func() error { n++; return s.InsertSession(ctx, benchSession(n, 17)) }},
		{"SessionUser", 29, func() error { _, _, err := s.SessionUser(ctx, "", hash, benchNow); return err }},
		{"TokenUser", 30, func() error { _, _, err := s.TokenUser(ctx, "", hash, benchNow); return err }},
		{"Version", 22, func() error { _, err := s.Version(ctx, "connection-0000000000000017"); return err }},
		{"a log-in", 92, func() error { n++; return logIn(ctx, s, n, sealed) }},
	} {
		var failed error
		got := testing.AllocsPerRun(200, func() {
			if err := gate.call(); err != nil {
				failed = err
			}
		})
		if failed != nil {
			t.Errorf("%s: %v", gate.what, failed)
		}
		if got > gate.limit {
			t.Errorf("%s allocates %.0f times, the limit is %.0f", gate.what, got, gate.limit)
		}
	}
}
