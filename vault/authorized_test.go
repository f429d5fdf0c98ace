package vault_test

import (
	"errors"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

// Removal.NotAfter keeps what the user has authorized since; a refresh is no authorization.
func TestRemovalOfWhatWasAuthorizedSince(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		then func(b *bench, c vault.Connection) error
		at   time.Duration // NotAfter, since the connection was made
		kept bool
	}{
		"nothing":                     {nil, time.Minute, false},
		"within the second":           {nil, 0, false},
		"made since":                  {nil, -time.Second, true},
		"renewed since":               {renewed, time.Minute, true},
		"renewed before":              {renewed, 11 * time.Minute, false},
		"refreshed since":             {refreshed, time.Minute, false},
		"renewed, and refreshed then": {func(b *bench, c vault.Connection) error { return errors.Join(renewed(b, c), refreshed(b, c)) }, time.Minute, true},
		"renewed, with another token": {func(b *bench, c vault.Connection) error { // which does not open
			if err := renewed(b, c); err != nil {
				return err
			}
			return b.store.Update(b.t.Context(), b.row(c.ID), []byte("damaged"))
		}, time.Minute, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.clock.advance(b.clock.now().Truncate(time.Second).Add(time.Second + 100*time.Millisecond).Sub(b.clock.now()))
			made := b.clock.now()
			c := b.connect("ada", 30*time.Minute)
			if tc.then != nil {
				b.clock.advance(10 * time.Minute)
				if err := tc.then(b, b.row(c.ID)); err != nil {
					t.Fatal(err)
				}
			}
			asked := false
			removal := vault.Removal{UserID: c.UserID, NotAfter: made.Truncate(time.Second).Add(tc.at), Check: func(removes, _ []vault.Removed) error {
				asked = len(removes) == 1
				return nil
			}}
			_, err := b.Disconnect(t.Context(), removal)
			if tc.kept != errors.Is(err, vault.ErrAuthorizedSince) || !tc.kept && err != nil || asked == tc.kept {
				t.Errorf("%v; the check was asked: %v", err, asked)
			}
			if _, err := b.store.ByID(t.Context(), c.ID); (err == nil) != tc.kept {
				t.Errorf("the row: %v", err)
			}
		})
	}
}

func renewed(b *bench, c vault.Connection) error {
	_, err := b.Renew(b.t.Context(), c, b.srv.grant("ada", b.clock.now().Add(30*time.Minute)))
	return err
}

func refreshed(b *bench, c vault.Connection) error {
	_, err := b.Refresh(b.t.Context(), b.row(c.ID))
	return err
}
