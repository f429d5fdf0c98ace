package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/gosocial/social/document"
)

const (
	cursorKind = "webhook_cursor"
	cursorID   = "all"
	batch      = 200 // rows of the audit log at a time
)

// cursor returns the position up to which events are queued. Without one it is that of the
// endpoint which gets the oldest events.
func (s *Sender) cursor(ctx context.Context, endpoints []*Endpoint) (d document.Document, position int64, err error) {
	d, err = s.c.Documents.Document(ctx, cursorKind, cursorID)
	if errors.Is(err, document.ErrNone) {
		position = endpoints[0].from
		for _, e := range endpoints {
			position = min(position, e.from)
		}
		d = document.Document{Kind: cursorKind, ID: cursorID, CreatedAt: s.now()}
		return d, position, nil
	}
	if err == nil {
		position, err = strconv.ParseInt(string(d.Body), 10, 64)
	}
	return d, position, err
}

// collect queues the events of a batch of rows. more reports that there may be further ones.
func (s *Sender) collect(ctx context.Context, endpoints []*Endpoint) (more bool, err error) {
	if len(endpoints) == 0 {
		return false, nil
	}
	cursor, position, err := s.cursor(ctx, endpoints)
	if err != nil {
		return false, fmt.Errorf("webhook: %w", err)
	}
	rows, err := s.c.Audit.After(ctx, position, batch)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	cursor.Body = strconv.AppendInt(nil, rows[len(rows)-1].Position, 10)
	cursor.UpdatedAt = s.now()
	err = s.inTx(ctx, func(ctx context.Context) error {
		// First, so that of two processes one queues the rows.
		var err error
		if cursor.Version == 0 {
			err = s.c.Documents.InsertDocument(ctx, cursor)
		} else {
			err = s.c.Documents.UpdateDocument(ctx, cursor)
		}
		for i := 0; i < len(rows) && err == nil; i++ {
			if event, ok := EventOf(rows[i]); ok {
				err = s.queue(ctx, endpoints, &event)
			}
		}
		return err
	})
	if errors.Is(err, document.ErrStale) || errors.Is(err, document.ErrTaken) {
		return true, nil // another process has queued them
	}
	return len(rows) == batch, err
}

// queue adds a delivery of the event for each endpoint that gets it.
func (s *Sender) queue(ctx context.Context, endpoints []*Endpoint, event *Event) error {
	for _, e := range endpoints {
		if !e.selects(event) {
			continue
		}
		body, err := json.Marshal(event)
		if err != nil {
			return fmt.Errorf("webhook: %w", err)
		}
		d := newDelivery(e.ID, event, body, s.now())
		if err := s.c.Documents.InsertDocument(ctx, d.document()); err != nil {
			return err
		}
	}
	return nil
}
