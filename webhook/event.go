package webhook

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/internal/tenant"
)

// types are the types of events by their names in the audit log. connection_deauthorized is
// none: connection_removed tells of the same connection.
var types = map[string]string{
	"connection_created":     "connection.created",
	"connection_updated":     "connection.updated",
	"connection_failing":     "connection.failing",
	"reauthorization_needed": "connection.needs_reauthorization",
	"connection_recovered":   "connection.recovered",
	"connection_removed":     "connection.removed",
	"token_echoed":           "connection.token_echoed",
	"connect_link_completed": "connect_link.completed",
	"connect_link_refused":   "connect_link.refused",
	"connect_link_failed":    "connect_link.failed",
	"user_registered":        "user.created",
	"user_created":           "user.created",
	"user_deleted":           "user.deleted",
	"user_login_failed":      "user.login_failed",
	"client_token_refused":   "client.token_refused",
	"breaker_opened":         "provider.breaker_opened",
}

// Types returns the types of events, sorted.
func Types() []string {
	return slices.Compact(slices.Sorted(maps.Values(types)))
}

// An Event is what a receiver gets as JSON.
type Event struct {
	Type      string    `json:"type"`
	ID        string    `json:"id"`
	Timestamp time.Time `json:"timestamp"`
	Data      Data      `json:"data"`

	// Position is the event's place in the order of all events.
	Position int64 `json:"-"`
}

// Data is what an event is about. What is not known is absent.
type Data struct {
	Tenant       string `json:"tenant"`
	UserID       string `json:"user_id,omitempty"`
	ProviderID   string `json:"provider_id,omitempty"`
	ConnectionID string `json:"connection_id,omitempty"`
	// Actor is who did it: see audit.Actor.
	Actor   string          `json:"actor,omitempty"`
	ActorID string          `json:"actor_id,omitempty"`
	Details json.RawMessage `json:"details,omitempty"` // the event's other fields
}

// EventOf returns the event of a row of the audit log; ok is false for a row that is none.
// Addresses of clients stay in the log.
func EventOf(e audit.Entry) (event Event, ok bool) {
	kind, ok := types[e.Event]
	if !ok {
		return Event{}, false
	}
	d := Data{Tenant: e.Tenant, UserID: e.UserID, ProviderID: e.Provider, ConnectionID: e.ConnectionID,
		Actor: e.Actor.Kind, ActorID: e.Actor.ID, Details: e.Details}
	if d.Tenant == "" {
		d.Tenant = tenant.Default
	}
	if string(d.Details) == "{}" {
		d.Details = nil
	}
	return Event{kind, e.ID, e.At.UTC(), d, e.Position}, true
}

// matches reports whether a pattern selects a type: the type itself, "connection.*" for all
// that begin so, or "*".
func matches(pattern, kind string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(kind, prefix)
	}
	return pattern == kind
}

// validPattern reports whether a pattern selects any type.
func validPattern(pattern string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok && prefix != "" && !strings.HasSuffix(prefix, ".") {
		return false
	}
	return slices.ContainsFunc(Types(), func(kind string) bool { return matches(pattern, kind) })
}
