package bench_test

import (
	"net/http"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
)

// newSignUps returns a site on which each log-in is of a new person, who signs up by it.
func newSignUps(t testing.TB, p *provider) http.Handler {
	t.Helper()
	store := newStore(t)
	t.Cleanup(func() { store.Close() })
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	must(t, err)
	acc, err := accounts.New(accounts.Config{Store: store, AppURL: appURL, Keys: keys, Throttle: accounts.Throttle{NetworkRegistrations: accounts.Limit{Count: -1}}})
	must(t, err)
	soc, err := social.New(social.Config{
		AppURL: appURL, Providers: []oauth.Provider{p.newPeople()}, Connections: store, Users: acc, Keys: keys,
		SignUp: social.Auto, AllowPrivateAddresses: true,
	})
	must(t, err)
	return acc.Middleware(soc.Handler())
}
