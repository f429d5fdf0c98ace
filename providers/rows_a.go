package providers

import (
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsA() []row {
	return []row{{
		group: Work, about: "Airtable, OAuth 2.0. It gives the address alone, not a name. Refresh tokens serve once and live sixty days.",
		provider: &oauth.OAuth2{
			ID: "airtable", Name: "Airtable", Endpoints: oauth.Endpoints{
				Authorize: "https://airtable.com/oauth2/v1/authorize", Token: "https://airtable.com/oauth2/v1/token", UserInfo: "https://api.airtable.com/v0/meta/whoami", API: "https://api.airtable.com/v0",
			},
			Scopes: []string{"user.email:read"}, ScopeTexts: map[string]string{"user.email:read": seeEmail},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "email|id", Email: "email"},
			RegisterURL: "https://airtable.com/create/oauth",
		},
	}, {
		group: Money, about: "Login with Amazon, OAuth 2.0. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "amazon", Name: "Amazon", Endpoints: oauth.Endpoints{
				Authorize: "https://www.amazon.com/ap/oa", Token: "https://api.amazon.com/auth/o2/token", UserInfo: "https://api.amazon.com/user/profile", API: "https://api.amazon.com",
			},
			Scopes: []string{"profile"}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "user_id", DisplayName: "name|email", FullName: "name", Email: "email"},
			RegisterURL: "https://developer.amazon.com/loginwithamazon/console/site/lwa/overview.html",
		},
	}, {provider: Apple(""), make: newApple, group: Social, about: "Sign in with Apple, OpenID Connect. Apple sends the name with the " +
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
