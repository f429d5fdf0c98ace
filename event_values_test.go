package social_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/vault"
)

// happened returns the events since the last call, those with a connection with its ID
// and owner alone.
func (s *site) happened() []social.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	events := s.events
	s.events = nil
	for i, e := range events {
		switch e := e.(type) {
		case social.ConnectionCreated:
			events[i] = social.ConnectionCreated{UserID: e.UserID, Connection: vault.Connection{ID: e.Connection.ID, UserID: e.Connection.UserID}}
		case social.ConnectionUpdated:
			events[i] = social.ConnectionUpdated{UserID: e.UserID, Connection: vault.Connection{ID: e.Connection.ID, UserID: e.Connection.UserID}}
		case social.LoginFailed:
			e.Profile.Raw = nil
			events[i] = e
		}
	}
	return events
}

// Each event says of whom and of which provider it is.
func TestEventsSayOfWhom(t *testing.T) {
	t.Parallel()
	s := openTx(t)
	matt, eve := s.user("matt@lp.com"), s.user("eve@lp.com")
	b := s.signedIn(matt)
	want := func(name string, want ...social.Event) {
		t.Helper()
		if got := s.happened(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, want %#v", name, got, want)
		}
	}
	idOf := func(user string) vault.Connection {
		t.Helper()
		rows := s.rows(user)
		if len(rows) == 0 {
			t.Fatal("no connection")
		}
		last := rows[len(rows)-1]
		return vault.Connection{ID: last.ID, UserID: user}
	}
	s.happened()
	b.flow("/connect/acme", "1")
	mine := idOf(matt)
	want("connecting", social.ConnectionCreated{UserID: matt, Connection: mine})
	b.flow("/connect/acme", "1")
	want("connecting again", social.ConnectionFailed{UserID: matt, ProviderID: "acme", Reason: social.ReasonConnected})
	s.signedIn(eve).flow("/connect/acme", "1")
	want("connecting another's", social.ConnectionFailed{UserID: eve, ProviderID: "acme", Reason: social.ReasonTaken})
	b.flow("/reconnect/acme", "1")
	want("reconnecting", social.ConnectionUpdated{UserID: matt, Connection: mine})
	b.flow("/reconnect/acme", "2")
	want("reconnecting with another", social.ConnectionFailed{UserID: matt, ProviderID: "acme", Reason: social.ReasonDifferent})
	s.browser().flow("/login/acme", "1")
	want("a log-in", social.LoginCompleted{UserID: matt, ProviderID: "acme"})
	s.browser().flow("/login/acme", "9")
	if got := s.happened(); len(got) != 1 || got[0].(social.LoginFailed).ProviderID != "acme" || got[0].(social.LoginFailed).Profile.Subject != "9" {
		t.Errorf("a log-in of nobody: %#v", got)
	}
	b.flow("/connect/bird", "1")
	s.happened()
	gone := idOf(matt).ID
	b.do("DELETE", "/connect/bird/1", nil)
	want("removing", social.ConnectionRemoved{UserID: matt, ProviderID: "bird", ConnectionID: gone})
	b.flow("/connect/bird", "1")
	b.flow("/connect/bird", "2")
	rows := s.rows(matt)
	s.happened()
	b.do("DELETE", "/connect/bird", nil)
	want("removing all", social.ConnectionRemoved{UserID: matt, ProviderID: "bird", ConnectionID: rows[len(rows)-2].ID},
		social.ConnectionRemoved{UserID: matt, ProviderID: "bird", ConnectionID: rows[len(rows)-1].ID})
	must(t, s.DeleteUser(context.Background(), eve))
	want("deleting", social.AccountDeleted{UserID: eve})
}

// A sign-up is three events: of the account, of the connection and of the log-in.
func TestEventsOfASignUp(t *testing.T) {
	t.Parallel()
	s := openTx(t, auto)
	s.acme.set(email("new@lp.com", true))
	b := s.browser()
	b.flow("/login/acme", "1")
	user := b.whoami()
	rows := s.rows(user)
	if len(rows) != 1 {
		t.Fatalf("%d connections", len(rows))
	}
	want := []social.Event{
		social.AccountCreated{UserID: user, ProviderID: "acme"},
		social.ConnectionCreated{UserID: user, Connection: vault.Connection{ID: rows[0].ID, UserID: user}},
		social.LoginCompleted{UserID: user, ProviderID: "acme"},
	}
	if got := s.happened(); !reflect.DeepEqual(got, want) {
		t.Errorf("%#v, want %#v", got, want)
	}
}

// A connection that is gone when the provider's answer comes has its reason.
func TestEventOfAConnectionThatIsGone(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/connect/acme", "/reconnect/acme"} {
		s, store := openBroken(t)
		matt := s.user("matt@lp.com")
		s.connected(matt, s.acme, "1")
		b := s.signedIn(matt)
		s.happened()
		store.failWith(vault.ErrNoConnection, "Update")
		b.flow(path, "1")
		want := []social.Event{social.ConnectionFailed{UserID: matt, ProviderID: "acme", Reason: social.ReasonGone}}
		if got := s.happened(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v", path, got)
		}
	}
}

// What a takeover removes is reported as every removal is, whether the users end the
// connections themselves or leave it to Social.
func TestEventsOfATakeover(t *testing.T) {
	t.Parallel()
	for name, users := range map[string]func(acc *accounts.Accounts) social.Users{
		"themselves": func(acc *accounts.Accounts) social.Users { return acc },
		"Social": func(acc *accounts.Accounts) social.Users {
			return struct {
				social.Users
				social.EmailVerifier
			}{acc, acc}
		},
	} {
		s := openTx(t, func(c *social.Config) { c.Users = users(c.Users.(*accounts.Accounts)) })
		prepared := s.user("victim@lp.com", unverified)
		s.connected(prepared, s.acme, "1")
		s.connected(prepared, s.bird, "1")
		rows := s.rows(prepared)
		must(t, s.VerifyAndTakeOver(t.Context(), prepared))
		want := []social.Event{
			social.ConnectionRemoved{UserID: prepared, ProviderID: "acme", ConnectionID: rows[0].ID},
			social.ConnectionRemoved{UserID: prepared, ProviderID: "bird", ConnectionID: rows[1].ID},
		}
		if got := s.happened(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v", name, got)
		}
		if err := s.VerifyAndTakeOver(t.Context(), prepared); !errors.Is(err, accounts.ErrVerified) || s.told() != "" {
			t.Errorf("%s, again: %v", name, err)
		}
	}
}
