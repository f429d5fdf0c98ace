package vault_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// checked checks the connection, and the row afterwards.
func (b *bench) checked(c vault.Connection, status vault.Status, lastError string) {
	b.t.Helper()
	_, err := b.Check(b.t.Context(), c)
	var pe *oauth.ProviderError
	if (err == nil) != (status == vault.Active) || err != nil && !errors.As(err, &pe) ||
		errors.Is(err, vault.ErrNeedsReauthorization) != (status == vault.NeedsReauthorization) {
		b.t.Errorf("got %v", err)
	}
	if row := b.row(c.ID); row.Status != status || row.LastError != lastError {
		b.t.Errorf("%s, %q, want %s, %q", row.Status, row.LastError, status, lastError)
	}
}

// A refresh that worked proves the grant: an API that refuses the new token is at fault.
func TestVault08_ARefusedTokenAfterARefreshIsTheAPIsFault(t *testing.T) {
	t.Parallel()
	for name, life := range map[string]time.Duration{"refreshed because it was refused": time.Hour, "refreshed because it was due": time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			c := b.connect("ada", life)
			b.clock.advance(2 * time.Minute)
			b.srv.set(func(s *server) { s.onAPI = answer(401, `{"error":"invalid_token"}`) })
			for range 3 {
				b.checked(c, vault.Failing, "api_refused")
			}
			if n := b.srv.refreshN.Load(); n != 1 {
				t.Errorf("%d refreshes", n)
			}
			b.clock.advance(2 * time.Minute)
			b.checked(c, vault.Failing, "api_refused")
			if n := b.srv.refreshN.Load(); n != 2 {
				t.Errorf("%d refreshes a while later", n)
			}
			// The token serves all along, and a check that works ends it.
			if _, err := b.Token(t.Context(), c); err != nil {
				t.Error(err)
			}
			b.srv.set(func(s *server) { s.onAPI = nil })
			b.checked(c, vault.Active, "")
			if b.events.count("reauthorization_needed") != 0 || b.events.count("connection_recovered") == 0 {
				t.Errorf("events %v", b.events.names())
			}
		})
	}
}

