package integration_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/integration/counterparty"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/secret"
)

const redirectURI = "http://127.0.0.1:4/callback"

// A setup is a provider, and what its tests need to know of it.
type setup struct {
	client  oauth.Client
	request oauth.Request
	fields  map[string]string
	api     string
	want    oauth.Profile
	rotates bool
	revoked int // the API's status for a revoked token
}

func open(t *testing.T, p oauth.Provider) oauth.Client {
	t.Helper()
	c, err := p.Open(oauth.Env{HTTP: oauth.NewHTTPClient(oauth.HTTPOptions{AllowPrivateAddresses: true})})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// begin begins a flow with a new state.
func begin(t *testing.T, p setup) *oauth.Pending {
	t.Helper()
	r := p.request
	r.State, r.RedirectURI = rand.Text(), redirectURI
	pending, err := p.client.Begin(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return pending
}

// connection takes a connection from the log-in through refreshes to revocation.
func connection(t *testing.T, p setup) {
	ctx := context.Background()
	pending := begin(t, p)
	answer := counterparty.NewBrowser(t, p.fields).Authorize(t, pending.URL, redirectURI)
	if answer.Get("error") != "" {
		t.Fatalf("the provider says %v", answer)
	}
	grant, err := p.client.Complete(ctx, pending, answer)
	if err != nil {
		t.Fatal(err)
	}
	got := grant.Profile
	if got.Subject != p.want.Subject || got.FullName != p.want.FullName || got.Email != p.want.Email || got.EmailVerified != p.want.EmailVerified {
		t.Errorf("profile %+v, want %+v", got, p.want)
	}
	if _, err := p.client.Complete(ctx, pending, answer); err == nil {
		t.Error("a code was accepted twice")
	}

	// The provider may have revoked the tokens of the code that was used twice.
	pending = begin(t, p)
	if grant, err = p.client.Complete(ctx, pending, counterparty.NewBrowser(t, p.fields).Authorize(t, pending.URL, redirectURI)); err != nil {
		t.Fatal(err)
	}
	profile, err := p.client.Profile(ctx, grant.Token)
	if err != nil {
		t.Fatal(err)
	}
	if profile.Subject != p.want.Subject {
		t.Errorf("subject %q, want %q", profile.Subject, p.want.Subject)
	}
	callAPI(t, p, grant.Token, http.StatusOK)

	if grant.Token.Refresh == "" {
		t.Fatal("the grant has no refresh token")
	}
	fresh, err := p.client.(oauth.Refresher).Refresh(ctx, grant.Token)
	if err != nil {
		t.Fatal(err)
	}
	if fresh.Access == grant.Token.Access {
		t.Error("the refresh returned the old access token")
	}
	if p.rotates && fresh.Refresh == grant.Token.Refresh {
		t.Error("the refresh token was not rotated")
	}
	callAPI(t, p, *fresh, http.StatusOK)
	again, err := p.client.(oauth.Refresher).Refresh(ctx, *fresh)
	if err != nil {
		t.Fatal(err)
	}

	revoker := p.client.(oauth.Revoker)
	if err := revoker.Revoke(ctx, *again); err != nil {
		t.Fatal(err)
	}
	if err := revoker.Revoke(ctx, *again); err != nil {
		t.Errorf("revoking a revoked token: %v", err)
	}
	_, err = p.client.(oauth.Refresher).Refresh(ctx, *again)
	wantKind(t, err, oauth.Rejected)
	callAPI(t, p, *again, p.revoked)
}

// callAPI makes a signed request to the provider's own API.
func callAPI(t *testing.T, p setup, token oauth.Token, want int) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, p.api, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !p.client.Allows(req.Context(), req.URL) {
		t.Fatalf("%s is not allowed", p.api)
	}
	if err := p.client.Sign(req, token); err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != want {
		t.Errorf("the API answered %d, want %d", resp.StatusCode, want)
	}
}

func wantKind(t *testing.T, err error, kind oauth.Kind) {
	t.Helper()
	var p *oauth.ProviderError
	if !errors.As(err, &p) || p.Kind != kind {
		t.Errorf("got %v, want a ProviderError of kind %v", err, kind)
	}
}

func jane() oauth.Profile {
	return oauth.Profile{Subject: "jane", FullName: "Jane Doe", Email: "jane@example.com", EmailVerified: true}
}

func offline() oauth.Request {
	return oauth.Request{
		Scopes: []string{"openid", "profile", "email", "offline_access"},
		Params: url.Values{"prompt": {"consent"}},
	}
}

func TestOIDCProvider(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	private := secret.Text(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	redirects := []string{redirectURI}
	clientSecret := "a secret: with % and + of thirty-two characters"
	server := counterparty.StartOIDCProvider(t,
		counterparty.Client{ID: "basic:client", Secret: clientSecret, RedirectURIs: redirects},
		counterparty.Client{ID: "post", Secret: clientSecret, RedirectURIs: redirects, TokenAuth: "client_secret_post", Algorithm: "ES256"},
		counterparty.Client{ID: "hmac", Secret: clientSecret, RedirectURIs: redirects, Algorithm: "HS256"},
		counterparty.Client{ID: "key", RedirectURIs: redirects, TokenAuth: "private_key_jwt", Algorithm: "ES256",
			Keys: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "k1", Use: "sig", Algorithm: "ES256"}}}},
		counterparty.Client{ID: "public", RedirectURIs: redirects, TokenAuth: "none"},
	)
	for name, configure := range map[string]func(*oauth.OIDC){
		"basic, RS256": func(p *oauth.OIDC) { p.Credentials[0].ClientID = "basic:client" },
		"post, ES256":  func(p *oauth.OIDC) { p.Credentials[0].ClientID, p.TokenAuth = "post", oauth.AuthPost },
		"HS256":        func(p *oauth.OIDC) { p.Credentials[0].ClientID, p.Algorithms = "hmac", []string{"HS256"} },
		"private_key_jwt": func(p *oauth.OIDC) {
			p.Credentials = []oauth.Credentials{{ClientID: "key", PrivateKey: private, KeyID: "k1"}}
			p.TokenAuth = oauth.AuthPrivateKeyJWT
		},
		"public":    func(p *oauth.OIDC) { p.Credentials = []oauth.Credentials{{ClientID: "public"}} },
		"form_post": func(p *oauth.OIDC) { p.Credentials[0].ClientID, p.FormPost = "basic:client", true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := providers.OIDC("certified", "Certified", server.Issuer, oauth.Credentials{ClientSecret: secret.Text(clientSecret)})
			configure(p)
			connection(t, setup{
				client: open(t, p), request: offline(), fields: map[string]string{"login": "jane"},
				api: server.Issuer + "/me", want: jane(), rotates: true, revoked: http.StatusUnauthorized,
			})
		})
	}

	plain := func(t *testing.T) setup {
		p := providers.OIDC("certified", "Certified", server.Issuer, oauth.Credentials{ClientID: "basic:client", ClientSecret: secret.Text(clientSecret)})
		return setup{client: open(t, p), request: offline(), fields: map[string]string{"login": "jane"}}
	}
	t.Run("reuse of a refresh token revokes the grant", func(t *testing.T) {
		t.Parallel()
		p, ctx := plain(t), context.Background()
		grant := login(t, p)
		refresher := p.client.(oauth.Refresher)
		fresh, err := refresher.Refresh(ctx, grant.Token)
		if err != nil {
			t.Fatal(err)
		}
		_, err = refresher.Refresh(ctx, grant.Token)
		wantKind(t, err, oauth.Rejected)
		_, err = refresher.Refresh(ctx, *fresh)
		wantKind(t, err, oauth.Rejected)
	})
	t.Run("denied", func(t *testing.T) {
		t.Parallel()
		p := plain(t)
		p.fields = map[string]string{"login": "jane", "answer": "no"}
		pending := begin(t, p)
		answer := counterparty.NewBrowser(t, p.fields).Authorize(t, pending.URL, redirectURI)
		if answer.Get("iss") != server.Issuer {
			t.Errorf("iss is %q", answer.Get("iss"))
		}
		if _, err := p.client.Complete(context.Background(), pending, answer); !errors.Is(err, oauth.ErrDenied) {
			t.Errorf("got %v, want ErrDenied", err)
		}
	})
	t.Run("PKCE is enforced", func(t *testing.T) {
		t.Parallel()
		p := plain(t)
		pending := begin(t, p)
		answer := counterparty.NewBrowser(t, p.fields).Authorize(t, pending.URL, redirectURI)
		pending.Verifier = secret.Text(rand.Text() + rand.Text())
		_, err := p.client.Complete(context.Background(), pending, answer)
		wantKind(t, err, oauth.Rejected)
	})
	t.Run("iss is required", func(t *testing.T) {
		t.Parallel()
		p := plain(t)
		pending := begin(t, p)
		answer := counterparty.NewBrowser(t, p.fields).Authorize(t, pending.URL, redirectURI)
		answer.Del("iss")
		var refused *oauth.CallbackError
		if _, err := p.client.Complete(context.Background(), pending, answer); !errors.As(err, &refused) {
			t.Errorf("got %v, want a CallbackError", err)
		}
	})
	t.Run("max_age", func(t *testing.T) {
		t.Parallel()
		p := plain(t)
		p.request.MaxAge = 3600e9
		grant := login(t, p)
		if !json.Valid(grant.Profile.Raw) {
			t.Error("the raw profile is not JSON")
		}
	})
	t.Run("a wrong secret is an operator error", func(t *testing.T) {
		t.Parallel()
		p := plain(t)
		p.client = open(t, providers.OIDC("certified", "Certified", server.Issuer, oauth.Credentials{ClientID: "basic:client", ClientSecret: "wrong"}))
		pending := begin(t, p)
		answer := counterparty.NewBrowser(t, p.fields).Authorize(t, pending.URL, redirectURI)
		_, err := p.client.Complete(context.Background(), pending, answer)
		wantKind(t, err, oauth.Operator)
	})
}

func login(t *testing.T, p setup) *oauth.Grant {
	t.Helper()
	pending := begin(t, p)
	grant, err := p.client.Complete(context.Background(), pending, counterparty.NewBrowser(t, p.fields).Authorize(t, pending.URL, redirectURI))
	if err != nil {
		t.Fatal(err)
	}
	return grant
}
