package integration_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/integration/counterparty"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// twitter returns the catalog's Twitter with the addresses of Authlib's server.
func twitter(server *counterparty.Server, c oauth.Credentials) *oauth.OAuth1 {
	p := providers.Twitter(c)
	p.Endpoints = oauth.Endpoints{
		RequestToken: server.Issuer + counterparty.OAuth1RequestToken,
		Authorize:    server.Issuer + counterparty.OAuth1Authorize,
		Token:        server.Issuer + counterparty.OAuth1AccessToken,
		UserInfo:     server.Issuer + counterparty.OAuth1UserInfo,
		Revoke:       server.Issuer + counterparty.OAuth1Revoke,
		API:          server.Issuer,
	}
	return p
}

func TestOAuth1(t *testing.T) {
	t.Parallel()
	const key, secret = "a key+with %", "a secret & more: ü~"
	server := counterparty.StartOAuth1(t, counterparty.Client{ID: key, Secret: secret})
	c := open(t, twitter(server, oauth.Credentials{ClientID: key, ClientSecret: secret}))
	ctx := context.Background()

	begin := func(t *testing.T, fields map[string]string) (*oauth.Pending, url.Values) {
		pending, err := c.Begin(ctx, oauth.Request{RedirectURI: redirectURI})
		if err != nil {
			t.Fatal(err)
		}
		return pending, counterparty.NewBrowser(t, fields).Authorize(t, pending.URL, redirectURI)
	}
	login := func(t *testing.T) *oauth.Grant {
		pending, answer := begin(t, nil)
		grant, err := c.Complete(ctx, pending, answer)
		if err != nil {
			t.Fatal(err)
		}
		return grant
	}

	t.Run("lifecycle", func(t *testing.T) {
		t.Parallel()
		pending, answer := begin(t, nil)
		grant, err := c.Complete(ctx, pending, answer)
		if err != nil {
			t.Fatal(err)
		}
		got := grant.Profile
		if got.Subject != "6253282000000000001" || got.DisplayName != "@jane" || got.FullName != "Jane Doe" || got.Email != "jane@example.com" || !got.EmailVerified {
			t.Errorf("profile %+v", got)
		}
		if _, err := c.Complete(ctx, pending, answer); err == nil {
			t.Error("a request token was accepted twice")
		}
		profile, err := c.Profile(ctx, grant.Token)
		if err != nil || profile.Subject != got.Subject {
			t.Fatalf("profile %+v, %v", profile, err)
		}
		revoker := c.(oauth.Revoker)
		if err := revoker.Revoke(ctx, grant.Token); err != nil {
			t.Fatal(err)
		}
		if err := revoker.Revoke(ctx, grant.Token); err != nil {
			t.Errorf("revoking a revoked token: %v", err)
		}
		_, err = c.Profile(ctx, grant.Token)
		wantKind(t, err, oauth.Rejected)
	})

	t.Run("signatures", func(t *testing.T) {
		t.Parallel()
		token := login(t).Token
		const text = "Ladies + Gentlemen, 100 % ~ ü ☃ / a=b&c"
		form := url.Values{"status": {text}, "empty": {""}}.Encode()
		body, err := json.Marshal(map[string]string{"status": text})
		if err != nil {
			t.Fatal(err)
		}
		for name, tt := range map[string]struct{ query, kind, body string }{
			"form":                {"", "application/x-www-form-urlencoded", form},
			"form, charset":       {"", "application/x-www-form-urlencoded; charset=utf-8", form},
			"JSON":                {"", "application/json", string(body)},
			"query":               {"?b=2&a=1%2B1&c=%C3%BC%20x&d=~&e=", "application/json", string(body)},
			"query with plus":     {"?a=x+y", "application/x-www-form-urlencoded", form},
			"query beside a form": {"?status2=a%20b%26c", "application/x-www-form-urlencoded", form},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				status, answer := post(t, c, token, server.Issuer+counterparty.OAuth1Update+tt.query, tt.kind, tt.body)
				var got struct{ Text, User string }
				if err := json.Unmarshal(answer, &got); err != nil || status != http.StatusOK || got.Text != text || got.User != "jane" {
					t.Errorf("answered %d: %s", status, answer)
				}
			})
		}
	})

	t.Run("a nonce is accepted once", func(t *testing.T) {
		t.Parallel()
		req, err := http.NewRequest(http.MethodGet, server.Issuer+counterparty.OAuth1UserInfo, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Sign(req, login(t).Token); err != nil {
			t.Fatal(err)
		}
		for _, want := range []int{http.StatusOK, http.StatusUnauthorized} {
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != want {
				t.Errorf("answered %d, want %d", resp.StatusCode, want)
			}
		}
	})

	t.Run("denied", func(t *testing.T) {
		t.Parallel()
		pending, answer := begin(t, map[string]string{"answer": "no"})
		if _, err := c.Complete(ctx, pending, answer); !errors.Is(err, oauth.ErrDenied) {
			t.Errorf("got %v, want ErrDenied", err)
		}
	})

	t.Run("wrong verifier", func(t *testing.T) {
		t.Parallel()
		pending, answer := begin(t, nil)
		answer.Set("oauth_verifier", "guess")
		var failed *oauth.ProviderError
		if _, err := c.Complete(ctx, pending, answer); !errors.As(err, &failed) {
			t.Errorf("got %v, want a ProviderError", err)
		}
	})

	t.Run("a wrong secret is an operator error", func(t *testing.T) {
		t.Parallel()
		c := open(t, twitter(server, oauth.Credentials{ClientID: key, ClientSecret: "wrong"}))
		_, err := c.Begin(ctx, oauth.Request{RedirectURI: redirectURI})
		wantKind(t, err, oauth.Operator)
	})

	t.Run("a wrong clock", func(t *testing.T) {
		t.Parallel()
		late, err := twitter(server, oauth.Credentials{ClientID: key, ClientSecret: secret}).Open(oauth.Env{
			HTTP: oauth.NewHTTPClient(oauth.HTTPOptions{AllowPrivateAddresses: true}),
			Now:  func() time.Time { return time.Now().Add(-time.Hour) },
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := late.Begin(ctx, oauth.Request{RedirectURI: redirectURI}); err == nil {
			t.Error("a request with a timestamp of an hour ago was accepted")
		}
	})
}

func post(t *testing.T, c oauth.Client, token oauth.Token, address, kind, body string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if err := c.Sign(req, token); err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, answer
}
