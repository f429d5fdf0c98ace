package oauth_test

import (
	"context"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
)

// An address that a discovery document names has to be one that a request can go to;
// the error names the field.
func TestSecurity19_DiscoveredAddresses(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "revocation_endpoint", "end_session_endpoint"} {
		for name, address := range map[string]string{
			"no URL":    "http://[",
			"no host":   "http:///x",
			"user info": "http://me@provider.test/x",
			"a script":  "javascript:alert(1)",
			"ftp":       "ftp://provider.test/x",
			"relative":  "/x",
			"fragment":  "http://provider.test/x#y",
			"empty one": "http://provider.test/x#",
		} {
			op := newOpenIDProvider(t)
			op.discovery = set(field, address)
			_, err := op.open(t, op.provider()).Begin(context.Background(), oauth.Request{State: "s-0123456789012345678901", RedirectURI: "https://app.test/cb"})
			if field == "revocation_endpoint" || field == "end_session_endpoint" {
				if err != nil { // people can log in all the same
					t.Errorf("%s, %s: %v", field, name, err)
				}
				continue
			}
			wantKind(t, err, oauth.Invalid)
			if err != nil && !strings.Contains(err.Error(), field) {
				t.Errorf("%s, %s: %v", field, name, err)
			}
		}
	}
	for _, field := range []string{"authorization_endpoint", "token_endpoint", "jwks_uri"} {
		op := newOpenIDProvider(t)
		op.discovery = without(field)
		_, err := op.open(t, op.provider()).Begin(context.Background(), oauth.Request{State: "s-0123456789012345678901", RedirectURI: "https://app.test/cb"})
		wantKind(t, err, oauth.Invalid)
		if err != nil && !strings.Contains(err.Error(), "lacks "+field) {
			t.Errorf("without %s: %v", field, err)
		}
	}
}
