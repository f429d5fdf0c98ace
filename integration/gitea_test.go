//go:build soak

package integration_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"testing"

	"github.com/gosocial/social/integration/counterparty"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/oauth/discover"
	"github.com/gosocial/social/secret"
)

// The catalog's Gitea at a Gitea: found by its host, through its pages, and its refusals.
func TestGitea(t *testing.T) {
	t.Parallel()
	server, app := counterparty.StartGitea(t, redirectURI)
	ctx := context.Background()
	finder := &discover.Finder{HTTP: oauth.NewHTTPClient(oauth.HTTPOptions{AllowPrivateAddresses: true})}
	found, err := finder.Host(ctx, server.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	if found.Type != "gitea" || found.Software != "Gitea "+counterparty.GiteaVersion || found.Settings.Parameters["instance"] != server.Issuer {
		t.Fatalf("found %+v", found)
	}
	credentials := oauth.Credentials{ClientID: app.ID, ClientSecret: secret.Text(app.Secret)}
	p := fromCatalog(t, "gitea", credentials, found.Settings.Parameters)
	s := setup{
		client: open(t, p), api: server.Issuer + "/api/v1/user",
		fields: map[string]string{"user_name": counterparty.GiteaUser, "password": counterparty.GiteaPassword},
	}

	// Gitea asks for consent once, so this comes first.
	t.Run("denied", func(t *testing.T) {
		no := s
		no.fields = map[string]string{"user_name": counterparty.GiteaUser, "password": counterparty.GiteaPassword, "granted": "false"}
		pending := begin(t, no)
		answer := counterparty.NewBrowser(t, no.fields).Authorize(t, pending.URL, redirectURI)
		if _, err := no.client.Complete(ctx, pending, answer); !errors.Is(err, oauth.ErrDenied) {
			t.Errorf("got %v, want ErrDenied", err)
		}
	})
	t.Run("a connection", func(t *testing.T) {
		grant := login(t, s)
		want := oauth.Profile{
			Subject: "1", DisplayName: "Nora Quill", FullName: "Nora Quill", Email: "nora@example.com",
			ProfileURL: server.Issuer + "/" + counterparty.GiteaUser,
		}
		got := grant.Profile
		if got.Subject != want.Subject || got.DisplayName != want.DisplayName || got.FullName != want.FullName ||
			got.Email != want.Email || got.EmailVerified || got.ProfileURL != want.ProfileURL || got.ImageURL == "" {
			t.Errorf("the profile is %+v, want %+v", got, want)
		}
		if grant.Token.Expiry.IsZero() {
			t.Error("the token does not expire")
		}
		callAPI(t, s, grant.Token, http.StatusOK)

		refresher := s.client.(oauth.Refresher)
		fresh, err := refresher.Refresh(ctx, grant.Token)
		if err != nil {
			t.Fatal(err)
		}
		if fresh.Refresh == "" || fresh.Refresh == grant.Token.Refresh {
			t.Error("the refresh token was not rotated")
		}
		callAPI(t, s, *fresh, http.StatusOK)
		_, err = refresher.Refresh(ctx, grant.Token)
		wantKind(t, err, oauth.Rejected)
		if _, err = refresher.Refresh(ctx, *fresh); err != nil {
			t.Errorf("the use of a superseded refresh token ended the next one: %v", err)
		}
	})
	t.Run("a code serves once, for its verifier", func(t *testing.T) {
		login(t, s) // with its first consent, Gitea 1.25 forgets the challenge of S256
		pending := begin(t, s)
		answer := counterparty.NewBrowser(t, s.fields).Authorize(t, pending.URL, redirectURI)
		another := *pending
		another.Verifier = begin(t, s).Verifier
		if _, err := s.client.Complete(ctx, &another, answer); err == nil {
			t.Error("a code was accepted with another flow's verifier")
		}
		if _, err := s.client.Complete(ctx, pending, answer); err != nil {
			t.Fatal(err)
		}
		if _, err := s.client.Complete(ctx, pending, answer); err == nil {
			t.Error("a code was accepted twice")
		}
	})
	t.Run("a wrong secret", func(t *testing.T) {
		credentials := oauth.Credentials{ClientID: app.ID, ClientSecret: "wrong"}
		wrong := s
		wrong.client = open(t, fromCatalog(t, "gitea", credentials, found.Settings.Parameters))
		pending := begin(t, wrong)
		answer := counterparty.NewBrowser(t, wrong.fields).Authorize(t, pending.URL, redirectURI)
		_, err := wrong.client.Complete(ctx, pending, answer)
		wantKind(t, err, oauth.Operator)
		var refused *oauth.ProviderError
		if !errors.As(err, &refused) || refused.Mistake != oauth.WrongClient {
			t.Errorf("got %v, want the mistake %s", err, oauth.WrongClient)
		}
		token := login(t, s).Token
		_, err = wrong.client.(oauth.Refresher).Refresh(ctx, token)
		wantKind(t, err, oauth.Operator)
		if _, err := s.client.(oauth.Refresher).Refresh(ctx, token); err != nil {
			t.Errorf("the refresh with a wrong secret ended the token: %v", err)
		}
	})
	t.Run("a redirect URI that is not registered", func(t *testing.T) {
		pending, err := s.client.Begin(ctx, oauth.Request{State: rand.Text(), RedirectURI: redirectURI + "/other"})
		if err != nil {
			t.Fatal(err)
		}
		page := counterparty.NewBrowser(t, s.fields).Refused(t, pending.URL)
		if got := p.(*oauth.OAuth2).Mistakes.OfPage(page.Address, page.Status, page.Text); got != oauth.RedirectNotRegistered {
			t.Errorf("the mistake is %q on %v", got, page)
		}
	})
}
