package doctor

import (
	"context"
	"fmt"

	"github.com/gosocial/social/oauth"
)

// logins tries each of the provider's credentials. New log-ins use the first: for
// the others the redirect URIs do not matter.
func (p *patient) logins(ctx context.Context, provider oauth.Provider) {
	uris := p.social.RedirectURIs(p.Description)
	list := credentialsOf(provider)
	if len(list) < 2 {
		client, err := p.social.Vault().Provider(ctx, p.ID)
		for _, uri := range uris {
			if err == nil {
				p.login(ctx, client, uri, true)
			}
		}
		return
	}
	for i, one := range list {
		client, err := withCredentials(provider, one).Open(oauth.Env{HTTP: p.http})
		if err != nil {
			continue // New would have failed
		}
		p.about = fmt.Sprintf("credentials %d (client %s): ", i+1, one.ClientID)
		for _, uri := range uris {
			if p.login(ctx, client, uri, i == 0); i > 0 {
				break
			}
		}
	}
	p.about = ""
}

// credentialsOf returns the provider's list, nil where its protocol is not one of
// package oauth.
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

// withCredentials returns the provider with one of its credentials alone.
func withCredentials(p oauth.Provider, one oauth.Credentials) oauth.Provider {
	list := []oauth.Credentials{one}
	switch p := p.(type) {
	case *oauth.OAuth1:
		alone := *p
		alone.Credentials = list
		return &alone
	case *oauth.OAuth2:
		alone := *p
		alone.Credentials = list
		return &alone
	case *oauth.OIDC:
		alone := *p
		alone.Credentials = list
		return &alone
	}
	return p
}
