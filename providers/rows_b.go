package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsB() []row {
	return []row{{
		group: Social, about: "Baidu, OAuth 2.0. It gives no e-mail address. Older applications get uid and no openid: for them set the subject of the profile to uid.",
		provider: &oauth.OAuth2{
			ID: "baidu", Name: "Baidu", Endpoints: oauth.Endpoints{
				Authorize: "https://openapi.baidu.com/oauth/2.0/authorize", Token: "https://openapi.baidu.com/oauth/2.0/token",
				UserInfo: "https://openapi.baidu.com/rest/2.0/passport/users/getLoggedInUser", API: "https://openapi.baidu.com/rest/2.0",
			},
			Scopes: []string{"basic"}, ScopeTexts: map[string]string{"basic": seeNameFace}, TokenAuth: oauth.AuthPost, Use: oauth.TokenUse{Query: "access_token"},
			Refused: []oauth.Condition{"error_code!=0"}, ErrorCodes: map[string]string{"110": "invalid_token", "111": "invalid_token"},
			Profile:     oauth.Mapping{Subject: "openid", DisplayName: "uname|username|openid", ImageURL: "https://himg.bdimg.com/sys/portrait/item/{portrait}"},
			RegisterURL: "https://developer.baidu.com/console",
		},
	}, {
		group: Public, about: "BankID of Norway, OpenID Connect. It gives no e-mail address. For its test system set the issuer to https://auth.current.bankid.no/auth/realms/current.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "bankidno", Name: "BankID Norge", Issuer: "https://auth.bankid.no/auth/realms/prod", Scopes: []string{"openid", "profile"}, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|given_name family_name", FullName: "name|given_name family_name"},
			RegisterURL: "https://developer.bankid.no/",
		}},
	}, {
		group: Work, about: "Basecamp, OAuth 2.0. 37signals does not verify e-mail addresses, advises against log-in for that, and refuses API requests that do not name the application.",
		parameters: []Parameter{{Name: "user_agent", Kind: Line, Example: "Notes (nora@example.org)", Help: "what names your application to Basecamp, with a way to reach you"}},
		provider: &oauth.OAuth2{
			ID: "basecamp", Name: "Basecamp", Endpoints: oauth.Endpoints{
				Authorize: "https://launchpad.37signals.com/authorization/new", Token: "https://launchpad.37signals.com/authorization/token",
				UserInfo: "https://launchpad.37signals.com/authorization.json", API: "https://3.basecampapi.com",
			},
			TokenAuth: oauth.AuthPost, UserAgent: "{user_agent}",
			Profile:     oauth.Mapping{Subject: "identity.id", DisplayName: "identity.first_name identity.last_name|identity.email_address", FullName: "identity.first_name identity.last_name", Email: "identity.email_address"},
			RegisterURL: "https://launchpad.37signals.com/integrations",
		},
	}, {
		group: Media, about: "Battle.net, OAuth 2.0. It gives no e-mail address and no refresh token.",
		provider: &oauth.OAuth2{
			ID: "battlenet", Name: "Battle.net", Endpoints: oauth.Endpoints{
				Authorize: "https://oauth.battle.net/authorize", Token: "https://oauth.battle.net/token", UserInfo: "https://oauth.battle.net/userinfo",
			},
			Scopes: []string{"openid"}, UnnamedScopes: []string{"openid"}, NoRefresh: true, APIHosts: []string{".api.blizzard.com"},
			Profile:     oauth.Mapping{Subject: "id|sub", DisplayName: "battletag|battle_tag"},
			RegisterURL: "https://community.developer.battle.net/access/clients",
		},
	}, {
		group: Work, revokes: true, about: "bexio, OpenID Connect. A refresh token comes with the scope offline_access.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "bexio", Name: "bexio", Issuer: "https://auth.bexio.com/realms/bexio", Endpoints: oauth.Endpoints{API: "https://api.bexio.com"},
			Scopes: openIDScopes(), RegisterURL: "https://developer.bexio.com/",
		}},
	}, {
		group: Code, about: "Bitbucket Cloud, OAuth 2.0. The e-mail address takes a second call. Access tokens live two hours.",
		provider: &oauth.OAuth2{
			ID: "bitbucket", Name: "Bitbucket", Endpoints: oauth.Endpoints{
				Authorize: "https://bitbucket.org/site/oauth2/authorize", Token: "https://bitbucket.org/site/oauth2/access_token",
				UserInfo: "https://api.bitbucket.org/2.0/user", Emails: "https://api.bitbucket.org/2.0/user/emails", API: "https://api.bitbucket.org/2.0",
			},
			Scopes: []string{"account", "email"}, ScopeTexts: map[string]string{"account": seeProfile}, Further: []oauth.FurtherCall{{Name: "emails", Optional: true}},
			Profile: oauth.Mapping{
				Subject: "uuid", DisplayName: "display_name|username", FullName: "display_name", ProfileURL: "links.html.href", ImageURL: "links.avatar.href",
				Email: "emails.values[is_primary=true].email", EmailVerified: "emails.values[is_primary=true].is_confirmed",
			},
			RegisterURL: "https://bitbucket.org/account/workspaces/",
		},
	}, {
		group: Public, about: "Blackboard Learn, OAuth 2.0, of your institution's server. A refresh token comes with the scope offline.",
		parameters: []Parameter{instance("https://learn.example.edu")},
		provider: &oauth.OAuth2{
			ID: "blackboard", Name: "Blackboard Learn", Endpoints: oauth.Endpoints{
				Authorize: "{instance}/learn/api/public/v1/oauth2/authorizationcode", Token: "{instance}/learn/api/public/v1/oauth2/token",
				UserInfo: "{instance}/learn/api/public/v1/users/me", API: "{instance}/learn/api/public",
			},
			Scopes: []string{"read"}, ScopeTexts: map[string]string{"read": seeThere, "offline": stayWhenAway},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "name.given name.family|userName", FullName: "name.given name.family", Email: "contact.email"},
			RegisterURL: "https://developer.blackboard.com/portal/applications",
		},
	}, {
		group: Work, about: "Box, OAuth 2.0. What it allows is chosen where the application is registered. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "box", Name: "Box", Endpoints: oauth.Endpoints{
				Authorize: "https://account.box.com/api/oauth2/authorize", Token: "https://api.box.com/oauth2/token", Revoke: "https://api.box.com/oauth2/revoke",
				UserInfo: "https://api.box.com/2.0/users/me", API: "https://api.box.com/2.0",
			},
			TokenAuth: oauth.AuthPost, APIHosts: []string{"upload.box.com"},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "name|login", FullName: "name", Email: "login", ImageURL: "avatar_url"},
			RegisterURL: "https://app.box.com/developers/console",
		},
	}, {
		group: Work, about: "Buffer, OAuth 2.0. The profile comes by GraphQL. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "buffer", Name: "Buffer", Endpoints: oauth.Endpoints{
				Authorize: "https://auth.buffer.com/auth", Token: "https://auth.buffer.com/token", UserInfo: "https://api.buffer.com", API: "https://api.buffer.com",
			},
			Scopes: []string{"account:read", "offline_access"}, ScopeTexts: map[string]string{"account:read": seeProfile}, UnnamedScopes: []string{"offline_access"},
			TokenAuth: oauth.AuthPost, AuthParams: url.Values{"prompt": {"consent"}}, UserInfoBy: oauth.UserInfoByPost, UserInfoBody: `{"query":"{account{id email name avatar}}"}`,
			Profile:     oauth.Mapping{Subject: "data.account.id", DisplayName: "data.account.name|data.account.email", FullName: "data.account.name", Email: "data.account.email", ImageURL: "data.account.avatar"},
			RegisterURL: "https://publish.buffer.com/settings/api",
		},
	}, {
		group: Media, about: "Bungie.net, OAuth 2.0. It has no scopes, gives no e-mail address, and wants the application's API key with each request, which is not the client ID.",
		parameters: []Parameter{{Name: "api_key", Kind: Line, Example: "0123456789abcdef0123456789abcdef", Help: "the application's API key"}},
		provider: &oauth.OAuth2{
			ID: "bungie", Name: "Bungie.net", Endpoints: oauth.Endpoints{
				Authorize: "https://www.bungie.net/en/OAuth/Authorize", Token: "https://www.bungie.net/platform/app/oauth/token/",
				UserInfo: "https://www.bungie.net/Platform/User/GetMembershipsForCurrentUser/", API: "https://www.bungie.net/Platform",
			},
			TokenHeader: http.Header{"X-API-Key": {"{api_key}"}}, APIHeader: http.Header{"X-API-Key": {"{api_key}"}}, Refused: []oauth.Condition{"ErrorCode!=1"},
			Profile: oauth.Mapping{
				Subject: "Response.bungieNetUser.membershipId", DisplayName: "Response.bungieNetUser.displayName|Response.bungieNetUser.uniqueName",
				ImageURL: "https://www.bungie.net{Response.bungieNetUser.profilePicturePath}",
			},
			RegisterURL: "https://www.bungie.net/en/Application",
		},
	}}
}
