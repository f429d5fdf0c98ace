package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsP() []row {
	return []row{{
		group: Work, about: "PagerDuty, OAuth 2.0 with scopes; for an application of the classic kind set the scope to read. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "pagerduty", Name: "PagerDuty", Endpoints: oauth.Endpoints{
				Authorize: "https://identity.pagerduty.com/oauth/authorize", Token: "https://identity.pagerduty.com/oauth/token", UserInfo: "https://api.pagerduty.com/users/me", API: "https://api.pagerduty.com",
			},
			Scopes: []string{"users.read"}, ScopeTexts: map[string]string{"users.read": seeProfile}, TokenAuth: oauth.AuthPost,
			UserInfoHeader: http.Header{"Accept": {"application/vnd.pagerduty+json;version=2"}}, APIHeader: http.Header{"Accept": {"application/vnd.pagerduty+json;version=2"}},
			Profile:     oauth.Mapping{Subject: "user.id", DisplayName: "user.name|user.email", FullName: "user.name", Email: "user.email", ProfileURL: "user.html_url", ImageURL: "user.avatar_url"},
			RegisterURL: "https://app.pagerduty.com/",
		},
	}, {
		group: Work, about: "PandaDoc, OAuth 2.0. It knows the scopes read and write.",
		provider: &oauth.OAuth2{
			ID: "pandadoc", Name: "PandaDoc", Endpoints: oauth.Endpoints{
				Authorize: "https://app.pandadoc.com/oauth2/authorize", Token: "https://api.pandadoc.com/oauth2/access_token",
				UserInfo: "https://api.pandadoc.com/public/v1/members/current", API: "https://api.pandadoc.com/public/v1",
			},
			Scopes: []string{"read"}, ScopeTexts: map[string]string{"read": seeThere}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "user_id", DisplayName: "first_name last_name|email", FullName: "first_name last_name", Email: "email", EmailVerified: "email_verified|emails_verified"},
			RegisterURL: "https://app.pandadoc.com/a/#/settings/api-dashboard/configuration",
		},
	}, {
		group: Media, about: "Patreon, OAuth 2.0, by version 2 of its API.",
		provider: &oauth.OAuth2{
			ID: "patreon", Name: "Patreon", Endpoints: oauth.Endpoints{
				Authorize: "https://www.patreon.com/oauth2/authorize", Token: "https://www.patreon.com/api/oauth2/token",
				UserInfo: "https://www.patreon.com/api/oauth2/v2/identity", API: "https://www.patreon.com/api/oauth2/v2",
			},
			Scopes: []string{"identity", "identity[email]"}, ScopeTexts: map[string]string{"identity": seeProfile, "identity[email]": seeEmail}, TokenAuth: oauth.AuthPost,
			UserInfoParams: url.Values{"fields[user]": {"email,full_name,image_url,is_email_verified,url,vanity"}},
			Profile: oauth.Mapping{
				Subject: "data.id", DisplayName: "data.attributes.full_name|data.attributes.vanity", FullName: "data.attributes.full_name", ProfileURL: "data.attributes.url",
				Email: "data.attributes.email", EmailVerified: "data.attributes.is_email_verified", ImageURL: "data.attributes.image_url",
			},
			RegisterURL: "https://www.patreon.com/portal/registration/register-clients",
		},
	}, {
		group: Money, about: "Log in with PayPal, OAuth 2.0. A user's ID there is an address.",
		parameters: []Parameter{{Name: "environment", Kind: OneOf, OneOf: []string{"live", "sandbox"}, Default: "live", As: map[string]string{"live": "", "sandbox": "sandbox."}, Example: "sandbox", Help: "which of its systems"}},
		provider: &oauth.OAuth2{
			ID: "paypal", Name: "PayPal", Endpoints: oauth.Endpoints{
				Authorize: "https://www.{environment}paypal.com/signin/authorize", Token: "https://api-m.{environment}paypal.com/v1/oauth2/token",
				UserInfo: "https://api-m.{environment}paypal.com/v1/identity/oauth2/userinfo", API: "https://api-m.{environment}paypal.com",
			},
			Scopes: openIDScopes(), UnnamedScopes: []string{"openid"}, UserInfoParams: url.Values{"schema": {"paypalv1.1"}},
			Profile: oauth.Mapping{
				Subject: "user_id", DisplayName: "name|given_name family_name", FullName: "name|given_name family_name", ImageURL: "picture",
				Email: "emails[primary=true].value", EmailVerified: "emails[primary=true].confirmed",
			},
			RegisterURL: "https://developer.paypal.com/dashboard/applications/",
		},
	}, {
		group: Code, about: "PeeringDB, OAuth 2.0.",
		provider: &oauth.OAuth2{
			ID: "peeringdb", Name: "PeeringDB", Endpoints: oauth.Endpoints{
				Authorize: "https://auth.peeringdb.com/oauth2/authorize/", Token: "https://auth.peeringdb.com/oauth2/token/", UserInfo: "https://auth.peeringdb.com/profile/v1", API: "https://www.peeringdb.com/api",
			},
			Scopes: []string{"profile", "email"}, ScopeTexts: map[string]string{"profile": seeProfile, "email": seeEmail}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "name|given_name family_name|email", FullName: "name|given_name family_name", Email: "email", EmailVerified: "verified_email"},
			RegisterURL: "https://www.peeringdb.com/oauth2/applications/",
		},
	}, {
		group: Code, about: "Phabricator and Phorge, OAuth 2.0, on a server of your own. It gives no refresh tokens, and does not say whether the address is verified.",
		parameters: []Parameter{instance("https://phorge.example.org")},
		provider: &oauth.OAuth2{
			ID: "phabricator", Name: "Phabricator", Endpoints: oauth.Endpoints{
				Authorize: "{instance}/oauthserver/auth/", Token: "{instance}/oauthserver/token/", UserInfo: "{instance}/api/user.whoami", API: "{instance}/api",
			},
			TokenAuth: oauth.AuthPost, Use: oauth.TokenUse{Query: "access_token"}, NoRefresh: true, Refused: []oauth.Condition{"error_code!=null"},
			Profile: oauth.Mapping{
				Subject: "result.phid", DisplayName: "result.realName|result.userName", FullName: "result.realName", Email: "result.primaryEmail",
				ProfileURL: "result.uri", ImageURL: "result.image",
			},
			RegisterURL: "{instance}/oauthserver/",
		},
	}, {
		group: Identity, revokes: true, about: "PingOne, OpenID Connect, of your environment.",
		parameters: []Parameter{
			{Name: "environment_id", Kind: Segment, Example: "b9817c16-0000-4000-8000-000000000001", Help: "the environment's ID"},
			{Name: "region", Kind: OneOf, OneOf: []string{"com", "ca", "eu", "asia", "com.au", "sg"}, Default: "com", Example: "eu", Help: "the end of its addresses"},
		},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "pingone", Name: "PingOne", Issuer: "https://auth.pingone.{region}/{environment_id}/as",
			Scopes: openIDScopes(), RegisterURL: "https://console.pingone.{region}/",
		}},
	}, {
		group: Social, about: "Pinterest, OAuth 2.0, by version 5 of its API. It gives no e-mail address.",
		provider: &oauth.OAuth2{
			ID: "pinterest", Name: "Pinterest", Endpoints: oauth.Endpoints{
				Authorize: "https://www.pinterest.com/oauth/", Token: "https://api.pinterest.com/v5/oauth/token", UserInfo: "https://api.pinterest.com/v5/user_account", API: "https://api.pinterest.com/v5",
			},
			Scopes: []string{"user_accounts:read"}, ScopeTexts: map[string]string{"user_accounts:read": seeProfile}, ScopeSeparator: ",",
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "business_name|username", ProfileURL: "https://www.pinterest.com/{username}", ImageURL: "profile_image"},
			RegisterURL: "https://developers.pinterest.com/apps/",
		},
	}, {
		group: Work, about: "Pipedrive, OAuth 2.0. The API is at the company's address, which comes with the token as api_domain.",
		provider: &oauth.OAuth2{
			ID: "pipedrive", Name: "Pipedrive", Endpoints: oauth.Endpoints{
				Authorize: "https://oauth.pipedrive.com/oauth/authorize", Token: "https://oauth.pipedrive.com/oauth/token", Revoke: "https://oauth.pipedrive.com/oauth/revoke",
				UserInfo: "{token:api_domain}/api/v1/users/me",
			},
			Scopes: []string{"base"}, ScopeTexts: map[string]string{"base": seeProfile}, APIHosts: []string{".pipedrive.com"},
			Profile:     oauth.Mapping{Subject: "data.id", DisplayName: "data.name|data.email", FullName: "data.name", Email: "data.email", ImageURL: "data.icon_url"},
			RegisterURL: "https://app.pipedrive.com/developer-hub",
		},
	}, {
		group: Work, revokes: true, about: "Planning Center, OpenID Connect. It refuses requests that do not name the application, and does not say whether the address is verified. Its products have scopes of their own, such as people. Refresh tokens serve once and live ninety days.",
		parameters: []Parameter{{Name: "user_agent", Kind: Line, Example: "Notes (nora@example.org)", Help: "what names your application to Planning Center, with a way to reach you"}},
		provider: &oauth.OIDC{UserInfo: oauth.UserInfoAlways, OAuth2: oauth.OAuth2{
			ID: "planningcenter", Name: "Planning Center", Issuer: "https://api.planningcenteronline.com", Endpoints: oauth.Endpoints{API: "https://api.planningcenteronline.com"},
			Scopes: []string{"openid"}, ScopeTexts: map[string]string{"people": seeThere}, TokenAuth: oauth.AuthPost, UserAgent: "{user_agent}",
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|email", FullName: "name", Email: "email"},
			RegisterURL: "https://api.planningcenteronline.com/oauth/applications",
		}},
	}, {
		group: Social, about: "Plurk, OAuth 1.0a. It gives no e-mail address.",
		provider: &oauth.OAuth1{
			ID: "plurk", Name: "Plurk", Endpoints: oauth.Endpoints{
				RequestToken: "https://www.plurk.com/OAuth/request_token", Authorize: "https://www.plurk.com/OAuth/authorize", Token: "https://www.plurk.com/OAuth/access_token",
				UserInfo: "https://www.plurk.com/APP/Users/me", API: "https://www.plurk.com/APP",
			},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "display_name|full_name|nick_name", FullName: "full_name", ProfileURL: "https://www.plurk.com/{nick_name}", ImageURL: "avatar_big"},
			RegisterURL: "https://www.plurk.com/PlurkApp/register",
		},
	}, {
		group: Identity, about: "Pocket ID, OpenID Connect, on a server of your own.",
		parameters: []Parameter{instance("https://id.example.org")},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "pocketid", Name: "Pocket ID", Issuer: "{instance}",
			Scopes: openIDScopes(), RegisterURL: "{instance}/settings/admin/oidc-clients",
		}},
	}, {
		group: Work, about: "Podio, OAuth 2.0. Its API takes the token after the word OAuth2.",
		provider: &oauth.OAuth2{
			ID: "podio", Name: "Podio", Endpoints: oauth.Endpoints{
				Authorize: "https://podio.com/oauth/authorize", Token: "https://api.podio.com/oauth/token/v2", UserInfo: "https://api.podio.com/user/status", API: "https://api.podio.com",
			},
			TokenAuth: oauth.AuthPost, TokenBody: oauth.BodyJSON, Use: oauth.TokenUse{Scheme: "OAuth2"},
			Profile: oauth.Mapping{
				Subject: "user.user_id", DisplayName: "profile.name|user.mail", FullName: "profile.name", Email: "user.mails[primary=true].mail|user.mail",
				EmailVerified: "user.mails[primary=true].verified", ProfileURL: "profile.link", ImageURL: "profile.image.link",
			},
			RegisterURL: "https://podio.com/settings/api",
		},
	}, {
		group: Money, about: "Polar, OpenID Connect, spoken as OAuth 2.0: its discovery document is not at its issuer. It asks for the user; without that an application may get an organization.",
		provider: &oauth.OAuth2{
			ID: "polar", Name: "Polar", Endpoints: oauth.Endpoints{
				Authorize: "https://polar.sh/oauth2/authorize", Token: "https://api.polar.sh/v1/oauth2/token", Revoke: "https://api.polar.sh/v1/oauth2/revoke",
				UserInfo: "https://api.polar.sh/v1/oauth2/userinfo", API: "https://api.polar.sh/v1",
			},
			Scopes: openIDScopes(), UnnamedScopes: []string{"openid"}, TokenAuth: oauth.AuthPost, AuthParams: url.Values{"sub_type": {"user"}},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|email", FullName: "name", Email: "email", EmailVerified: "email_verified"},
			RegisterURL: "https://polar.sh/settings",
		},
	}, {
		group: Work, about: "Procore, OAuth 2.0, of production. What people log in with there is their address; it does not say whether that is verified.",
		provider: &oauth.OAuth2{
			ID: "procore", Name: "Procore", Endpoints: oauth.Endpoints{
				Authorize: "https://login.procore.com/oauth/authorize", Token: "https://login.procore.com/oauth/token", Revoke: "https://login.procore.com/oauth/revoke",
				UserInfo: "https://api.procore.com/rest/v1.0/me", API: "https://api.procore.com",
			},
			TokenAuth: oauth.AuthPost, Revocation: oauth.Revocation{Only: "access_token"},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "name|login", FullName: "name", Email: "login"},
			RegisterURL: "https://developers.procore.com/developers/apps",
		},
	}, {
		group: Social, about: "Product Hunt, OAuth 2.0. The profile comes by GraphQL. It gives no e-mail address, and its tokens do not expire.",
		provider: &oauth.OAuth2{
			ID: "producthunt", Name: "Product Hunt", Endpoints: oauth.Endpoints{
				Authorize: "https://api.producthunt.com/v2/oauth/authorize", Token: "https://api.producthunt.com/v2/oauth/token",
				UserInfo: "https://api.producthunt.com/v2/api/graphql", API: "https://api.producthunt.com/v2/api",
			},
			Scopes: []string{"public", "private"}, ScopeTexts: map[string]string{"public": seePublic, "private": seeProfile}, TokenAuth: oauth.AuthPost, NoRefresh: true,
			UserInfoBy: oauth.UserInfoByPost, UserInfoBody: `{"query":"{viewer{user{id name username url profileImage}}}"}`,
			Profile: oauth.Mapping{
				Subject: "data.viewer.user.id", DisplayName: "data.viewer.user.name|data.viewer.user.username", FullName: "data.viewer.user.name",
				ProfileURL: "data.viewer.user.url", ImageURL: "data.viewer.user.profileImage",
			},
			RegisterURL: "https://www.producthunt.com/v2/oauth/applications",
		},
	}, {
		group: Identity, about: "PropelAuth, OAuth 2.0, of your project.",
		parameters: []Parameter{instance("https://auth.example.org")},
		provider: &oauth.OAuth2{
			ID: "propelauth", Name: "PropelAuth", Endpoints: oauth.Endpoints{
				Authorize: "{instance}/propelauth/oauth/authorize", Token: "{instance}/propelauth/oauth/token", UserInfo: "{instance}/propelauth/oauth/userinfo",
			},
			Scopes: []string{"email", "profile"}, ScopeTexts: map[string]string{"email": seeEmail, "profile": seeProfile},
			Profile:     oauth.Mapping{Subject: "user_id", DisplayName: "first_name last_name|username|email", FullName: "first_name last_name", Email: "email", EmailVerified: "email_confirmed", ImageURL: "picture_url"},
			RegisterURL: "https://app.propelauth.com/",
		},
	}, {
		group: Work, about: "Pushbullet, OAuth 2.0. There are no scopes, and its tokens do not expire.",
		provider: &oauth.OAuth2{
			ID: "pushbullet", Name: "Pushbullet", Endpoints: oauth.Endpoints{
				Authorize: "https://www.pushbullet.com/authorize", Token: "https://api.pushbullet.com/oauth2/token", UserInfo: "https://api.pushbullet.com/v2/users/me", API: "https://api.pushbullet.com/v2",
			},
			TokenAuth: oauth.AuthPost, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "iden", DisplayName: "name|email", FullName: "name", Email: "email", ImageURL: "image_url"},
			RegisterURL: "https://www.pushbullet.com/create-client",
		},
	}}
}
