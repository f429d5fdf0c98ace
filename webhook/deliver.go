package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gosocial/social/document"
)

const (
	parallel    = 32 // attempts at once
	perEndpoint = 4  // of them to one endpoint, so that a slow one keeps no other waiting
)

// pauses are those after the first attempts; then the last one comes again and again.
var pauses = []time.Duration{5 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour}

// deliverDue makes the attempts that are due, and returns how many there were.
func (s *Sender) deliverDue(ctx context.Context, endpoints []*Endpoint) (attempts int, err error) {
	due, err := s.c.Documents.DueDocuments(ctx, waitingKind, s.now(), batch)
	if err != nil {
		return 0, err
	}
	byID := map[string]*Endpoint{}
	for _, e := range endpoints {
		byID[e.ID] = e
	}
	lanes := map[string][]*Delivery{}
	for _, doc := range due {
		d, err := deliveryOf(doc)
		if err != nil {
			s.log.ErrorContext(ctx, "webhook: a delivery cannot be read", "delivery", doc.ID, "error", err)
			continue
		}
		lanes[d.EndpointID] = append(lanes[d.EndpointID], d)
	}
	var (
		all  sync.WaitGroup
		mu   sync.Mutex
		errs []error
		free = make(chan struct{}, parallel)
	)
	for endpointID, lane := range lanes {
		work := make(chan *Delivery)
		for range min(perEndpoint, len(lane)) {
			all.Go(func() {
				for d := range work {
					free <- struct{}{}
					tried, err := s.deliver(ctx, byID[endpointID], d)
					<-free
					mu.Lock()
					if tried {
						attempts++
					}
					if err != nil {
						errs = append(errs, err)
					}
					mu.Unlock()
				}
			})
		}
		all.Go(func() {
			defer close(work)
			for _, d := range lane {
				select {
				case work <- d:
				case <-ctx.Done():
					return
				}
			}
		})
	}
	all.Wait()
	return attempts, errors.Join(errs...)
}

// deliver makes an attempt, if it is the delivery's turn, and writes what became of it.
// e is nil when the endpoint is gone. tried reports whether anything was done.
func (s *Sender) deliver(ctx context.Context, e *Endpoint, d *Delivery) (tried bool, err error) {
	if e == nil {
		return true, s.ignoreGone(s.c.Documents.DeleteDocument(ctx, waitingKind, d.ID))
	}
	first, err := s.c.Documents.Documents(ctx, document.Filter{Kind: waitingKind, AllTenants: true, Owner: d.order, Limit: 1})
	if err != nil {
		return false, err
	}
	now := s.now()
	if len(first) > 0 && first[0].ID != d.ID {
		// It waits for one before it, and is looked at again when that has ended.
		d.NextAttempt = first[0].Due
		if !d.NextAttempt.After(now) {
			d.NextAttempt = now.Add(poll)
		}
		return false, s.ignoreGone(s.c.Documents.UpdateDocument(ctx, d.document()))
	}
	if !e.Enabled {
		d.LastError = "the endpoint is not enabled"
		return true, s.end(ctx, d, Failed, now)
	}
	status, wait, failure := s.post(ctx, e, d)
	if ctx.Err() != nil {
		return true, ctx.Err() // the program ends: the attempt does not count
	}
	now = s.now()
	d.Attempts, d.LastAttempt, d.LastStatus, d.LastError = d.Attempts+1, now, status, failure
	switch {
	case failure == "":
		return true, s.end(ctx, d, Delivered, now)
	case status == http.StatusGone:
		return true, errors.Join(s.end(ctx, d, Failed, now), s.disable(ctx, e.ID, "gone"))
	}
	d.NextAttempt = now.Add(max(pause(d.Attempts), wait))
	if d.NextAttempt.After(d.CreatedAt.Add(tryFor)) {
		s.log.WarnContext(ctx, "webhook: a delivery is given up", slog.String("webhook", e.ID), slog.String("delivery", d.ID), slog.String("error", failure))
		return true, s.end(ctx, d, Failed, now)
	}
	return true, s.ignoreGone(s.c.Documents.UpdateDocument(ctx, d.document()))
}

// pause returns how long to wait after so many attempts, give or take a tenth, so that many
// deliveries are not tried again at one moment.
func pause(attempts int) time.Duration {
	p := pauses[min(attempts, len(pauses))-1]
	return p - p/10 + rand.N(p/5)
}

// post makes an attempt. failure is "" for 2xx; wait is what the receiver asks for.
func (s *Sender) post(ctx context.Context, e *Endpoint, d *Delivery) (status int, wait time.Duration, failure string) {
	now := s.now()
	signature, err := sign(e.secrets(now), d.EventID, now, d.Event)
	if err != nil {
		return 0, 0, err.Error()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(d.Event))
	if err != nil {
		return 0, 0, "the address is malformed"
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Social-Webhooks")
	r.Header.Set(HeaderID, d.EventID)
	r.Header.Set(HeaderTimestamp, strconv.FormatInt(now.Unix(), 10))
	r.Header.Set(HeaderSignature, signature)
	resp, err := s.client.Do(r)
	if err != nil {
		return 0, 0, err.Error()
	}
	io.Copy(io.Discard, resp.Body) // so that the connection can serve again
	resp.Body.Close()
	if resp.StatusCode/100 == 2 {
		return resp.StatusCode, 0, ""
	}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
		wait = min(time.Duration(seconds)*time.Second, 6*time.Hour)
	}
	return resp.StatusCode, wait, fmt.Sprintf("the receiver answered %d", resp.StatusCode)
}

// end moves a delivery to those that have ended, and lets the next of its order go.
func (s *Sender) end(ctx context.Context, d *Delivery, state State, now time.Time) error {
	if d.LastAttempt.IsZero() {
		d.LastAttempt = now
	}
	d.State = state
	err := s.inTx(ctx, func(ctx context.Context) error {
		if err := s.c.Documents.DeleteDocument(ctx, waitingKind, d.ID); err != nil {
			return err
		}
		return s.c.Documents.InsertDocument(ctx, d.document())
	})
	if err != nil {
		return s.ignoreGone(err)
	}
	next, err := s.c.Documents.Documents(ctx, document.Filter{Kind: waitingKind, AllTenants: true, Owner: d.order, Limit: 1})
	if err != nil || len(next) == 0 {
		return err
	}
	next[0].Due = now
	return s.ignoreGone(s.c.Documents.UpdateDocument(ctx, next[0]))
}

// disable ends an endpoint's deliveries.
func (s *Sender) disable(ctx context.Context, id, reason string) error {
	s.log.WarnContext(ctx, "webhook: the endpoint is not enabled any more", "webhook", id, "reason", reason)
	_, err := s.update(ctx, id, "disabled", func(e *Endpoint) error {
		e.Enabled, e.DisabledReason = false, reason
		return nil
	})
	if errors.Is(err, ErrNoEndpoint) {
		return nil
	}
	return err
}

// ignoreGone returns no error for a delivery that another process has changed, or an
// administrator.
func (s *Sender) ignoreGone(err error) error {
	if errors.Is(err, document.ErrNone) || errors.Is(err, document.ErrStale) || errors.Is(err, document.ErrTaken) {
		return nil
	}
	return err
}
