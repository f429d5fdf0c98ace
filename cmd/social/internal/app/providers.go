package app

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
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

// settingKeys are the configuration's keys for the library's names of settings.
var settingKeys = strings.NewReplacer(
	"Credentials: PrivateKey", "private_key", "Credentials: ", "", "Credentials ", "credentials ", "PrivateKey", "private_key", "ClientID", "consumer_key", "ClientSecret", "consumer_secret",
	"AuthParams", "auth_params", "field ", "", "the list ", "", "WithoutPKCE needs", "pkce: false needs", "ClockSkew", "clock_skew",
	"AssertionAudience", "assertion_audience", "TokenAuth", "token_auth", "Algorithms", "algorithms", "TrustedAudiences", "trusted_audiences",
	"SubjectClaim", "subject", "Issuer", "issuer", "ErrorCodes", "error_codes", "DeadRefresh", "dead_refresh",
	"Endpoints.RequestToken", "endpoints.request_token", "Endpoints.Authorize", "endpoints.authorize", "Endpoints.Token", "endpoints.token", "Endpoints.Refresh", "endpoints.refresh",
	"Endpoints.UserInfo", "endpoints.userinfo", "Endpoints.Emails", "endpoints.emails", "Endpoints.Revoke", "endpoints.revoke",
	"Endpoints.Keys", "endpoints.keys", "Endpoints.EndSession", "endpoints.end_session", "Endpoints.DeviceAuthorization", "endpoints.device_authorization", "Endpoints.API", "endpoints.api",
	"Profile.Subject", "profile.id", "Profile.DisplayName", "profile.display_name", "Profile.FullName", "profile.name",
	"Profile.EmailVerified", "profile.email_verified", "Profile.Email", "profile.email", "Profile.ProfileURL", "profile.link", "Profile.ImageURL", "profile.image",
)

// nextSteps are what to do about errors that do not say it.
var nextSteps = []struct{ of, do string }{
	{"private_key is not PEM", "file:PATH reads it from a file; in one line, its line ends are written \\n"},
	{"private_key is no private key", "it has to be an unencrypted private key: PKCS #8, PKCS #1 or SEC 1"},
	{"auth_params may not set", "the program sets that parameter itself: remove it"},
	{"names HS256", "remove HS256, or enter the whole secret"},
}

// providerError names the provider and the key that an error is about, as the
// configuration calls them.
func providerError(id, kind string, err error) error {
	text := settingKeys.Replace(err.Error())
	for _, prefix := range []string{"providers: ", "oauth: provider " + strconv.Quote(id) + ": ", id + ": ", "making the client secret: ", cmp.Or(kind, id) + ": "} {
		text = strings.TrimPrefix(text, prefix)
	}
	for _, step := range nextSteps {
		if strings.Contains(text, step.of) {
			text += "; " + step.do
			break
		}
	}
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
