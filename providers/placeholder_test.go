package providers_test

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// A parameter may stand anywhere in an entry's requests, and where it reads answers.
func TestPlaceholdersAreFilledEverywhere(t *testing.T) {
	t.Parallel()
	endpoints := func(x string) oauth.Endpoints {
		return oauth.Endpoints{RequestToken: x, Authorize: x, Token: x, Refresh: x, UserInfo: x, Emails: x, Revoke: x, Keys: x, EndSession: x, API: x}
	}
	mapping := func(x string) oauth.Mapping {
		return oauth.Mapping{Subject: x, DisplayName: x, FullName: x, Email: x, EmailVerified: x, ProfileURL: x, ImageURL: x}
	}
	values := func(x string) url.Values { return url.Values{"a": {x, x}, "b": {x}} }
	oauth2 := func(x string) *oauth.OAuth2 {
		return &oauth.OAuth2{
			Endpoints: endpoints(x), Profile: mapping(x), APIHosts: []string{x, x}, Issuer: x, UserAgent: x, UserInfoBody: x,
			AuthParams: values(x), TokenParams: values(x), RefreshParams: values(x), APIParams: values(x), UserInfoParams: values(x),
			TokenHeader: http.Header(values(x)), APIHeader: http.Header(values(x)), UserInfoHeader: http.Header(values(x)),
			Further: []oauth.FurtherCall{{Address: x, Params: values(x)}}, LongLived: oauth.LongLived{Exchange: x}, Revocation: oauth.Revocation{Params: values(x)},
		}
	}
	for name, of := range map[string]func(x string) oauth.Provider{
		"OAuth 1.0a": func(x string) oauth.Provider {
			return &oauth.OAuth1{Endpoints: endpoints(x), Profile: mapping(x), APIHosts: []string{x}, UserInfoParams: values(x), UserAgent: x}
		},
		"OAuth 2.0": func(x string) oauth.Provider { return oauth2(x) },
		"OpenID":    func(x string) oauth.Provider { return &oauth.OIDC{OAuth2: *oauth2(x), DiscoveryURL: x} },
	} {
		p := of("{part}.test")
		providers.EachText(p, strings.NewReplacer("{part}", "acme").Replace)
		if !reflect.DeepEqual(p, of("acme.test")) {
			t.Errorf("%s: %+v", name, p)
		}
	}
}
