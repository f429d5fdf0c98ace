package providers_test

import (
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// A host that only folds to the catalog's is another one: what is left of the catalog's
// endpoints gets no token of it.
func TestSecurity31_LookAlikeEndpointIsForeign(t *testing.T) {
	t.Parallel()
	for address, stays := range map[string]bool{
		"https://GRAPH.facebook.com/token":      true,
		"https://graph.faceboo\u212a.com/token": false, // folds to k
	} {
		p, err := entry(t, "facebook").New(providers.Settings{
			Endpoints:   oauth.Endpoints{Token: address},
			Credentials: []oauth.Credentials{{ClientID: "id", ClientSecret: "secret"}},
		})
		if err != nil {
			if stays {
				t.Error(err)
			}
			continue
		}
		if has := p.(*oauth.OAuth2).Endpoints.API != ""; has != stays {
			t.Errorf("%s: the catalog's API stays: %v", address, has)
		}
	}
}
