package vault_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

// Before the caller's commit nobody hears of a revocation: the transaction may be
// undone, and then the tokens are still in use.
func TestVault19_NothingIsRevokedBeforeTheCommit(t *testing.T) {
	t.Parallel()
	undo := errors.New("undo")
	for name, want := range map[string]error{"committed": nil, "undone": undo} {
		for end, disconnect := range map[string]func(context.Context, *bench, vault.Connection) error{
			"Disconnect": func(ctx context.Context, b *bench, c vault.Connection) error {
				_, err := b.Disconnect(ctx, vault.Removal{UserID: c.UserID})
				return err
			},
			"Forget": func(ctx context.Context, b *bench, c vault.Connection) error {
				_, err := b.Forget(ctx, c.UserID, func(context.Context) error { return nil })
				return err
			},
		} {
			b := newBench(t)
			c := b.connect("ada", time.Hour)
			quiet := func(when string) {
				t.Helper()
				if n := b.srv.revokeN.Load(); n != 0 || len(b.events.names()) != 0 {
					t.Errorf("%s, %s, %s: %d revocations, %v", end, name, when, n, b.events.names())
				}
			}
			err := b.store.(vault.Transactor).InTx(t.Context(), func(ctx context.Context) error {
				if err := disconnect(ctx, b, c); err != nil {
					t.Errorf("%s: %v", end, err)
				}
				quiet("before the end")
				return want
			})
			if !errors.Is(err, want) {
				t.Errorf("%s, %s: %v", end, name, err)
			}
			quiet("at the end")
			b.clock.advance(time.Minute)
			if _, err := b.RevokeDue(t.Context()); err != nil {
				t.Error(err)
			}
			status, err := b.get(b.Vault, c)
			if want != nil {
				quiet("after the end")
				if status != 200 {
					t.Errorf("%s, %s: %d, %v", end, name, status, err)
				}
				continue
			}
			if n := b.srv.revokeN.Load(); n == 0 || !slices.Equal(b.events.names(), []string{"token_revoked"}) {
				t.Errorf("%s: %d revocations, %v", end, n, b.events.names())
			}
			if !errors.Is(err, vault.ErrNoConnection) {
				t.Errorf("%s: %d, %v", end, status, err)
			}
		}
	}
}
