package oauth_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
)

// The address of a revocation may have the token and the client in it; what is escaped is
// one part of the path, or one value of the query.
func TestRevocationAddresses(t *testing.T) {
	t.Parallel()
	type sent struct{ address, auth, body string }
	for name, tt := range map[string]struct {
		address string
		entry   oauth.Revocation
		want    []sent
	}{
		"in the query": {"https://own.test/revoke?token={token}", oauth.Revocation{Auth: oauth.AuthNone}, []sent{
			{"POST https://own.test/revoke?token=r%2F%26", "", "client_id=k%2Fy"}, {"POST https://own.test/revoke?token=a%2F%26", "", "client_id=k%2Fy"}}},
		"with the client": {"https://own.test/revoke?client_id={client_id}&token={token}", oauth.Revocation{Auth: oauth.AuthBasic, Only: "access_token"}, []sent{
			{"POST https://own.test/revoke?client_id=k%2Fy&token=a%2F%26", "Basic ayUyRnk6c2VjcmV0", ""}}},
		"in the path": {"https://own.test/of/{client_id}/tokens/{token}", oauth.Revocation{Bearer: true, Method: http.MethodDelete}, []sent{
			{"DELETE https://own.test/of/k%2Fy/tokens/a%2F&", "Bearer a/&", ""}}},
		"with parameters": {"https://own.test/revoke?token={token}", oauth.Revocation{Auth: oauth.AuthPost, Only: "refresh_token", Params: url.Values{"all": {"true"}}}, []sent{
			{"POST https://own.test/revoke?token=r%2F%26", "", "all=true&client_id=k%2Fy&client_secret=secret"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, _, _ := strings.Cut(tt.want[0].address, "?")
			c, s := departing(t, func(p *oauth.OAuth2) {
				p.Credentials = []oauth.Credentials{{ClientID: "k/y", ClientSecret: "secret"}}
				p.Endpoints.Revoke, p.Revocation = tt.address, tt.entry
			}, map[string]string{at: `{}`})
			if f := revoke(t, c, oauth.Token{Access: "a/&", Refresh: "r/&"}); f != nil {
				t.Fatal(f)
			}
			var got []sent
			for _, r := range s.seen {
				address := r.at
				if r.raw != "" {
					address += "?" + r.raw
				}
				got = append(got, sent{address, r.header.Get("Authorization"), r.body})
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// What ends may be named by a value of the token answer, which is kept with the token.
func TestRevocationByAValueOfTheToken(t *testing.T) {
	t.Parallel()
	c, s := departing(t, func(p *oauth.OAuth2) {
		p.Revocation = oauth.Revocation{
			SecretScheme: "Bearer", Field: "account", Params: url.Values{"account": {"{token:account_id}"}, "from": {"{callback:place}"}}, Only: "access_token",
		}
	}, map[string]string{"POST https://own.test/token": `{"access_token":"at","refresh_token":"rt","account_id":"acct 1"}`})
	g, _, err := logsIn(t, c, url.Values{"place": {"here"}})
	if err != nil {
		t.Fatal(err)
	}
	if f := revoke(t, c, g.Token); f != nil {
		t.Fatal(f)
	}
	r := s.seen[len(s.seen)-1]
	if r.body != "account=acct+1&client_id=key&from=here" || r.header.Get("Authorization") != "Bearer secret" {
		t.Errorf("%+v", r)
	}
	// Without it there is nothing to show.
	sent := len(s.seen)
	if f := revoke(t, c, oauth.Token{Access: "at"}); f == nil || f.Kind != oauth.Invalid || len(s.seen) != sent {
		t.Errorf("a token of which nothing is known: %v", f)
	}
	c, _ = departing(t, func(p *oauth.OAuth2) {
		p.Revocation = oauth.Revocation{Bearer: true, Field: "account", Params: url.Values{"account": {"{token:account_id}"}}}
	}, nil)
	if f := revoke(t, c, oauth.Token{Access: "at"}); f == nil || f.Kind != oauth.Invalid || errors.Is(f, errors.ErrUnsupported) {
		t.Errorf("signed, of which nothing is known: %v", f)
	}
}
