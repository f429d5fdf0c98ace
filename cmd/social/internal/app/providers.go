package app

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/gosocial/social/cmd/social/internal/config"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// newProviders makes the configured providers. The error names every one that cannot
// be made.
func newProviders(c *config.Config) ([]oauth.Provider, error) {
	var list []oauth.Provider
	var wrong []error
	for _, id := range c.Order {
		p, err := provider(id, c.Providers[id])
		if err != nil {
			wrong = append(wrong, fmt.Errorf("providers.%s: %w", id, err))
			continue
		}
		list = append(list, p)
	}
	return list, errors.Join(wrong...)
}

func provider(id string, p config.Provider) (oauth.Provider, error) {
	s := settings(id, p)
	if p.Type != "" {
		return providers.Custom(p.Type, s)
	}
	entry, ok := providers.Find(id)
	if !ok {
		return nil, fmt.Errorf("not in the catalog%s, so it needs a type: oidc, oauth2 or oauth1", Suggestion(id))
	}
	return entry.New(s)
}

// Suggestion returns a question after the catalog's ID that is nearest to an unknown
// one, "" when none is near.
func Suggestion(id string) string {
	var ids []string
	for _, e := range providers.All() {
		ids = append(ids, e.ID)
	}
	if near := config.Nearest(id, ids, len(id)/3); near != "" {
		return " (did you mean " + near + "?)"
	}
	return ""
}

// settings returns the settings of a provider for the catalog.
func settings(id string, p config.Provider) providers.Settings {
	s := providers.Settings{
		ID: id, Name: p.Name,
		Scopes: p.Scopes,
		Endpoints: oauth.Endpoints{
			RequestToken: p.Endpoints.RequestToken,
			Authorize:    p.Endpoints.Authorize,
			Token:        p.Endpoints.Token,
			UserInfo:     p.Endpoints.UserInfo,
			Emails:       p.Endpoints.Emails,
			Revoke:       p.Endpoints.Revoke,
			Keys:         p.Endpoints.Keys,
			EndSession:   p.Endpoints.EndSession,
			API:          p.Endpoints.API,
		},
		Issuer: p.Issuer, ResponseMode: p.ResponseMode, TokenAuth: oauth.TokenAuth(p.TokenAuth),
		Tenant: p.Tenant, TeamID: p.TeamID,
		TrustEmail: p.TrustEmail, LogoutAtProvider: p.LogoutAtProvider,
		Profile: oauth.Mapping{
			Subject:       p.Profile.ID,
			DisplayName:   p.Profile.DisplayName,
			FullName:      p.Profile.Name,
			Email:         p.Profile.Email,
			EmailVerified: p.Profile.EmailVerified,
			ProfileURL:    p.Profile.Link,
			ImageURL:      p.Profile.Image,
		},
	}
	for _, c := range p.AllCredentials() {
		s.Credentials = append(s.Credentials, oauth.Credentials(c))
	}
	for _, c := range p.DeadRefresh {
		s.DeadRefresh = append(s.DeadRefresh, oauth.Condition(c))
	}
	for name, value := range p.AuthParams {
		if s.AuthParams == nil {
			s.AuthParams = url.Values{}
		}
		s.AuthParams.Set(name, value)
	}
	return s
}
