package vault_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

// A connection that begins to fail is recorded once, however often it is tried, and again when
// it has worked in between.
func TestFailingIsRecordedOnce(t *testing.T) {
	t.Parallel()
	var recorded []vault.Event
	var b *bench
	b = newBench(t, func(c *vault.Config) {
		c.Record = func(ctx context.Context, e vault.Event) error {
			if !b.store.(vault.Joiner).Joined(ctx) {
				t.Errorf("%s is recorded outside of a transaction", e.Event())
			}
			recorded = append(recorded, e)
			return nil
		}
	})
	c := b.connect("ada", time.Minute)
	about := vault.Subject{ConnectionID: c.ID, UserID: c.UserID, ProviderID: c.ProviderID}
	fail := func(status int) {
		b.srv.set(func(s *server) { s.onToken = answer(status, `{}`) })
		b.clock.advance(2 * time.Hour)
		if _, err := b.Token(t.Context(), c); err == nil {
			t.Error("a token without an answer")
		}
	}
	fail(500)
	fail(500)
	fail(502) // for another reason
	b.srv.set(func(s *server) { s.onToken = nil })
	b.clock.advance(2 * time.Hour)
	if _, err := b.Token(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	fail(502)
	want := []vault.Event{
		vault.ConnectionFailing{Subject: about, Reason: "transient"}, vault.Recovered{Subject: about},
		vault.ConnectionFailing{Subject: about, Reason: "unanswered"},
	}
	if !slices.Equal(recorded, want) {
		t.Errorf("recorded is %+v, want %+v", recorded, want)
	}
	if got := b.events.count("connection_failing"); got != 2 {
		t.Errorf("%d reported", got)
	}
}
