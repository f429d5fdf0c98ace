package social_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"github.com/gosocial/social/vault"
)

// A connection whose provider is not configured any more can be removed by its user,
// and by no other user. Nothing else can be done with it.
func TestConnectionsOfAProviderThatIsGone(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt, ana := s.user("matt@lp.com"), s.user("ana@lp.com")
	s.connected(matt, s.acme, "1")
	for _, subject := range []string{"8", "9"} {
		_, err := s.store.Insert(context.Background(), vault.Connection{
			ID: "old" + subject, UserID: matt, ProviderID: "old", ProviderUserID: subject, Rank: -1, Status: vault.Active,
		}, []byte("sealed"))
		must(t, err)
	}
	buttons, err := s.Buttons(context.Background())
	must(t, err)
	for _, b := range buttons {
		if b.Gone {
			t.Errorf("somebody who is not signed in gets a button of %s", b.Provider.ID)
		}
	}

	b := s.signedIn(matt).program()
	for _, other := range []struct {
		b            *browser
		method, path string
	}{
		{s.signedIn(ana).program(), "DELETE", "/connect/old/9"}, {s.browser().program(), "DELETE", "/connect/old/9"},
		{b, "DELETE", "/connect/older/9"}, {b, "POST", "/connect/old"}, {b, "POST", "/reconnect/old"}, {b, "POST", "/login/old"},
		{b, "POST", "/connections/old9/check"}, {b, "GET", "/callback/old?code=x&state=y"},
	} {
		if a := other.b.do(other.method, other.path, nil); a.status != 404 || a.problem() != "unknown_provider" {
			t.Errorf("%s %s: %d %s", other.method, other.path, a.status, a.body)
		}
	}
	if a := b.do("DELETE", "/connect/old/9", nil, "Sec-Fetch-Site", "cross-site"); a.status != 403 {
		t.Errorf("from another site: %d", a.status)
	}
	if a := b.do("DELETE", "/connect/old/7", nil); a.status != 404 || a.problem() != "no_connection" {
		t.Errorf("one that is not there: %d %s", a.status, a.body)
	}
	if n := len(s.rows(matt)); n != 3 {
		t.Fatalf("%d connections", n)
	}
	if a := b.do("DELETE", "/connect/old/9", nil); a.status != 204 || len(s.rows(matt)) != 2 {
		t.Errorf("%d %s", a.status, a.body)
	}
	page := s.signedIn(matt)
	page.ends(t, page.do("POST", "/connect/old?_method=DELETE", nil), ending{303, "/profile", "info: All connections to old removed", "connection_removed connection_removed"})
	if rows := s.rows(matt); len(rows) != 1 || rows[0].ProviderID != "acme" {
		t.Errorf("%+v", rows)
	}
}

// An address that names no account removes none, and a removal leads nowhere but to
// this site.
func TestRemovalsThatNameNothing(t *testing.T) {
	t.Parallel()
	s, store := openBroken(t)
	matt := s.user("matt@lp.com")
	for _, subject := range []string{"1", "2"} {
		s.connected(matt, s.acme, subject)
	}
	b := s.signedIn(matt)
	for _, path := range []string{"/connect/acme/", "/connect/acme/?_method=DELETE"} {
		if a := b.do("DELETE", path, nil); a.status != http.StatusNotFound || len(s.rows(matt)) != 2 {
			t.Errorf("%s: %d, %d connections", path, a.status, len(s.rows(matt)))
		}
	}
	for next, want := range map[string]string{"/there": "/there", "//evil.example": "/profile", "https://evil.example": "/profile", `/\evil.example`: "/profile"} {
		if a := b.do("DELETE", "/connect/acme/9?next="+url.QueryEscape(next), nil); a.status != 303 || a.location != want {
			t.Errorf("next=%s: %d %q", next, a.status, a.location)
		}
	}
	// Who is not signed in has no connection to a provider that is gone: no need to look.
	store.fail("ByUser")
	if a := s.browser().program().do("DELETE", "/connect/old/9", nil); a.status != http.StatusNotFound || a.problem() != "unknown_provider" {
		t.Errorf("%d %s", a.status, a.body)
	}
}