// An outage that answers 401 everywhere, the token endpoint too, costs nobody the
// connection at once.
func TestVault08_AnOutageOf401(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	b.srv.set(func(s *server) { s.onAPI, s.onToken = answer(401, ``), answer(401, ``) })
	b.checked(c, vault.Failing, "refused")
	b.srv.set(func(s *server) { s.onAPI, s.onToken = nil, nil })
	b.clock.advance(time.Minute)
	if _, err := b.Refresh(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	b.checked(c, vault.Active, "")
}

// Without a refresh token, 401 is what tells that the grant is gone.
func TestVault08_ARefusedTokenWithoutARefreshToken(t *testing.T) {
	t.Parallel()
	for _, body := range []string{``, `{"error":"invalid_token"}`, `{"message":"no"}`, `<html>`} {
		b := newBench(t)
		g := b.srv.grant("ada", time.Time{})
		g.Token.Refresh = ""
		c, err := b.Connect(t.Context(), "user", g)
		if err != nil {
			t.Fatal(err)
		}
		b.srv.set(func(s *server) { s.onAPI = answer(503, body) })
		if _, err := b.Check(t.Context(), c); err == nil || errors.Is(err, vault.ErrNeedsReauthorization) || b.row(c.ID).Status != vault.Active {
			t.Errorf("503: %v, %s", err, b.row(c.ID).Status)
		}
		b.srv.set(func(s *server) { s.onAPI = answer(401, body) })
		b.checked(c, vault.NeedsReauthorization, "revoked")
	}
}

func TestVault08_OAuth1TokenThatIsRefused(t *testing.T) {
	t.Parallel()
	for _, body := range []string{``, `no`, `{"error":{"code":401,"message":"Unauthorized"}}`, `oauth_problem=token_rejected`, `<html>`} {
		twitter := socialtest.Start(t).Provider("twitter")
		v, err := vault.New(vault.Config{
			Store: memstore.New(), Keys: ring(t, keyring.NewKey().Reveal()), AllowPrivateAddresses: true,
			Providers: []oauth.Provider{&oauth.OAuth1{
				ID: "twitter", Credentials: []oauth.Credentials{register(twitter)}, Endpoints: twitter.Endpoints(),
				Profile: oauth.Mapping{Subject: "id_str"},
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		c, err := v.Connect(t.Context(), "matt", logIn(t, v, twitter))
		if err != nil {
			t.Fatal(err)
		}
		twitter.ServeWith(socialtest.EndpointUserInfo, socialtest.Answer(401, "text/plain", body))
		if _, err := v.Check(t.Context(), c); !errors.Is(err, vault.ErrNeedsReauthorization) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// A provider without a user-info endpoint is asked for one new token a check.
func TestVault08_ACheckWithoutUserInfoRefreshesOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		life  time.Duration
		bare  bool // there is no refresh token
		wants int64
	}{
		"due":                     {time.Minute, false, 1},
		"not due":                 {time.Hour, false, 1},
		"without a refresh token": {time.Hour, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(c *vault.Config) {
				p := c.Providers[0].(*oauth.OAuth2)
				c.Providers = []oauth.Provider{withoutUserInfo{p}}
			})
			g := b.srv.grant("ada", b.clock.now().Add(test.life))
			if test.bare {
				g.Token.Refresh = ""
			}
			c, err := b.Connect(t.Context(), "user-ada", g)
			if err != nil {
				t.Fatal(err)
			}
			b.clock.advance(2 * time.Minute)
			for i := range int64(2) {
				profile, err := b.Check(t.Context(), c)
				if err != nil || profile.Subject != "ada" {
					t.Fatalf("%v, %v", profile, err)
				}
				if n := b.srv.refreshN.Load(); n != test.wants*(i+1) {
					t.Errorf("%d refreshes after %d checks", n, i+1)
				}
			}
			if b.srv.apiN.Load() != 0 {
				t.Error("the API was asked")
			}
		})
	}
}

type withoutUserInfo struct{ *oauth.OAuth2 }

func (p withoutUserInfo) Open(e oauth.Env) (oauth.Client, error) {
	c, err := p.OAuth2.Open(e)
	return withoutUserInfoClient{c, c.(oauth.Refresher)}, err
}

type withoutUserInfoClient struct {
	oauth.Client
	oauth.Refresher
}

func (withoutUserInfoClient) Profile(context.Context, oauth.Token) (*oauth.Profile, error) {
	return nil, &oauth.ProviderError{Kind: oauth.Operator, ProviderID: "acme", Op: "user info", Err: errors.ErrUnsupported}
}

// Where the provider gave no token, a user-info endpoint is not asked either.
func TestVault08_ACheckWithoutAToken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	g := b.srv.grant("ada", time.Time{})
	g.Token = oauth.Token{}
	c, err := b.Connect(t.Context(), "user", g)
	if err != nil {
		t.Fatal(err)
	}
	b.checked(c, vault.Active, "")
	if b.srv.apiN.Load()+b.srv.refreshN.Load() != 0 {
		t.Error("the provider was asked")
	}
}

// A provider that gives an ID token and a refresh token, and no access token, is asked
// for a new ID token, once a check.
func TestVault08_ACheckByIDTokensAlone(t *testing.T) {
	t.Parallel()
	clock, seen, store := newClock(), &events{}, memstore.New()
	acme := socialtest.Start(t, socialtest.Config{Now: clock.now}).Provider("acme")
	creds := register(acme)
	v, err := vault.New(vault.Config{
		Store: store, Keys: ring(t, keyring.NewKey().Reveal()), AllowPrivateAddresses: true, Now: clock.now, OnEvent: seen.on,
		Providers: []oauth.Provider{&oauth.OIDC{OAuth2: oauth.OAuth2{ID: "acme", Credentials: []oauth.Credentials{creds}, Issuer: acme.Issuer()}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	acme.ServeWith(socialtest.EndpointToken, socialtest.WithoutField("access_token"))
	g := logIn(t, v, acme)
	if g.Token.Access != "" || g.Token.Refresh == "" {
		t.Fatalf("got %+v", g.Token)
	}
	c, err := v.Connect(t.Context(), "matt", g)
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 3; n++ { // with the refresh token of the check before
		clock.advance(2 * time.Hour)
		before, _ := v.IDToken(t.Context(), c)
		p, err := v.Check(t.Context(), c)
		if err != nil || p.Subject != c.ProviderUserID {
			t.Fatalf("check %d: %+v, %v", n, p, err)
		}
		after, _ := v.IDToken(t.Context(), c)
		row, err := store.ByID(t.Context(), c.ID)
		if err != nil || row.Status != vault.Active || seen.count("token_refreshed") != n || after == before {
			t.Errorf("check %d: %s, %v, %v", n, row.Status, seen.names(), err)
		}
	}
	if _, err := v.Token(t.Context(), c); !errors.Is(err, oauth.ErrNoToken) {
		t.Errorf("Token: %v", err)
	}
}

// A user-info answer about another user is told in the row, until there is a right one.
func TestVault14_ACheckThatFindsAnotherUser(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	b.srv.set(func(s *server) { s.onAPI = answer(200, `{"sub":"eve"}`) })
	for range 2 {
		if _, err := b.Check(t.Context(), c); !errors.Is(err, vault.ErrOtherAccount) {
			t.Errorf("got %v", err)
		}
		if row := b.row(c.ID); row.Status != vault.Failing || row.LastError != "other_subject" {
			t.Errorf("%s, %q", row.Status, row.LastError)
		}
	}
	// It says nothing of the refresh token.
	b.srv.reject()
	if _, err := b.Refresh(t.Context(), c); !errors.Is(err, vault.ErrNeedsReauthorization) || b.row(c.ID).LastError != "revoked" {
		t.Errorf("%v, %q", err, b.row(c.ID).LastError)
	}
	b.heal()
	c = b.connect("bob", time.Hour)
	b.Check(t.Context(), c)
	b.srv.set(func(s *server) { s.onAPI = nil })
	b.checked(c, vault.Active, "")
}
