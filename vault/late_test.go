package vault_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A provider that refreshes only what has expired is asked then, and not a while before.
func TestLateRefresh(t *testing.T) {
	t.Parallel()
	for _, late := range []bool{true, false} {
		b := newBench(t, func(c *vault.Config) { c.Providers[0].(*oauth.OAuth2).LateRefresh = late })
		c := b.connect("a", 10*time.Minute)
		b.clock.advance(10*time.Minute - time.Second)
		if status, err := b.get(b.Vault, c); err != nil || status != http.StatusOK {
			t.Fatalf("a second before the end: %d, %v", status, err)
		}
		if n := b.srv.refreshN.Load(); (n == 0) != late {
			t.Errorf("late %t: refreshed %d times before the end", late, n)
		}
		b.clock.advance(2 * time.Second)
		if status, err := b.get(b.Vault, c); err != nil || status != http.StatusOK || b.srv.refreshN.Load() != 1 {
			t.Errorf("late %t: after the end %d, %v, refreshed %d times", late, status, err, b.srv.refreshN.Load())
		}
		if row := b.row(c.ID); row.Status != vault.Active || row.LastError != "" {
			t.Errorf("got %+v", row)
		}
	}
}

// Nor does keeping alive ask before.
func TestLateRefreshIsNotKeptAliveEarly(t *testing.T) {
	t.Parallel()
	for _, late := range []bool{true, false} {
		b := newBench(t, func(c *vault.Config) {
			c.Providers[0].(*oauth.OAuth2).LateRefresh = late
			c.KeepAlive = 24 * time.Hour
		})
		c := b.connect("a", 48*time.Hour)
		b.clock.advance(30 * time.Hour)
		if _, err := b.KeepAlive(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := b.srv.refreshN.Load(); (n == 0) != late {
			t.Errorf("late %t: refreshed %d times before the end", late, n)
		}
		b.clock.advance(20 * time.Hour)
		if _, err := b.KeepAlive(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := b.srv.refreshN.Load(); n == 0 || b.row(c.ID).Status != vault.Active {
			t.Errorf("late %t: refreshed %d times after the end", late, n)
		}
	}
}
