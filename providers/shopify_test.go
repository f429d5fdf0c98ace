package providers_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// The vector is one that several libraries for Shopify publish.
func TestSecurity02_ShopifysSignature(t *testing.T) {
	t.Parallel()
	const good = "code=0907a61c0c8d55e99db179b68161bc00&hmac=700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf&shop=some-shop.myshopify.com&state=0.6784241404160823&timestamp=1337178173"
	p, err := providers.New("shopify", providers.Settings{
		Credentials: []oauth.Credentials{{ClientID: "key", ClientSecret: "hush"}}, Parameters: map[string]string{"shop": "some-shop"},
	})
	if err != nil {
		t.Fatal(err)
	}
	nobody := &http.Client{Transport: http.NewFileTransport(http.Dir(t.TempDir()))}
	c, err := p.Open(oauth.Env{HTTP: nobody})
	if err != nil {
		t.Fatal(err)
	}
	pending := &oauth.Pending{State: "0.6784241404160823", ClientID: "key", RedirectURI: redirectURI}
	for query, ok := range map[string]bool{
		good: true,
		strings.Replace(good, "some-shop", "evil-shop", 1):   false,
		strings.Replace(good, "700e2dad", "700e2dae", 1):     false,
		strings.Replace(good, "700e2dad", "zzzzzzzz", 1):     false,
		strings.Replace(good, "&hmac=", "&hmac=00&hmac=", 1): false,
		strings.Replace(good, "&hmac=", "&mac=", 1):          false,
		strings.Replace(good, "&shop=", "zz&shop=", 1):       false,
		strings.Replace(good, "&shop=", "&hmac=00&shop=", 1): false,
		good + "&more=1": false,
	} {
		answer, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Complete(t.Context(), pending, answer)
		var refused *oauth.CallbackError
		if errors.As(err, &refused) == ok {
			t.Errorf("%s: %v", query, err)
		}
	}
}

// What an entry calls below its API moves with it; what would send a token or secret
// of another server to the entry's own does not stay.
func TestSettingsMoveTheCallsBelowTheAPI(t *testing.T) {
	t.Parallel()
	p := make2(t, "instagram", providers.Settings{Endpoints: oauth.Endpoints{Token: "https://proxy.test/token", API: "https://proxy.test/ig/"}})
	if p.LongLived.Exchange != "https://proxy.test/ig/access_token" || p.Endpoints.Refresh != "https://proxy.test/ig/refresh_access_token" || p.NoRefresh {
		t.Errorf("%+v, %s", p.LongLived, p.Endpoints.Refresh)
	}
	p = make2(t, "instagram", providers.Settings{Endpoints: oauth.Endpoints{Token: "https://proxy.test/token"}})
	if p.LongLived != (oauth.LongLived{}) || p.Endpoints.Refresh != "" || !p.NoRefresh {
		t.Errorf("%+v, %s", p.LongLived, p.Endpoints.Refresh)
	}
	p = make2(t, "github", providers.Settings{Endpoints: oauth.Endpoints{API: "https://proxy.test/gh"}})
	for _, call := range p.Further {
		if call.Address != "" && !strings.HasPrefix(call.Address, "https://proxy.test/gh/") {
			t.Errorf("a further call goes to %s", call.Address)
		}
	}
}
