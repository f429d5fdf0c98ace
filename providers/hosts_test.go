package providers_test

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// severalSites are the entries whose addresses are at more than one registered domain, all
// of them the provider's own.
var severalSites = map[string]string{
	"basecamp": "37signals.com basecampapi.com", "constantcontact": "cc.email constantcontact.com", "dropbox": "dropbox.com dropboxapi.com",
	"epicgames": "epicgames.com epicgames.dev", "eventbrite": "eventbrite.com eventbriteapi.com", "google": "google.com googleapis.com",
	"harvest": "getharvest.com harvestapp.com", "hubspot": "hubapi.com hubspot.com", "intercom": "intercom.com intercom.io",
	"mercadolibre": "mercadolibre.com mercadolivre.com.br", "microsoft": "microsoft.com microsoftonline.com", "sage": "sage.com sageone.com",
	"salla": "salla.dev salla.sa", "stackexchange": "stackexchange.com stackoverflow.com", "threads": "threads.com threads.net",
	"tiktok": "tiktok.com tiktokapis.com", "withings": "withings.com withings.net", "yandex": "yandex.com yandex.ru",
	"zalo": "zalo.me zaloapp.com",
}

// A code, secret or token goes to one provider: the hosts of an entry belong together.
func TestSecurity31_TheHostsOfAnEntryBelongTogether(t *testing.T) {
	t.Parallel()
	for _, e := range providers.All() {
		p, err := e.New(settings(e.ID))
		if err != nil {
			t.Errorf("%s: %v", e.ID, err)
			continue
		}
		sites := map[string]bool{}
		for _, address := range addresses(p) {
			if u, err := url.Parse(address); err == nil && u.Host != "" {
				sites[site(u.Hostname())] = true
			}
		}
		want := severalSites[e.ID]
		if got := strings.Join(slices.Sorted(maps.Keys(sites)), " "); len(sites) > 1 && got != want || len(sites) < 2 && want != "" {
			t.Errorf("%s: its addresses are at %q, and severalSites says %q", e.ID, got, want)
		}
	}
}

// addresses are those that an entry sends people, codes, secrets and tokens to.
func addresses(p oauth.Provider) []string {
	var e oauth.Endpoints
	var list []string
	shared := func(p *oauth.OAuth2) {
		e = p.Endpoints
		list = append(list, p.LongLived.Exchange)
		for _, f := range p.Further {
			list = append(list, f.Address)
		}
	}
	switch p := p.(type) {
	case *oauth.OAuth1:
		e = p.Endpoints
	case *oauth.OAuth2:
		shared(p)
	case *oauth.OIDC:
		shared(&p.OAuth2)
		list = append(list, p.Issuer, p.DiscoveryURL)
	}
	return append(list, e.RequestToken, e.Authorize, e.Token, e.Refresh, e.UserInfo, e.Emails, e.Revoke, e.Keys, e.EndSession, e.API)
}

// site returns the registered domain of a host, as far as the catalog's hosts need it:
// "example.com" of "api.example.com", "example.com.ar" of "api.example.com.ar".
func site(host string) string {
	labels := strings.Split(host, ".")
	n := 2
	if len(labels) > 2 && len(labels[len(labels)-1]) == 2 && slices.Contains([]string{"ac", "co", "com", "edu", "gob", "gov"}, labels[len(labels)-2]) {
		n = 3
	}
	return strings.Join(labels[max(0, len(labels)-n):], ".")
}
