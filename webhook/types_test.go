package webhook_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/gateway"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/webhook"
)

// Every type is delivered, with what it is about; those of connections with the connection.
func TestEveryType(t *testing.T) {
	t.Parallel()
	about := vault.Subject{ConnectionID: "con_1", UserID: "ann", ProviderID: "google"}
	connection := vault.Connection{ID: "con_1", ProviderID: "google"}
	user := accounts.Subject{UserID: "ann"}
	s := open(t)
	s.endpoint("/hook", "*")
	types := []string{}
	for _, tt := range []struct {
		event audit.Event
		kind  string // "" for an event that is not delivered
	}{
		{social.ConnectionCreated{UserID: "ann", Connection: connection}, "connection.created"},
		{social.ConnectionUpdated{UserID: "ann", Connection: connection}, "connection.updated"},
		{vault.ConnectionFailing{Subject: about, Reason: "transient"}, "connection.failing"},
		{vault.ReauthorizationNeeded{Subject: about, Reason: "revoked"}, "connection.needs_reauthorization"},
		{vault.Recovered{Subject: about}, "connection.recovered"},
		{gateway.TokenEchoed{Subject: about}, "connection.token_echoed"},
		{social.ConnectionRemoved{UserID: "ann", ProviderID: "google", ConnectionID: "con_1"}, "connection.removed"},
		{social.Deauthorized{UserID: "ann", ProviderID: "google", ConnectionID: "con_1"}, ""}, // the one before tells of it
		{accounts.Registered{Subject: user}, "user.created"},
		{accounts.Created{Subject: user}, "user.created"},
		{accounts.LoginFailed{Subject: user}, "user.login_failed"},
		{accounts.Deleted{Subject: user}, "user.deleted"},
		{gateway.TokenRefused{ClientID: "client", Code: "invalid_target"}, "client.token_refused"},
		{vault.BreakerOpened{ProviderID: "google", Rejected: 9}, "provider.breaker_opened"},
	} {
		s.record("", tt.event)
		s.send()
		got := s.take()
		if tt.kind == "" {
			if len(got) != 0 {
				t.Errorf("%T is delivered: %+v", tt.event, got)
			}
			continue
		}
		types = append(types, tt.kind)
		if len(got) != 1 || got[0].event.Type != tt.kind {
			t.Errorf("%T: got %+v, want %s", tt.event, got, tt.kind)
			continue
		}
		want := webhook.Data{Tenant: "default", Actor: audit.ActorSystem}
		switch {
		case strings.HasPrefix(tt.kind, "connection."):
			want.UserID, want.ProviderID, want.ConnectionID = "ann", "google", "con_1"
		case strings.HasPrefix(tt.kind, "user."):
			want.UserID = "ann"
		case tt.kind == "provider.breaker_opened":
			want.ProviderID = "google"
		}
		d := got[0].event.Data
		if d.Details = nil; !reflect.DeepEqual(d, want) {
			t.Errorf("%s: %+v, want %+v", tt.kind, d, want)
		}
	}
	for _, kind := range webhook.Types() {
		if !strings.HasPrefix(kind, "connect_link.") && !slices.Contains(types, kind) {
			t.Errorf("%s is not tested", kind)
		}
	}
}
