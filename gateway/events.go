package gateway

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/webhook"
)

const (
	eventsKept  = 30 * 24 * time.Hour
	longestWait = 55 * time.Second
	eventsPoll  = 500 * time.Millisecond
	eventBatch  = 500 // rows of the audit log at a time
	mostBatches = 20  // that one answer looks at
)

// listEvents answers GET /v1/events.
func (g *Gateway) listEvents(w http.ResponseWriter, r *http.Request, c *caller) error {
	p, err := pageOf(r)
	if err != nil {
		return err
	}
	var wait time.Duration
	if text := r.URL.Query().Get("wait"); text != "" {
		seconds, err := strconv.Atoi(text)
		if err != nil || seconds < 0 || seconds > int(longestWait/time.Second) {
			return badRequest("wait is not a number of seconds from 0 to " + strconv.Itoa(int(longestWait/time.Second)) + ".")
		}
		wait = time.Duration(seconds) * time.Second
	}
	var position int64
	if p.after == "" {
		position, err = g.firstKept(r.Context())
	} else if position, err = strconv.ParseInt(p.after, 10, 64); err != nil || position < 0 {
		return badRequest("after is not what next was before.")
	}
	if err != nil {
		return err
	}
	for end := time.Now().Add(wait); ; {
		events, next, err := g.eventsAfter(r.Context(), c.scopes, position, p.limit)
		if err != nil {
			return err
		}
		if position = next; len(events) > 0 || !time.Now().Before(end) {
			reply.JSON(w, http.StatusOK, map[string]any{"events": events, "next": strconv.FormatInt(next, 10)})
			return nil
		}
		select {
		case <-time.After(eventsPoll):
		case <-r.Context().Done():
			return r.Context().Err()
		}
	}
}

// eventsAfter returns up to limit events within the scopes after a position, and where the next
// page begins.
func (g *Gateway) eventsAfter(ctx context.Context, scopes Scopes, position int64, limit int) (events []webhook.Event, next int64, err error) {
	events = []webhook.Event{}
	for range mostBatches {
		rows, err := g.cfg.Audit.After(ctx, position, eventBatch)
		if err != nil {
			return nil, 0, err
		}
		if len(rows) > 0 && rows[0].At.Before(g.now().Add(-eventsKept)) {
			return nil, 0, &problem{status: http.StatusGone, code: "events_gone", detail: "Events are kept for 30 days. Ask again without after for those that are there."}
		}
		for i := range rows {
			position = rows[i].Position
			if event, ok := webhook.EventOf(rows[i]); ok && mayRead(scopes, &rows[i]) {
				if events = append(events, event); len(events) == limit {
					return events, position, nil
				}
			}
		}
		if len(rows) < eventBatch {
			break
		}
	}
	return events, position, nil
}

// mayRead reports whether an event is within the scopes.
func mayRead(scopes Scopes, row *audit.Entry) bool {
	return scopes.Tenant(row.Tenant) && (row.Provider == "" || scopes.Provider(row.Provider))
}

// firstKept returns the position after which events are kept: rows are in the order of their
// time, but for those of transactions that overlap.
func (g *Gateway) firstKept(ctx context.Context) (int64, error) {
	high, err := g.cfg.Audit.Last(ctx)
	if err != nil {
		return 0, err
	}
	oldest := g.now().Add(-eventsKept)
	low := int64(0)
	for low < high {
		middle := low + (high-low)/2
		rows, err := g.cfg.Audit.After(ctx, middle, 1)
		if err != nil {
			return 0, err
		}
		if len(rows) == 0 || !rows[0].At.Before(oldest) {
			high = middle
		} else {
			low = rows[0].Position
		}
	}
	return low, nil
}

// shownTenant is the name of a tenant in answers.
func shownTenant(id string) string {
	if id == "" {
		return tenant.Default
	}
	return id
}
