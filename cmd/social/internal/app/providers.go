package app

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gosocial/social/cmd/social/internal/config"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// newProviders makes the configured providers, and opens each once, which makes no
// request: what is wrong with them is an error now and not at the first log-in. The error
// names every one.
func newProviders(c *config.Config) ([]oauth.Provider, error) {
	var list []oauth.Provider
	var wrong []error
	for _, id := range c.Order {
		p, err := provider(id, c.Providers[id])
		if err == nil {
			_, err = p.Open(oauth.Env{})
		}
		if err != nil {
			wrong = append(wrong, providerError(id, c.Providers[id].Type, err))
			continue
		}
		list = append(list, p)
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("configuration: %w", errors.Join(wrong...))
	}
	return list, nil
}

func provider(id string, p config.Provider) (oauth.Provider, error) {
	s := settings(id, p)
	switch entry, known := providers.Find(cmp.Or(p.Type, id)); {
	case known:
		return entry.New(s)
	case p.Type == "":
		return nil, fmt.Errorf("not in the catalog%s, so it needs a type: oidc, oauth2 or oauth1, or the ID of an entry of the catalog", Suggestion(id))
	case slices.Contains([]string{"oidc", "oauth2", "oauth1"}, p.Type):
		return providers.Custom(p.Type, s)
	}
	return nil, fmt.Errorf("type must be oidc, oauth2 or oauth1, or the ID of an entry of the catalog, not %q%s", p.Type, Suggestion(p.Type))
}

// Catalog implements config.Catalog.
func Catalog(id string) (parameters []string, known bool) {
	e, known := providers.Find(id)
	for _, p := range e.Parameters {
		parameters = append(parameters, p.Name)
	}
	return parameters, known
}

// providerError names the provider and the key that an error is about, as the
// configuration calls them.
func providerError(id, kind string, err error) error {
	text := providers.Explain(id, kind, err)
	separator := ": "
	parameters, _ := Catalog(cmp.Or(kind, id))
	word, _, _ := strings.Cut(text, " ")
	word = strings.TrimSuffix(word, ":")
	if config.IsProviderKey(word) || slices.Contains(parameters, word) {
		separator = "."
	}
	return errors.New("providers." + id + separator + text)
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
			Refresh:      p.Endpoints.Refresh,
			UserInfo:     p.Endpoints.UserInfo,
			Emails:       p.Endpoints.Emails,
			Revoke:       p.Endpoints.Revoke,
			Keys:         p.Endpoints.Keys,
			EndSession:   p.Endpoints.EndSession,

			DeviceAuthorization: p.Endpoints.Device,
			API:                 p.Endpoints.API,
		},
		Issuer: p.Issuer, ResponseMode: p.ResponseMode, TokenAuth: oauth.TokenAuth(p.TokenAuth),
		AssertionAudience: oauth.AssertionAudience(p.AssertionAudience), PKCE: p.PKCE, ProfileFrom: p.ProfileFrom,
		Algorithms: p.Algorithms, TrustedAudiences: p.TrustedAudiences, SubjectClaim: p.Subject,
		ClockSkew: p.ClockSkew, LogoutWithoutExp: p.LogoutWithoutExp,
		Parameters: p.Parameters, Tenant: p.Tenant, TeamID: p.TeamID,
		TrustEmail: p.TrustEmail, LogoutAtProvider: p.LogoutAtProvider, Resource: p.Resource,
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
