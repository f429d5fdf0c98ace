package webhook_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/webhook"
)

// Every change is in the audit log, with who made it.
func TestChangesAreRecorded(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := audit.WithActor(t.Context(), audit.Actor{Kind: audit.ActorClient, ID: "client_1"})
	status := http.StatusNoContent
	s.replies(func(received) int { return status })
	e, _, err := s.Create(ctx, webhook.Endpoint{URL: s.url + "/hook", Events: []string{"connection.*"}})
	must(t, err)
	_, err = s.Update(ctx, e.ID, func(e *webhook.Endpoint) error { e.Events = []string{"*"}; return nil })
	must(t, err)
	_, err = s.Rotate(ctx, e.ID)
	must(t, err)
	s.created("", "ann", "con_1")
	s.send()
	made, err := s.Deliveries(ctx, e.ID, webhook.Delivered, "", 10)
	must(t, err)
	if len(made) != 1 {
		t.Fatalf("%d deliveries", len(made))
	}
	must(t, s.Redeliver(ctx, e.ID, made[0].ID))
	if err := s.Redeliver(ctx, e.ID, "other"); err != webhook.ErrNoDelivery {
		t.Error(err)
	}
	status = http.StatusInternalServerError
	for range 20 { // until it has failed
		s.send()
		s.later(6 * time.Hour)
	}
	if n, err := s.RedeliverFailed(ctx, e.ID); n != 1 || err != nil {
		t.Errorf("%d are sent again, %v", n, err)
	}
	if n, err := s.RedeliverFailed(ctx, e.ID); n != 0 || err != nil {
		t.Errorf("%d are sent again, %v", n, err)
	}
	status = http.StatusGone
	s.send()
	must(t, s.Delete(ctx, e.ID))
	if err := s.Delete(ctx, e.ID); err != webhook.ErrNoEndpoint {
		t.Error(err)
	}
	rows, err := s.audit.List(t.Context(), audit.Filter{Event: "webhook_changed"})
	must(t, err)
	slices.Reverse(rows)
	var got []string
	for _, row := range rows {
		got = append(got, fmt.Sprintf("%s %s %s", row.Actor.Kind, row.Actor.ID, row.Details))
	}
	id := `"webhook_id":"` + e.ID + `"`
	want := []string{
		`client client_1 {"change":"created",` + id + `}`,
		`client client_1 {"change":"updated",` + id + `}`,
		`client client_1 {"change":"secret_rotated",` + id + `}`,
		`client client_1 {"change":"redelivered","count":1,"delivery_id":"` + made[0].ID + `",` + id + `}`,
		`client client_1 {"change":"redelivered","count":1,` + id + `}`,
		`system  {"change":"disabled","reason":"gone",` + id + `}`,
		`client client_1 {"change":"deleted",` + id + `}`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
