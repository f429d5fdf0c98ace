package gateway

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/gosocial/social/vault"
)

// claim claims what the parts name until then: vault.ErrClaimed when it was claimed before.
func (g *Gateway) claim(ctx context.Context, until time.Time, parts ...string) error {
	b := []byte("gateway")
	for _, p := range parts {
		b = append(append(b, 0), p...)
	}
	key := sha256.Sum256(b)
	return g.vault.Store().Claim(ctx, vault.Claim{Key: key[:], Now: g.now(), Until: until})
}
