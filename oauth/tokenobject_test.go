package oauth_test

import (
	"errors"
	"testing"

	"github.com/gosocial/social/oauth"
)

// A token within another object of the answer, or under another name, is found there; an
// answer without it is read as it is.
func TestTokenAnswersOfTheirOwn(t *testing.T) {
	t.Parallel()
	within := func(p *oauth.OAuth2) { p.TokenAt = "data" }
	named := func(p *oauth.OAuth2) {
		p.Names = map[string]string{"access_token": "accessToken", "expires_in": "expireIn"}
	}
	for name, tt := range map[string]struct {
		change  func(*oauth.OAuth2)
		answer  string
		kind    oauth.Kind // of the failure
		good    bool
		expires bool
	}{
		"within":               {within, `{"data":{"access_token":"at","expires_in":60}}`, 0, true, true},
		"an error":             {within, `400 {"error":"invalid_grant"}`, oauth.Rejected, false, false},
		"an error beside null": {within, `400 {"data":null,"error":"invalid_grant"}`, oauth.Rejected, false, false},
		"an error beside text": {within, `400 {"data":"none","error":"invalid_grant"}`, oauth.Rejected, false, false},
		"half an answer":       {within, `{"data":{"access_token":`, oauth.Transient, false, false},
		"less than that":       {within, `{"data"`, oauth.Transient, false, false},
		"a page":               {within, `502 <html>`, oauth.Transient, false, false},
		"no name":              {func(*oauth.OAuth2) {}, `{"":{"access_token":"other"},"access_token":"at"}`, 0, true, false},
		"both names":           {named, `{"access_token":"at","accessToken":"other"}`, 0, true, false},
		"another expiry":       {named, `{"accessToken":"at","expires":60}`, 0, true, true},
	} {
		c, _ := departing(t, tt.change, map[string]string{"POST https://own.test/token": tt.answer})
		g, _, err := logsIn(t, c, nil)
		var f *oauth.ProviderError
		switch {
		case tt.good && (err != nil || g.Token.Access != "at" || g.Token.Expiry.IsZero() == tt.expires):
			t.Errorf("%s: %+v, %v", name, g, err)
		case !tt.good && (!errors.As(err, &f) || f.Kind != tt.kind):
			t.Errorf("%s: %+v", name, err)
		}
	}
}
