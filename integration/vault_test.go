package integration_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gosocial/social/integration/counterparty"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

// A refreshCounter counts requests for a refresh.
type refreshCounter struct {
	http.RoundTripper
	n atomic.Int64
}

func (c *refreshCounter) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil && strings.HasSuffix(r.URL.Path, "/token") {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		if form, err := url.ParseQuery(string(body)); err == nil && form.Get("grant_type") == "refresh_token" {
			c.n.Add(1)
		}
	}
	return c.RoundTripper.RoundTrip(r)
}

// Two processes use one connection at once, at a provider that revokes a grant when
// a refresh token is used twice.
func TestVault_TwoProcessesAndRotatingTokens(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	const secret = "a secret of thirty-two characters or more"
	server := counterparty.StartOIDCProvider(t, counterparty.Client{ID: "client", Secret: secret, RedirectURIs: []string{redirectURI}})
	provider := providers.OIDC("certified", "Certified", server.Issuer, oauth.Credentials{ClientID: "client", ClientSecret: secret})
	transport := &refreshCounter{RoundTripper: http.DefaultTransport.(*http.Transport).Clone()}
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "social.db")
	process := func() *vault.Vault {
		store, err := sqlite.Open(ctx, path, sqlite.Migrate())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { closeStore(t, store) })
		v, err := vault.New(vault.Config{
			Store: store, Keys: keys, Providers: []oauth.Provider{provider},
			Transport: transport, AllowPrivateAddresses: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	processes := []*vault.Vault{process(), process()}
	client, err := processes[0].Provider(ctx, "certified")
	if err != nil {
		t.Fatal(err)
	}
	grant := login(t, setup{client: client, request: offline(), fields: map[string]string{"login": "jane"}})
	conn, err := processes[0].Connect(ctx, "1", grant)
	if err != nil {
		t.Fatal(err)
	}

	callAll := func() {
		t.Helper()
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				resp, err := processes[i%2].Client(conn).Get(server.Issuer + "/me")
				if err != nil {
					t.Error(err)
					return
				}
				defer resp.Body.Close()
				if resp.StatusCode != http.StatusOK {
					t.Errorf("answered %d", resp.StatusCode)
				}
			})
		}
		wg.Wait()
	}
	callAll()
	if n := transport.n.Load(); n != 0 {
		t.Errorf("%d refreshes of a fresh token", n)
	}
	for round := int64(1); round <= 3; round++ {
		// The provider ends the access token before its expiry.
		token, err := processes[0].Token(ctx, conn)
		if err != nil {
			t.Fatal(err)
		}
		server.Expire(t, token.Access.Reveal())
		callAll()
		if n := transport.n.Load(); n != round {
			t.Errorf("%d refreshes after %d tokens ended", n, round)
		}
	}
	profile, err := processes[1].Check(ctx, conn)
	if err != nil || profile.Subject != "jane" {
		t.Errorf("check: %+v, %v", profile, err)
	}

	// The provider revokes the grant, so that the user has to reconnect.
	token, err := processes[1].Token(ctx, conn)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.(oauth.Revoker).Revoke(ctx, token); err != nil {
		t.Fatal(err)
	}
	if _, err := processes[0].Check(ctx, conn); !errors.Is(err, vault.ErrNeedsReauthorization) {
		t.Errorf("got %v, want ErrNeedsReauthorization", err)
	}
	row, err := processes[1].Connection(ctx, conn.ID)
	if err != nil || row.Status != vault.NeedsReauthorization {
		t.Errorf("status %q, %v", row.Status, err)
	}
	grant = login(t, setup{client: client, request: offline(), fields: map[string]string{"login": "jane"}})
	if conn, err = processes[1].Renew(ctx, row, grant); err != nil || conn.Status != vault.Active {
		t.Fatalf("status %q, %v", conn.Status, err)
	}
	callAll()

	if _, err := processes[0].Disconnect(ctx, vault.Removal{UserID: "1", ProviderID: "certified"}); err != nil {
		t.Fatal(err)
	}
	_, err = client.(oauth.Refresher).Refresh(ctx, grant.Token)
	wantKind(t, err, oauth.Rejected)
}

// At a provider without a user-info endpoint, such as Apple, Check refreshes to learn
// whether the connection works.
func TestVault_CheckWithoutUserInfo(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	const secret = "a secret of thirty-two characters or more"
	server := counterparty.StartOIDCProvider(t, counterparty.Client{ID: "client", Secret: secret, RedirectURIs: []string{redirectURI}})
	p := providers.OIDC("bare", "Bare", server.Issuer, oauth.Credentials{ClientID: "client", ClientSecret: secret})
	p.Endpoints = oauth.Endpoints{
		Authorize: server.Issuer + "/auth", Token: server.Issuer + "/token", Keys: server.Issuer + "/jwks",
		Revoke: server.Issuer + "/token/revocation",
	}
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(ctx, ":memory:", sqlite.Migrate())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeStore(t, store) })
	v, err := vault.New(vault.Config{Store: store, Keys: keys, Providers: []oauth.Provider{p}, AllowPrivateAddresses: true})
	if err != nil {
		t.Fatal(err)
	}
	client, err := v.Provider(ctx, "bare")
	if err != nil {
		t.Fatal(err)
	}
	grant := login(t, setup{client: client, request: offline(), fields: map[string]string{"login": "jane"}})
	conn, err := v.Connect(ctx, "1", grant)
	if err != nil {
		t.Fatal(err)
	}
	profile, err := v.Check(ctx, conn)
	if err != nil || profile.Subject != "jane" {
		t.Fatalf("check: %+v, %v", profile, err)
	}
	token, err := v.Token(ctx, conn)
	if err != nil {
		t.Fatal(err)
	}
	if token.Access == grant.Token.Access {
		t.Error("the check did not refresh")
	}
	if err := client.(oauth.Revoker).Revoke(ctx, token); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Check(ctx, conn); !errors.Is(err, vault.ErrNeedsReauthorization) {
		t.Errorf("got %v, want ErrNeedsReauthorization", err)
	}
}

func closeStore(t *testing.T, s *sqlstore.Store) {
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
