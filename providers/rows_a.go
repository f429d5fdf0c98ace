package providers

import (
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsA() []row {
	return []row{{provider: Apple(""), make: newApple, group: Social, about: "Sign in with Apple, OpenID Connect. Apple sends the name with the " +
		"callback, by the browser, and only the first time; it posts the callback from its own site. The address may be " +
		"one that Apple relays (privaterelay)."}, {
		group: Work, about: "Atlassian, OAuth 2.0 (3LO), for Jira and Confluence Cloud. Which sites a token is for says https://api.atlassian.com/oauth/token/accessible-resources. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "atlassian", Name: "Atlassian", Endpoints: oauth.Endpoints{
				Authorize: "https://auth.atlassian.com/authorize", Token: "https://auth.atlassian.com/oauth/token",
				UserInfo: "https://api.atlassian.com/me", API: "https://api.atlassian.com",
			},
			Scopes: []string{"read:me", "offline_access"}, ScopeTexts: map[string]string{"read:me": seeProfile}, UnnamedScopes: []string{"offline_access"},
			TokenAuth: oauth.AuthPost, AuthParams: url.Values{"audience": {"api.atlassian.com"}, "prompt": {"consent"}}, DeadRefresh: []oauth.Condition{deadAtlassian},
			Profile:     oauth.Mapping{Subject: "account_id", DisplayName: "name|nickname", FullName: "name", Email: "email", EmailVerified: "email_verified", ImageURL: "picture"},
			RegisterURL: "https://developer.atlassian.com/console/myapps/",
		},
	}, {
		group: Identity, about: "Auth0, OpenID Connect, of your tenant. A refresh token comes with the scope offline_access.",
		parameters: []Parameter{{Name: "domain", Kind: HostName, Example: "acme.eu.auth0.com", Help: "your tenant's domain, or your own"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "auth0", Name: "Auth0", Issuer: "https://{domain}/",
			Scopes: openIDScopes(), TokenAuth: oauth.AuthPost, RegisterURL: "https://manage.auth0.com/",
		}},
	}, {
		group: Identity, about: "authentik, OpenID Connect, on a server of your own.",
		parameters: []Parameter{
			instance("https://auth.example.org"),
			{Name: "app", Kind: Segment, Example: "notes", Help: "the application's slug"},
		},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "authentik", Name: "authentik", Issuer: "{instance}/application/o/{app}/",
			Scopes: openIDScopes(), RegisterURL: "{instance}/if/admin/",
		}},
	}}
}
