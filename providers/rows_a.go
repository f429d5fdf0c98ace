package providers

import (
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsA() []row {
	return []row{{
		group: Work, about: "Acuity Scheduling, OAuth 2.0. Its tokens do not expire. It gives the account's owner, and does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "acuityscheduling", Name: "Acuity Scheduling", Endpoints: oauth.Endpoints{
				Authorize: "https://acuityscheduling.com/oauth2/authorize", Token: "https://acuityscheduling.com/oauth2/token",
				UserInfo: "https://acuityscheduling.com/api/v1/me", API: "https://acuityscheduling.com/api/v1",
			},
			Scopes: []string{"api-v1"}, ScopeTexts: map[string]string{"api-v1": changeThere}, TokenAuth: oauth.AuthPost, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "name|email", FullName: "name", Email: "email", ProfileURL: "schedulingPage"},
			RegisterURL: "https://acuityscheduling.com/oauth2/register",
		},
	}, {
		group: Identity, about: "AD FS, OpenID Connect, on a server of your own, version 2016 or later. Its user info has the subject alone: what the ID token holds is set in the application group's claim rules.",
		parameters: []Parameter{instance("https://adfs.example.org")},
		provider: &oauth.OIDC{UserInfo: oauth.UserInfoNever, OAuth2: oauth.OAuth2{
			ID: "adfs", Name: "AD FS", Issuer: "{instance}/adfs", Scopes: openIDScopes(), TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|given_name family_name|unique_name|upn", FullName: "name|given_name family_name", Email: "email"},
			RegisterURL: "https://learn.microsoft.com/windows-server/identity/ad-fs/development/ad-fs-openid-connect-oauth-concepts",
		}},
	}, {
		group: Media, about: "Adobe, OpenID Connect spoken as OAuth 2.0: its ID tokens are not documented to carry the nonce, and its user info holds the same claims.",
		provider: &oauth.OAuth2{
			ID: "adobe", Name: "Adobe", Endpoints: oauth.Endpoints{
				Authorize: "https://ims-na1.adobelogin.com/ims/authorize/v2", Token: "https://ims-na1.adobelogin.com/ims/token/v3", Revoke: "https://ims-na1.adobelogin.com/ims/revoke",
				UserInfo: "https://ims-na1.adobelogin.com/ims/userinfo/v2",
			},
			Scopes: []string{"openid", "email", "profile", "offline_access"}, UnnamedScopes: []string{"openid", "offline_access"}, ScopeSeparator: ",", APIHosts: []string{".adobe.io"},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|given_name family_name|email", FullName: "name|given_name family_name", Email: "email", EmailVerified: "email_verified=true"},
			RegisterURL: "https://developer.adobe.com/console",
		},
	}, {
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
			RegisterURL: "https://developer.amazon.com/loginwithamazon/console/site/lwa/overview.html", Mistakes: amazonMistakes(),
		},
	}, {provider: Apple(""), make: newApple, group: Social, about: "Sign in with Apple, OpenID Connect. Apple sends the name with the " +
		"callback, by the browser, and only the first time; it posts the callback from its own site. The address may be " +
		"one that Apple relays (privaterelay)."}, {
		group: Code, about: "ArcGIS, OAuth 2.0, of ArcGIS Online or a portal of your own. It has no scopes.",
		parameters: []Parameter{{Name: "instance", Kind: BaseAddress, Default: "https://www.arcgis.com", Example: "https://gis.example.org/portal", Help: "the portal's address"}},
		provider: &oauth.OAuth2{
			ID: "arcgis", Name: "ArcGIS", Endpoints: oauth.Endpoints{
				Authorize: "{instance}/sharing/rest/oauth2/authorize", Token: "{instance}/sharing/rest/oauth2/token",
				UserInfo: "{instance}/sharing/rest/community/self", API: "{instance}/sharing/rest",
			},
			TokenAuth: oauth.AuthPost, UserInfoParams: url.Values{"f": {"json"}}, Refused: []oauth.Condition{"error.code!=0"}, ErrorCodes: map[string]string{"498": "invalid_token"},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "fullName|username", FullName: "fullName", Email: "email", EmailVerified: "emailStatus=verified"},
			RegisterURL: "https://location.arcgis.com/credentials",
		},
	}, {
		group: Work, about: "Asana, OAuth 2.0. Applications that are registered with full permissions use the scope default.",
		provider: &oauth.OAuth2{
			ID: "asana", Name: "Asana", Endpoints: oauth.Endpoints{
				Authorize: "https://app.asana.com/-/oauth_authorize", Token: "https://app.asana.com/-/oauth_token", Revoke: "https://app.asana.com/-/oauth_revoke",
				UserInfo: "https://app.asana.com/api/1.0/users/me", API: "https://app.asana.com/api/1.0",
			},
			Scopes: []string{"users:read"}, ScopeTexts: map[string]string{"users:read": seeProfile, "default": changeThere}, TokenAuth: oauth.AuthPost, Revocation: oauth.Revocation{Only: "refresh_token"},
			Profile:     oauth.Mapping{Subject: "data.gid", DisplayName: "data.name|data.email", FullName: "data.name", Email: "data.email", ImageURL: "data.photo.image_128x128"},
			RegisterURL: "https://app.asana.com/0/my-apps",
		},
	}, {
		group: Identity, revokes: true, about: "Asgardeo, OpenID Connect, of your organization.",
		parameters: []Parameter{{Name: "organization", Kind: Segment, Example: "acme", Help: "the organization's name, as in its addresses"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "asgardeo", Name: "Asgardeo", Issuer: "https://api.asgardeo.io/t/{organization}/oauth2/token",
			Scopes: openIDScopes(), RegisterURL: "https://console.asgardeo.io/",
		}},
	}, {
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
		group: Identity, revokes: true, about: "Auth0, OpenID Connect, of your tenant. A refresh token comes with the scope offline_access.",
		parameters: []Parameter{{Name: "domain", Kind: HostName, Example: "acme.eu.auth0.com", Help: "your tenant's domain, or your own"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "auth0", Name: "Auth0", Issuer: "https://{domain}/",
			Scopes: openIDScopes(), TokenAuth: oauth.AuthPost, RegisterURL: "https://manage.auth0.com/", Mistakes: serverMistakes(),
		}},
	}, {
		group: Identity, revokes: true, about: "Authelia, OpenID Connect, on a server of your own. A refresh token comes with the scope offline_access.",
		parameters: []Parameter{instance("https://auth.example.org")},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "authelia", Name: "Authelia", Issuer: "{instance}",
			Scopes: openIDScopes(), RegisterURL: "https://www.authelia.com/configuration/identity-providers/openid-connect/clients/", Mistakes: serverMistakes(),
		}},
	}, {
		group: Identity, revokes: true, about: "authentik, OpenID Connect, on a server of your own. A refresh token comes with the scope offline_access.",
		parameters: []Parameter{
			instance("https://auth.example.org"),
			{Name: "app", Kind: Segment, Example: "notes", Help: "the application's slug"},
		},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "authentik", Name: "authentik", Issuer: "{instance}/application/o/{app}/",
			Scopes: openIDScopes(), RegisterURL: "{instance}/if/admin/", Mistakes: serverMistakes(),
		}},
	}, {
		group: Code, about: "Autodesk Platform Services, OpenID Connect spoken as OAuth 2.0, with a scope of its own for the profile. Refresh tokens serve once and live fifteen days.",
		provider: &oauth.OAuth2{
			ID: "autodesk", Name: "Autodesk", Endpoints: oauth.Endpoints{
				Authorize: "https://developer.api.autodesk.com/authentication/v2/authorize", Token: "https://developer.api.autodesk.com/authentication/v2/token",
				Revoke: "https://developer.api.autodesk.com/authentication/v2/revoke", UserInfo: "https://api.userprofile.autodesk.com/userinfo", API: "https://developer.api.autodesk.com",
			},
			Scopes: []string{"openid", "user-profile:read"}, UnnamedScopes: []string{"openid"}, ScopeTexts: map[string]string{"user-profile:read": seeProfile},
			Profile: oauth.Mapping{
				Subject: "sub", DisplayName: "name|given_name family_name|preferred_username", FullName: "name|given_name family_name",
				Email: "email", EmailVerified: "email_verified", ProfileURL: "profile", ImageURL: "picture",
			},
			RegisterURL: "https://aps.autodesk.com/myapps/",
		},
	}, {
		group: Work, about: "AWeber, OAuth 2.0. It gives the account of a company, and no e-mail address. It refuses PKCE from applications that have a secret.",
		provider: &oauth.OAuth2{
			ID: "aweber", Name: "AWeber", Endpoints: oauth.Endpoints{
				Authorize: "https://auth.aweber.com/oauth2/authorize", Token: "https://auth.aweber.com/oauth2/token", Revoke: "https://auth.aweber.com/oauth2/revoke",
				UserInfo: "https://api.aweber.com/1.0/accounts", API: "https://api.aweber.com/1.0",
			},
			Scopes: []string{"account.read"}, ScopeTexts: map[string]string{"account.read": seeProfile}, WithoutPKCE: true,
			Profile:     oauth.Mapping{Subject: "entries.0.id", DisplayName: "entries.0.company|entries.0.id"},
			RegisterURL: "https://labs.aweber.com/apps",
		},
	}, {
		group: Identity, about: "Azure AD B2C, OpenID Connect, of one user flow; it is closed to new customers. Tokens for an API come with one of its scopes alone, and addresses where the user flow returns them.",
		parameters: []Parameter{
			{Name: "tenant", Kind: Label, Example: "acme", Help: "the tenant's name before .onmicrosoft.com"},
			{Name: "tenant_id", Kind: Segment, Example: "775527ff-9a37-4307-8b3d-cc311f58d925", Help: "the tenant's ID"},
			{Name: "policy", Kind: Segment, Example: "B2C_1_signin", Help: "the user flow's name"},
		},
		provider: &oauth.OIDC{
			UserInfo: oauth.UserInfoNever, DiscoveryURL: "https://{tenant}.b2clogin.com/{tenant}.onmicrosoft.com/{policy}/v2.0/.well-known/openid-configuration",
			OAuth2: oauth.OAuth2{
				ID: "azureadb2c", Name: "Azure AD B2C", Issuer: "https://{tenant}.b2clogin.com/{tenant_id}/v2.0/", Scopes: []string{"openid"}, TokenAuth: oauth.AuthPost,
				Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|given_name family_name|emails.0", FullName: "name|given_name family_name", Email: "emails.0|email"},
				RegisterURL: "https://portal.azure.com/",
			}},
	}}
}
