package webhook

import (
	"context"

	"github.com/gosocial/social/vault"
)

// Changed: an endpoint was made, changed or deleted, or events are sent to it again. Change is
// "created", "updated", "secret_rotated", "disabled", "deleted" or "redelivered".
type Changed struct {
	WebhookID  string
	Change     string
	Reason     string // of "disabled", as in Endpoint.DisabledReason
	DeliveryID string // of "redelivered": the one; "" for all that had failed
	Count      int    // of "redelivered", how many there were
}

// Event returns "webhook_changed".
func (Changed) Event() string { return "webhook_changed" }

// Provider returns "".
func (Changed) Provider() string { return "" }

// change does what f does and records it, in one transaction where the store can.
func (s *Sender) change(ctx context.Context, e Changed, f func(ctx context.Context) error) error {
	return s.inTx(ctx, func(ctx context.Context) error {
		if err := f(ctx); err != nil {
			return err
		}
		return s.c.Audit.Record(ctx, e)
	})
}

// inTx does f in one transaction where the store can.
func (s *Sender) inTx(ctx context.Context, f func(ctx context.Context) error) error {
	if t, ok := s.c.Documents.(vault.Transactor); ok {
		return t.InTx(ctx, f)
	}
	return f(ctx)
}
