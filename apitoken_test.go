package social_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
)

// bearer makes an API token of a user.
func (s *site) bearer(userID string) string {
	s.t.Helper()
	text, _, err := s.acc.CreateTokenFor(s.t.Context(), userID, accounts.NewToken{Name: "deploy"})
	must(s.t, err)
	return "Bearer " + text.Reveal()
}

// The endpoints take API tokens, and their requests may come from anywhere.
func TestAccounts10_EndpointsTakeTokens(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt, joe := s.user("matt@lp.com"), s.user("joe@lp.com")
	s.connected(matt, s.acme, "1")
	s.connected(matt, s.bird, "1")
	s.connected(joe, s.acme, "2")
	bearer := s.bearer(matt)
	cross := []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}
	with := func(authorization string) []string { return append([]string{"Authorization", authorization}, cross...) }
	b := s.signedIn(joe) // whose cookies do not count beside a token
	var list []struct{ ID string }
	a := b.get("/connections", with(bearer)...)
	decode(t, a, &list)
	if a.status != http.StatusOK || len(list) != 2 {
		t.Errorf("the list: %d %s", a.status, a.body)
	}
	if a := b.do("POST", "/connections/"+list[0].ID+"/check", nil, with(bearer)...); a.status != http.StatusOK {
		t.Errorf("a check: %d %s", a.status, a.body)
	}
	// A bad token is refused, and no cookie takes its place; without one the cookie's
	// requests are checked.
	for _, authorization := range []string{"Bearer x", "bearer soc_x", bearer + "x", "Bearer"} {
		if a := b.do("DELETE", "/connect/acme", nil, with(authorization)...); a.status != http.StatusUnauthorized {
			t.Errorf("with %q: %d %s", authorization, a.status, a.body)
		}
	}
	for _, authorization := range []string{"", "Basic eDp4", "Digest x", bearer[7:]} {
		if a := b.program().do("DELETE", "/connect/acme", nil, with(authorization)...); a.status != http.StatusForbidden {
			t.Errorf("with %q: %d %s", authorization, a.status, a.body)
		}
	}
	if len(s.rows(joe)) != 1 || len(s.rows(matt)) != 2 {
		t.Errorf("%d and %d connections are left", len(s.rows(joe)), len(s.rows(matt)))
	}
	if a := b.do("DELETE", "/connect/acme/1", nil, with(bearer)...); a.status != http.StatusNoContent {
		t.Errorf("a removal: %d %s", a.status, a.body)
	}
	if len(s.rows(joe)) != 1 || len(s.rows(matt)) != 1 {
		t.Errorf("%d and %d connections are left", len(s.rows(joe)), len(s.rows(matt)))
	}
}

// A token is no way to add a way to log in, nor to prove who one is: not at the beginning
// of a flow, and not at its end.
func TestAccounts10_TokensConnectNothing(t *testing.T) {
	t.Parallel()
	s := openTx(t)
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	bearer := s.bearer(matt)
	a := s.browser().do("POST", "/connect/acme", nil, "Authorization", bearer)
	if a.status != http.StatusUnauthorized || !strings.Contains(a.body, `"code":"reauthentication_required"`) {
		t.Errorf("beginning to connect: %d %s", a.status, a.body)
	}
	for path, subject := range map[string]string{"/connect/acme": "2", "/reconnect/acme": "1", "/verify/acme": "1"} {
		b := s.signedIn(matt)
		before, proofs := s.rows(matt)[0].UpdatedAt, s.proofs(matt)
		callback, answer := b.begin(path, subject)
		if a := b.get(callback+"?"+answer.Encode(), "Authorization", bearer); a.status < 400 {
			t.Errorf("%s: %d %s", path, a.status, a.location)
		}
		if rows := s.rows(matt); len(rows) != 1 || !rows[0].UpdatedAt.Equal(before) {
			t.Errorf("%s: %+v", path, rows)
		}
		if after := s.proofs(matt); len(after) != len(proofs) || after[0] != proofs[0] {
			t.Errorf("%s: proofs %v, before %v", path, after, proofs)
		}
	}
	// The last but one way to log in asks for a proof, which a token is not.
	s.connected(matt, s.bird, "1")
	must(t, s.acc.SetPassword(t.Context(), matt, ""))
	a = s.browser().do("POST", "/connect/bird", url.Values{"_method": {"DELETE"}}, "Authorization", s.bearer(matt))
	if a.status != http.StatusUnauthorized || !strings.Contains(a.body, `"code":"reauthentication_required"`) || len(s.rows(matt)) != 2 {
		t.Errorf("a removal: %d %s", a.status, a.body)
	}
}
