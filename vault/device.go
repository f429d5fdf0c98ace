package vault

import (
	"context"
	"errors"
	"time"

	"github.com/gosocial/social/oauth"
)

// A Device is a program without a browser that waits for its user's consent, which the user
// gives in any browser (RFC 8628): show them VerificationURI and UserCode, and Wait.
type Device struct {
	oauth.PendingDevice

	vault      *Vault
	providerID string
	client     oauth.DeviceAuthorizer
}

// DeviceAuthorize asks a provider of the context's tenant for a device code. Nil scopes are
// the provider's default ones. Errors: ErrUnknownProvider; errors.ErrUnsupported where the
// provider has no device authorization endpoint; a *oauth.ProviderError.
func (v *Vault) DeviceAuthorize(ctx context.Context, providerID string, scopes []string) (*Device, error) {
	p, err := v.Provider(ctx, providerID)
	if err != nil {
		return nil, err
	}
	client, ok := p.(oauth.DeviceAuthorizer)
	if !ok {
		return nil, &oauth.ProviderError{Kind: oauth.Operator, ProviderID: providerID, Op: "device authorization", Err: errors.ErrUnsupported}
	}
	began := time.Now()
	pending, err := client.AuthorizeDevice(ctx, scopes)
	v.called(ctx, providerID, "begin", began, err)
	if err != nil {
		return nil, err
	}
	return &Device{PendingDevice: *pending, vault: v, providerID: providerID, client: client}, nil
}

// Wait asks for the token at the pace that the provider wants. It returns when the user has
// answered, the code has expired or ctx ends; a grant becomes a connection by Connect.
// Errors: oauth.ErrDenied, oauth.ErrDeviceExpired, ctx's, and a *oauth.ProviderError.
func (d *Device) Wait(ctx context.Context) (*oauth.Grant, error) {
	began := time.Now()
	g, err := d.client.CompleteDevice(ctx, &d.PendingDevice)
	if !errors.Is(err, oauth.ErrDeviceExpired) && ctx.Err() == nil {
		d.vault.called(ctx, d.providerID, "complete", began, err)
	}
	return g, err
}
