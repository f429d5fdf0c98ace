package integration_test

import (
	"errors"
	"testing"

	"github.com/gosocial/social/integration/counterparty"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/secret"
)

// The certified provider authorizes a device, with pages of its own.
func TestDeviceFlow(t *testing.T) {
	t.Parallel()
	const clientSecret = "a secret: with % and + of thirty-two characters"
	server := counterparty.StartOIDCProvider(t,
		counterparty.Client{ID: "basic", Secret: clientSecret, RedirectURIs: []string{redirectURI}},
		counterparty.Client{ID: "public", RedirectURIs: []string{redirectURI}, TokenAuth: "none"},
	)
	for _, credentials := range []oauth.Credentials{{ClientID: "basic", ClientSecret: secret.Text(clientSecret)}, {ClientID: "public"}} {
		t.Run(credentials.ClientID, func(t *testing.T) {
			t.Parallel()
			client := open(t, providers.OIDC("certified", "Certified", server.Issuer, credentials))
			device := client.(oauth.DeviceAuthorizer)
			begin := func() *oauth.PendingDevice {
				d, err := device.AuthorizeDevice(t.Context(), []string{"openid", "profile", "email", "offline_access"})
				if err != nil {
					t.Fatal(err)
				}
				return d
			}
			d := begin()
			counterparty.NewBrowser(t, map[string]string{"login": "jane"}).AuthorizeDevice(t, d.VerificationURIComplete)
			g, err := device.CompleteDevice(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			if want := jane(); g.Profile.Subject != want.Subject || g.Profile.Email != want.Email || !g.Profile.EmailVerified || g.Token.Refresh == "" {
				t.Errorf("got %+v", g)
			}
			if _, err := client.(oauth.Refresher).Refresh(t.Context(), g.Token); err != nil {
				t.Error(err)
			}
			if _, err := device.CompleteDevice(t.Context(), d); err == nil {
				t.Error("a device code was accepted twice")
			}

			d = begin()
			counterparty.NewBrowser(t, map[string]string{"login": "jane", "answer": "no"}).AuthorizeDevice(t, d.VerificationURIComplete)
			if _, err := device.CompleteDevice(t.Context(), d); !errors.Is(err, oauth.ErrDenied) {
				t.Errorf("refused: %v", err)
			}
		})
	}
}
