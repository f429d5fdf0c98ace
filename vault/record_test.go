package vault_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A connection's state changes with the row of the audit log that says so, or not at all.
func TestAudit_NoStateWithoutRecord(t *testing.T) {
	t.Parallel()
	var full atomic.Bool
	var recorded, reported []string
	var b *bench
	b = newBench(t, func(c *vault.Config) {
		c.Record = func(ctx context.Context, e vault.Event) error {
			if full.Load() {
				return errors.New("the log is full")
			}
			if !b.store.(vault.Joiner).Joined(ctx) {
				t.Errorf("%s is recorded outside of a transaction", e.Event())
			}
			recorded = append(recorded, e.Event())
			return nil
		}
		c.OnEvent = func(_ context.Context, e vault.Event) { reported = append(reported, e.Event()) }
	})
	c := b.connect("ada", time.Minute)
	b.clock.advance(time.Hour)
	b.srv.set(func(s *server) { s.onToken = answer(400, `{"error":"invalid_grant"}`) })
	full.Store(true)
	if _, err := b.Token(t.Context(), c); err == nil {
		t.Error("a dead token is used")
	}
	if row := b.row(c.ID); row.Status != vault.Active {
		t.Errorf("the status is %s, and could not be recorded", row.Status)
	}
	if slices.Contains(reported, "reauthorization_needed") {
		t.Errorf("what was undone is reported: %v", reported)
	}
	full.Store(false)
	b.clock.advance(time.Hour)
	if _, err := b.Token(t.Context(), c); !errors.Is(err, vault.ErrNeedsReauthorization) {
		t.Error(err)
	}
	if row := b.row(c.ID); row.Status != vault.NeedsReauthorization || !slices.Equal(recorded, []string{"reauthorization_needed"}) {
		t.Errorf("the status is %s, recorded is %v", row.Status, recorded)
	}

	grant := &oauth.Grant{ProviderID: c.ProviderID, Profile: oauth.Profile{Subject: c.ProviderUserID}, Token: oauth.Token{Access: "new", Refresh: "new"}}
	full.Store(true)
	if _, err := b.Renew(t.Context(), c, grant); err == nil {
		t.Error("renewed without a record")
	}
	if row := b.row(c.ID); row.Status != vault.NeedsReauthorization {
		t.Errorf("the status is %s, and could not be recorded", row.Status)
	}
	full.Store(false)
	if _, err := b.Renew(t.Context(), c, grant); err != nil {
		t.Error(err)
	}
	if !slices.Equal(recorded, []string{"reauthorization_needed", "connection_recovered"}) {
		t.Errorf("recorded is %v", recorded)
	}
}
