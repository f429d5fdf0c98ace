package audit_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
)

var _ identity.Exporter = (*audit.Log)(nil)

// An export has all rows about the user, also beyond a page, and nobody else's.
func TestExportUser(t *testing.T) {
	t.Parallel()
	l := newLog(t, audit.Config{})
	ctx := audit.WithCause(t.Context(), audit.Cause{Actor: audit.Actor{Kind: audit.ActorUser, ID: "operator"}, Address: "192.0.2.1", UserAgent: "Firefox"})
	about := accounts.Subject{UserID: "7"}
	check(t, l.Record(ctx, accounts.SessionsEnded{Subject: about, Count: 3}))
	l.now = l.now.Add(time.Second)
	for range 1000 {
		check(t, l.Record(ctx, accounts.UsernameChanged{Subject: about}))
	}
	check(t, l.Record(ctx, accounts.UsernameChanged{Subject: accounts.Subject{UserID: "8"}}))
	check(t, l.Record(tenant.With(ctx, "blue"), accounts.UsernameChanged{Subject: accounts.Subject{Tenant: "blue", UserID: "7"}}))
	part, err := l.ExportUser(t.Context(), "7")
	check(t, err)
	encoded, err := json.Marshal(part)
	check(t, err)
	var rows []map[string]any
	check(t, json.Unmarshal(encoded, &rows))
	if len(rows) != 1001 || strings.Contains(string(encoded), "operator") {
		t.Fatalf("%d rows", len(rows))
	}
	last := rows[1000]
	if last["event"] != "user_sessions_ended" || last["address"] != "192.0.2.1" || last["user_agent"] != "Firefox" || last["at"] == nil {
		t.Errorf("%v", last)
	}
	if details, _ := json.Marshal(last["details"]); string(details) != `{"count":3}` {
		t.Errorf("%s", details)
	}
	if part, err := l.ExportUser(t.Context(), "nobody"); err != nil {
		t.Error(err)
	} else if encoded, _ := json.Marshal(part); string(encoded) != "[]" {
		t.Errorf("of nobody: %s", encoded)
	}
}
