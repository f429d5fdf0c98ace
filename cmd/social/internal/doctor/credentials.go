package doctor

import (
	"context"
	"fmt"

	"github.com/gosocial/social/oauth"
)

// logins tries each of the provider's credentials. New log-ins use the first, so the
// others are tried with one redirect URI.
func (p *providerCheck) logins(ctx context.Context, provider oauth.Provider) {
	uris := p.social.RedirectURIs(p.Description)
	list := credentialsOf(provider)
	if len(list) < 2 {
		list = append(list, oauth.Credentials{})[:1]
	}
	for i, credentials := range list {
		if len(list) > 1 {
			provider = withCredentials(provider, credentials)
			p.about = fmt.Sprintf("credentials %d (client %s): ", i+1, credentials.ClientID)
		}
		a, err := p.attempt(provider)
		if err != nil {
			continue // New would have failed
		}
		for _, uri := range uris {
			if p.login(ctx, a, uri, i == 0); i > 0 {
				break
			}
		}
	}
	p.about = ""
}

// credentialsOf returns the provider's credentials, nil for a protocol that package
// oauth does not have.
func credentialsOf(p oauth.Provider) []oauth.Credentials {
	switch p := p.(type) {
	case *oauth.OAuth1:
		return p.Credentials
	case *oauth.OAuth2:
		return p.Credentials
	case *oauth.OIDC:
		return p.Credentials
	}
	return nil
}

// withCredentials returns the provider with only one of its credentials.
func withCredentials(p oauth.Provider, credentials oauth.Credentials) oauth.Provider {
	list := []oauth.Credentials{credentials}
	switch p := p.(type) {
	case *oauth.OAuth1:
		single := *p
		single.Credentials = list
		return &single
	case *oauth.OAuth2:
		single := *p
		single.Credentials = list
		return &single
	case *oauth.OIDC:
		single := *p
		single.Credentials = list
		return &single
	}
	return p
}
