package audit

import (
	"context"
	"encoding/json"
	"time"
)

// An exportedEntry is a row in the export of a user's data.
type exportedEntry struct {
	At           time.Time       `json:"at"`
	Event        string          `json:"event"`
	Provider     string          `json:"provider,omitempty"`
	ConnectionID string          `json:"connection_id,omitempty"`
	Address      string          `json:"address,omitempty"`
	UserAgent    string          `json:"user_agent,omitempty"`
	Details      json.RawMessage `json:"details,omitempty"`
}

// ExportUser implements identity.Exporter: it returns the rows about the user, the last one
// first, without who else has acted.
func (l *Log) ExportUser(ctx context.Context, userID string) (any, error) {
	rows := []exportedEntry{}
	for before := ""; ; {
		page, err := l.List(ctx, Filter{UserID: userID, Before: before})
		if err != nil {
			return nil, err
		}
		for _, e := range page {
			before = e.ID
			rows = append(rows, exportedEntry{e.At.UTC(), e.Event, e.Provider, e.ConnectionID, e.Address, e.UserAgent, e.Details})
		}
		if len(page) < mostListed {
			return rows, nil
		}
	}
}
