package bench_test

import (
	"net/http"
	"path/filepath"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

const appURL = "http://localhost"

// A site is an application as the documentation shows it, with one user who has one
// connection.
type site struct {
	http.Handler
	store *sqlstore.Store
	acc   *accounts.Accounts
	soc   *social.Social
	conn  vault.Connection
}

// newSite opens a site on a database of its own. A transport replaces the default
// one.
func newSite(t testing.TB, p oauth.Provider, transport ...http.RoundTripper) *site {
	t.Helper()
	return newSiteOn(t, newStore(t), p, transport...)
}

// newStore opens a store on a SQLite file of its own.
func newStore(t testing.TB, opts ...sqlite.Option) *sqlstore.Store {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "social.db"), append(opts, sqlite.Migrate())...)
	must(t, err)
	return store
}

// newSiteOn opens a site on an empty store.
func newSiteOn(t testing.TB, store *sqlstore.Store, p oauth.Provider, transport ...http.RoundTripper) *site {
	t.Helper()
	return newSiteWith(t, store, p, func(_ *accounts.Config, c *social.Config) {
		if len(transport) > 0 {
			c.Transport = transport[0]
		}
	})
}

// newSiteWith is newSiteOn with another configuration.
func newSiteWith(t testing.TB, store *sqlstore.Store, p oauth.Provider, change func(*accounts.Config, *social.Config)) *site {
	t.Helper()
	t.Cleanup(func() { store.Close() })
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	must(t, err)
	s := &site{store: store}
	a := accounts.Config{Store: store, AppURL: appURL, Keys: keys, APITokens: true}
	c := social.Config{AppURL: appURL, Providers: []oauth.Provider{p}, Connections: store, Keys: keys, AllowPrivateAddresses: true}
	change(&a, &c)
	s.acc, err = accounts.New(a)
	must(t, err)
	c.Users = s.acc
	s.soc, err = social.New(c)
	must(t, err)
	s.Handler = s.acc.Middleware(s.soc.Handler())
	user, err := s.acc.Create(t.Context(), accounts.NewUser{Email: "matt@lp.com", EmailVerified: true})
	must(t, err)
	s.conn, err = s.soc.Vault().Connect(t.Context(), user.ID, &oauth.Grant{
		ProviderID: p.Description().ID, Profile: oauth.Profile{Subject: subject},
	})
	must(t, err)
	return s
}

var credentials = oauth.Credentials{ClientID: clientID, ClientSecret: clientSecret}

func (p *provider) oauth2() oauth.Provider {
	return &oauth.OAuth2{ID: "hub", Credentials: []oauth.Credentials{credentials}, Scopes: []string{"openid", "profile", "email"},
		Endpoints: oauth.Endpoints{Authorize: p.address + "/authorize", Token: p.address + "/token", UserInfo: p.address + "/user"},
		Profile:   mapping}
}

// newPeople is oauth2 with another person at each log-in.
func (p *provider) newPeople() oauth.Provider {
	hub := p.oauth2().(*oauth.OAuth2)
	hub.Endpoints.UserInfo, hub.TrustEmail = p.address+"/new-person", true
	hub.Profile.EmailVerified = "email_verified"
	return hub
}

var mapping = oauth.Mapping{Subject: "id", DisplayName: "login", FullName: "name", Email: "email", ImageURL: "avatar_url", ProfileURL: "html_url"}

func (p *provider) oidc() oauth.Provider {
	return &oauth.OIDC{OAuth2: oauth.OAuth2{ID: "hub", Credentials: []oauth.Credentials{credentials}, Issuer: p.address,
		Endpoints: oauth.Endpoints{Authorize: p.address + "/authorize", Token: p.address + "/oidc/token", Keys: p.address + "/keys"}}}
}

func (p *provider) oauth1() oauth.Provider {
	return &oauth.OAuth1{ID: "hub", Credentials: []oauth.Credentials{credentials}, Profile: mapping,
		Endpoints: oauth.Endpoints{RequestToken: p.address + "/oauth1/request", Authorize: p.address + "/authorize",
			Token: p.address + "/oauth1/access", UserInfo: p.address + "/user"}}
}
