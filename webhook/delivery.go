package webhook

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gosocial/social/document"
)

const (
	waitingKind = "webhook_delivery" // deliveries that wait
	endedKind   = "webhook_ended"    // deliveries that were made or given up

	// tryFor is for how long a delivery is tried.
	tryFor = 72 * time.Hour
	// keepMade and keepFailed are for how long one that has ended is listed.
	keepMade   = 24 * time.Hour
	keepFailed = 30 * 24 * time.Hour
)

// State is what became of a delivery.
type State string

// States of deliveries.
const (
	Waiting   State = "waiting"   // for its first or next attempt, or for one before it
	Delivered State = "delivered" // the receiver answered 2xx
	Failed    State = "failed"    // given up after three days, or because the endpoint is not enabled
)

// A Delivery is an event on its way to an endpoint.
type Delivery struct {
	ID         string
	EndpointID string
	State      State
	Event      json.RawMessage // as it is sent
	EventID    string
	Type       string
	CreatedAt  time.Time
	Attempts   int
	// LastAttempt, LastStatus and LastError are those of the last attempt: LastStatus is 0
	// when there was no answer, and LastError says why.
	LastAttempt time.Time
	LastStatus  int
	LastError   string
	NextAttempt time.Time // of one that waits

	order   string // deliveries of one order go out one after the other
	version int64
}

// deliveryBody is a delivery in its document.
type deliveryBody struct {
	Event       json.RawMessage `json:"event"`
	EventID     string          `json:"event_id"`
	Type        string          `json:"type"`
	State       State           `json:"state"`
	Order       string          `json:"order"`
	Attempts    int             `json:"attempts"`
	LastAttempt time.Time       `json:"last_attempt"`
	LastStatus  int             `json:"last_status"`
	LastError   string          `json:"last_error"`
	CreatedAt   time.Time       `json:"created_at"`
}

// newDelivery returns a delivery that is due. Events of one connection are in one order, and
// others in one of their own. IDs sort by endpoint, and by the order of events.
func newDelivery(endpointID string, e *Event, body []byte, now time.Time) *Delivery {
	about := sha256.Sum256([]byte(cmp.Or(e.Data.ConnectionID, e.ID)))
	return &Delivery{
		ID: fmt.Sprintf("%s.%016x", endpointID, e.Position), EndpointID: endpointID, State: Waiting, Event: body, EventID: e.ID, Type: e.Type,
		CreatedAt: now, NextAttempt: now, order: endpointID + "." + hex.EncodeToString(about[:16]),
	}
}

func (d *Delivery) document() document.Document {
	body, _ := json.Marshal(deliveryBody{d.Event, d.EventID, d.Type, d.State, d.order, d.Attempts, d.LastAttempt, d.LastStatus, d.LastError, d.CreatedAt}) // cannot fail
	doc := document.Document{Kind: endedKind, ID: d.ID, Owner: d.EndpointID, Body: body, Version: d.version, CreatedAt: d.CreatedAt, UpdatedAt: d.LastAttempt}
	switch d.State {
	case Waiting:
		doc.Kind, doc.Owner, doc.Due = waitingKind, d.order, d.NextAttempt
	case Delivered:
		doc.Due = d.LastAttempt.Add(keepMade)
	case Failed:
		doc.Due = d.LastAttempt.Add(keepFailed)
	}
	return doc
}

func deliveryOf(doc document.Document) (*Delivery, error) {
	var b deliveryBody
	if err := json.Unmarshal(doc.Body, &b); err != nil {
		return nil, fmt.Errorf("webhook: delivery %s: %w", doc.ID, err)
	}
	endpointID, _, _ := strings.Cut(doc.ID, ".")
	d := &Delivery{ID: doc.ID, EndpointID: endpointID, State: b.State, Event: b.Event, EventID: b.EventID, Type: b.Type, CreatedAt: b.CreatedAt,
		Attempts: b.Attempts, LastAttempt: b.LastAttempt, LastStatus: b.LastStatus, LastError: b.LastError, order: b.Order, version: doc.Version}
	if d.State == Waiting {
		d.NextAttempt = doc.Due
	}
	return d, nil
}

