package vault_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/vault"
)

func TestDeviceAuthorize(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var calls []string
	hub := socialtest.Start(t).Provider("hub")
	b := newBench(t, func(c *vault.Config) {
		c.Now = time.Now // as the provider's clock
		c.Providers = []oauth.Provider{&oauth.OAuth2{
			ID: "hub", Credentials: []oauth.Credentials{hub.Register(socialtest.App{})}, Issuer: hub.Issuer(), Endpoints: hub.Endpoints(), Profile: oauth.Mapping{Subject: "id"},
		}}
		c.OnCall = func(_ context.Context, call vault.Call) {
			mu.Lock()
			defer mu.Unlock()
			calls = append(calls, call.Op+" "+call.Outcome)
		}
	})
	d, err := b.DeviceAuthorize(t.Context(), "hub", []string{"email"})
	if err != nil {
		t.Fatal(err)
	}
	if err := socialtest.ConsentDevice(t.Context(), http.DefaultClient, d.VerificationURIComplete, "matt", true); err != nil {
		t.Fatal(err)
	}
	g, err := d.Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := b.Connect(t.Context(), "matt", g)
	if err != nil || !slices.Equal(c.Scopes, []string{"email"}) {
		t.Errorf("got %+v, %v", c, err)
	}
	if _, err := b.DeviceAuthorize(t.Context(), "nowhere", nil); !errors.Is(err, vault.ErrUnknownProvider) {
		t.Errorf("an unknown provider: %v", err)
	}
	hub.ServeWith(socialtest.EndpointDevice, socialtest.Unavailable())
	if _, err := b.DeviceAuthorize(t.Context(), "hub", nil); err == nil {
		t.Error("an endpoint that is out of order gave a code")
	}
	hub.ServeWith(socialtest.EndpointDevice)
	if d, err = b.DeviceAuthorize(t.Context(), "hub", nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	mu.Lock()
	defer mu.Unlock()
	if want := []string{"begin ok", "complete ok", "begin transient", "begin ok"}; !slices.Equal(calls, want) {
		t.Errorf("calls %v, want %v", calls, want)
	}
}

// A provider of a protocol without devices says so.
func TestDeviceAuthorizeUnsupported(t *testing.T) {
	t.Parallel()
	b := newBench(t, withClient(func(c oauth.Client) oauth.Client { return plainClient{c} }))
	_, err := b.DeviceAuthorize(t.Context(), "acme", nil)
	if f, ok := errors.AsType[*oauth.ProviderError](err); !ok || !errors.Is(err, errors.ErrUnsupported) || f.ProviderID != "acme" {
		t.Errorf("got %v", err)
	}
}
