package social

import (
	"context"
	"fmt"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A provider is one that a request names, opened.
type provider struct {
	oauth.Description
	client oauth.Client
}

// open returns a provider of the context's tenant, or vault.ErrUnknownProvider.
func (s *Social) open(ctx context.Context, id string) (provider, error) {
	// The source is asked for what can be an ID, and for nothing else.
	if !vault.ValidProviderID(id) {
		return provider{}, fmt.Errorf("%w: %q", vault.ErrUnknownProvider, id)
	}
	client, err := s.vault.Provider(ctx, id)
	if err != nil {
		return provider{}, err
	}
	return provider{client.Description(), client}, nil
}

// goneProvider returns a provider that is not configured any more: an ID without a client.
func goneProvider(id string) provider {
	return provider{Description: oauth.Description{ID: id, Name: id, Mark: id}}
}

// redirectURI returns the address that the provider sends browsers to, in the context's tenant.
func (s *Social) redirectURI(ctx context.Context, p *oauth.Description, i intent) string {
	path := "/callback/"
	// A legacy path takes no answer that is posted: a POST begins a flow there.
	if s.cfg.LegacyCallbacks && !p.FormPost {
		path = "/connect/"
		if i == intentLogin {
			path = "/login/"
		}
	}
	return tenant.Base(ctx, s.cfg.AppURL) + s.cfg.URLPrefix + path + p.ID
}

// Provider describes a provider of the context's tenant. Without one it returns
// vault.ErrUnknownProvider.
func (s *Social) Provider(ctx context.Context, id string) (oauth.Description, error) {
	p, err := s.open(ctx, id)
	if err != nil {
		return oauth.Description{}, err
	}
	return p.Description, nil
}

// RedirectURIs returns what to register as redirect URIs at a provider, for a tenant that has
// no address of its own.
func (s *Social) RedirectURIs(p oauth.Description) []string {
	return s.redirectURIs(context.Background(), &p)
}

func (s *Social) redirectURIs(ctx context.Context, p *oauth.Description) []string {
	login, connect := s.redirectURI(ctx, p, intentLogin), s.redirectURI(ctx, p, intentConnect)
	if login == connect {
		return []string{login}
	}
	return []string{login, connect}
}