// ErrNoDelivery: there is no such delivery, or it does not wait for anything.
var ErrNoDelivery = errors.New("webhook: no such delivery")

// Deliveries lists up to limit deliveries of an endpoint in a state whose ID follows after, by
// ID, the oldest event first.
func (s *Sender) Deliveries(ctx context.Context, endpointID string, state State, after string, limit int) ([]*Delivery, error) {
	f := document.Filter{Kind: endedKind, AllTenants: true, After: after, Limit: largestPage}
	if state == Waiting {
		f.Kind = waitingKind
		f.After = max(after, endpointID+".") // IDs begin with that of the endpoint
	} else {
		f.Owner = endpointID
	}
	var list []*Delivery
	for {
		found, err := s.c.Documents.Documents(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, doc := range found {
			f.After = doc.ID
			if !strings.HasPrefix(doc.ID, endpointID+".") {
				return list, nil
			}
			d, err := deliveryOf(doc)
			if err != nil {
				return nil, err
			}
			if d.State != state {
				continue
			}
			if list = append(list, d); len(list) >= limit {
				return list, nil
			}
		}
		if len(found) < largestPage {
			return list, nil
		}
	}
}

const largestPage = 200

// Redeliver sends an event again whose delivery has ended, at once and for another three days.
// It returns ErrNoDelivery for one that waits, too.
func (s *Sender) Redeliver(ctx context.Context, endpointID, deliveryID string) error {
	return s.change(ctx, Changed{WebhookID: endpointID, Change: "redelivered", DeliveryID: deliveryID, Count: 1}, func(ctx context.Context) error {
		return s.redeliver(ctx, endpointID, deliveryID)
	})
}

func (s *Sender) redeliver(ctx context.Context, endpointID, deliveryID string) error {
	doc, err := s.c.Documents.Document(ctx, endedKind, deliveryID)
	if errors.Is(err, document.ErrNone) || err == nil && doc.Owner != endpointID {
		return ErrNoDelivery
	}
	if err != nil {
		return err
	}
	d, err := deliveryOf(doc)
	if err != nil {
		return err
	}
	now := s.now()
	d.State, d.CreatedAt, d.NextAttempt, d.Attempts = Waiting, now, now, 0
	return s.inTx(ctx, func(ctx context.Context) error {
		if err := s.c.Documents.DeleteDocument(ctx, endedKind, d.ID); err != nil {
			return err
		}
		return s.c.Documents.InsertDocument(ctx, d.document())
	})
}

// RedeliverFailed sends all events again whose delivery to an endpoint has failed, and returns
// how many.
func (s *Sender) RedeliverFailed(ctx context.Context, endpointID string) (count int, err error) {
	count, err = s.redeliverFailed(ctx, endpointID)
	if count > 0 { // those that are queued stay so
		err = errors.Join(err, s.c.Audit.Record(ctx, Changed{WebhookID: endpointID, Change: "redelivered", Count: count}))
	}
	return count, err
}

func (s *Sender) redeliverFailed(ctx context.Context, endpointID string) (count int, err error) {
	for after := ""; ; {
		failed, err := s.Deliveries(ctx, endpointID, Failed, after, largestPage)
		if err != nil {
			return count, err
		}
		for _, d := range failed {
			after = d.ID
			switch err := s.redeliver(ctx, endpointID, d.ID); {
			case err == nil:
				count++
			case !errors.Is(err, ErrNoDelivery):
				return count, err
			}
		}
		if len(failed) < largestPage {
			return count, nil
		}
	}
}

// clean deletes what has been listed for long enough.
func (s *Sender) clean(ctx context.Context) error {
	for {
		found, err := s.c.Documents.DueDocuments(ctx, endedKind, s.now(), batch)
		if err != nil || len(found) == 0 {
			return err
		}
		for _, d := range found {
			if err := s.c.Documents.DeleteDocument(ctx, endedKind, d.ID); err != nil && !errors.Is(err, document.ErrNone) {
				return err
			}
		}
	}
}
