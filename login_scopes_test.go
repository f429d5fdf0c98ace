package social_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social/vault"
)

// widened is a site where matt's browser has granted acme more than a log-in asks
// for.
func widened(t *testing.T) (s *site, b *browser, userID string, wide vault.Connection) {
	t.Helper()
	s = openTx(t)
	userID = s.user("matt@lp.com")
	s.connected(userID, s.acme, "1")
	b = s.browser()
	b.flow("/login/acme", "1")
	b.flow("/reconnect/acme", "1", "scope", "calendar")
	wide = s.rows(userID)[0]
	if !slices.Contains(wide.Scopes, "calendar") {
		t.Fatalf("scopes %v", wide.Scopes)
	}
	return s, b, userID, wide
}

// A log-in, or a second connecting, asks for less than a connection may have,
// and takes nothing away.
func TestLogInKeepsScopes(t *testing.T) {
	t.Parallel()
	s, b, userID, wide := widened(t)
	b.flow("/connect/acme", "1")
	s.browser().flow("/login/acme", "1")
	if now := s.rows(userID)[0]; !slices.Equal(now.Scopes, wide.Scopes) || now.Generation != wide.Generation || now.Version != wide.Version+2 {
		t.Errorf("scopes %v, generation %d", now.Scopes, now.Generation)
	}
}

// A connection whose token is of no use has nothing that connecting could take.
func TestConnectingMendsWhatHasEnded(t *testing.T) {
	t.Parallel()
	s, b, userID, ended := widened(t)
	ended.Status, ended.LastError = vault.NeedsReauthorization, "revoked"
	if err := s.store.Update(t.Context(), ended, nil); err != nil {
		t.Fatal(err)
	}
	b.flow("/connect/acme", "1")
	if now := s.rows(userID)[0]; now.Status != vault.Active || now.LastError != "" || slices.Contains(now.Scopes, "calendar") {
		t.Errorf("%s, scopes %v", now.Status, now.Scopes)
	}
}

// What was asked for and not granted is told, and asked for again by a reconnect.
func TestReconnectAsksForMissingScopes(t *testing.T) {
	t.Parallel()
	s, b, userID, wide := widened(t)
	wide.RequestedScopes = append(slices.Clone(wide.Scopes), "contacts")
	must(t, s.store.Update(t.Context(), wide, nil))
	if a := b.program().get("/connections"); !strings.Contains(a.body, `"missing_scopes":["contacts"]`) {
		t.Errorf("missing: %s", a.body)
	}
	b.begin("/reconnect/acme", "1")
	if asked := s.acme.asked(); !slices.Equal(asked, []string{"basic", "calendar", "contacts"}) {
		t.Errorf("asked for %v", asked)
	}
	if now := s.rows(userID)[0]; !slices.Equal(now.Scopes, wide.Scopes) {
		t.Errorf("scopes %v", now.Scopes)
	}
}
