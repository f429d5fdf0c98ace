package vault_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

// A durableStore notes whether the last write of a token had to be on the disk.
type durableStore struct {
	vault.Store
	writes, durable int
}

func (s *durableStore) UpdateAndRelease(ctx context.Context, c vault.Connection, sealed []byte, owner string) error {
	if sealed != nil {
		s.writes++
		if vault.Durable(ctx) {
			s.durable++
		}
	}
	return s.Store.UpdateAndRelease(ctx, c, sealed, owner)
}

// A rotated refresh token has to be on the disk before the access token is used. Where it
// stays the same, nothing is lost with the write.
func TestVault03_RotatedTokenIsDurable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer  string
		durable int
	}{
		"rotated":  {`{"access_token":"new","refresh_token":"rotated","token_type":"bearer","expires_in":3600}`, 1},
		"the same": {`{"access_token":"new","token_type":"bearer","expires_in":3600}`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			store := &durableStore{Store: b.store}
			v := b.open(func(c *vault.Config) { c.Store = store })
			c := b.connect("ada", minute)
			b.clock.advance(time.Hour)
			b.srv.set(func(s *server) { s.onToken = answer(http.StatusOK, test.answer) })
			if _, err := v.Token(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if store.writes != 1 || store.durable != test.durable {
				t.Errorf("%d of %d writes were durable, want %d of 1", store.durable, store.writes, test.durable)
			}
		})
	}
}
