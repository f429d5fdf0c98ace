package vault_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
	"golang.org/x/oauth2"
)

// thirdParty is a client of another library that was given a token source.
func thirdParty(source oauth2.TokenSource) *http.Client {
	return &http.Client{Transport: &oauth2.Transport{Source: source}}
}

func TestTokenSourceOfThirdParties(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", minute)
	b.clock.advance(time.Hour)
	clients := []*http.Client{
		thirdParty(b.TokenSource(t.Context(), c)),
		thirdParty(b.open().TokenSource(t.Context(), c)), // another process
	}
	call := func(client *http.Client) error {
		resp, err := client.Get(b.srv.URL + "/api/x")
		if err != nil {
			return err
		}
		resp.Body.Close()
		if resp.StatusCode != 200 {
			return errors.New(resp.Status)
		}
		return nil
	}
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			if err := call(clients[i%2]); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := b.srv.refreshN.Load(); n != 1 {
		t.Errorf("%d refreshes", n)
	}

	// ErrNeedsReauthorization comes through, and so does a disconnect.
	b.clock.advance(2 * time.Hour)
	b.srv.set(func(s *server) { clear(s.refresh) })
	for _, client := range clients {
		if err := call(client); !errors.Is(err, vault.ErrNeedsReauthorization) {
			t.Errorf("got %v", err)
		}
	}
	if _, err := b.Renew(t.Context(), c, b.srv.grant("ada", b.clock.now().Add(time.Hour))); err != nil {
		t.Fatal(err)
	}
	for _, client := range clients {
		b.clock.advance(10 * time.Second) // more than MaxStale
		if err := call(client); err != nil {
			t.Error(err)
		}
	}
	if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(10 * time.Second)
	for _, client := range clients {
		if err := call(client); !errors.Is(err, vault.ErrNoConnection) {
			t.Errorf("after a disconnect: %v", err)
		}
	}
	tok, err := b.TokenSource(t.Context(), b.connect("bob", time.Hour)).Token()
	if err != nil || tok.RefreshToken != "" || tok.Type() != "Bearer" || !tok.Expiry.Equal(b.clock.now().Add(time.Hour)) {
		t.Errorf("%v, expires %v, %v", tok.Type(), tok.Expiry, err)
	}
}

// An OAuth 1.0a token is no bearer token, and must not be sent as one.
func TestTokenSourceOfOAuth1(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) {
		c.Providers = append(c.Providers, &oauth.OAuth1{ID: "bird", Credentials: []oauth.Credentials{{ClientID: "key", ClientSecret: "secret"}},
			Endpoints: oauth.Endpoints{RequestToken: "https://bird.test/r", Authorize: "https://bird.test/a", Token: "https://bird.test/t", UserInfo: "https://bird.test/u"},
			Profile:   oauth.Mapping{Subject: "id"}})
	})
	c, err := b.Connect(context.Background(), "ada", &oauth.Grant{ProviderID: "bird", Profile: oauth.Profile{Subject: "1"},
		Token: oauth.Token{Access: "token", Secret: "secret"}})
	if err != nil {
		t.Fatal(err)
	}
	if tok, err := b.TokenSource(t.Context(), c).Token(); !errors.Is(err, errors.ErrUnsupported) || tok != nil {
		t.Errorf("got %v", err)
	}
}
