package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsE() []row {
	return []row{{
		group: Money, about: "eBay, OAuth 2.0. In place of the redirect address it takes the name that it gives to it (RuName). Addresses of private persons it gives to chosen applications only.",
		parameters: []Parameter{
			{Name: "ru_name", Kind: Segment, Example: "Nora_Quill-NoraQuil-Notes-abcdef", Help: "eBay's name of the redirect address (RuName)"},
			{Name: "environment", Kind: OneOf, OneOf: []string{"live", "sandbox"}, Default: "live", As: map[string]string{"live": "", "sandbox": "sandbox."}, Example: "sandbox", Help: "which of its systems"},
		},
		provider: &oauth.OAuth2{
			ID: "ebay", Name: "eBay", RegisterURL: "https://developer.ebay.com/my/keys", Endpoints: oauth.Endpoints{
				Authorize: "https://auth.{environment}ebay.com/oauth2/authorize", Token: "https://api.{environment}ebay.com/identity/v1/oauth2/token",
				UserInfo: "https://apiz.{environment}ebay.com/commerce/identity/v1/user/", API: "https://api.{environment}ebay.com",
			},
			Scopes:     []string{"https://api.ebay.com/oauth/api_scope/commerce.identity.readonly"},
			ScopeTexts: map[string]string{"https://api.ebay.com/oauth/api_scope/commerce.identity.readonly": seeProfile},
			AuthParams: url.Values{"redirect_uri": {"{ru_name}"}}, TokenParams: url.Values{"redirect_uri": {"{ru_name}"}},
			Profile: oauth.Mapping{Subject: "userId", DisplayName: "username|userId", FullName: "individualAccount.firstName individualAccount.lastName|businessAccount.name", Email: "businessAccount.email|individualAccount.email"},
		},
	}, {
		group: Public, about: "eduID of SURF, OpenID Connect, for students in the Netherlands. For its test system set the issuer to https://connect.test.eduid.nl.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "eduid", Name: "eduID (SURF)", Issuer: "https://connect.eduid.nl", Scopes: openIDScopes(), NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|given_name family_name|email", FullName: "name|given_name family_name", Email: "email"},
			RegisterURL: "https://eduid.nl/",
		}},
	}, {
		group: Public, about: "Open edX, OAuth 2.0, of edx.org or another server. A user's ID is their username, which never changes there.",
		parameters: []Parameter{{Name: "instance", Kind: BaseAddress, Default: "https://courses.edx.org", Example: "https://courses.example.edu", Help: "the server's address"}},
		provider: &oauth.OAuth2{
			ID: "edx", Name: "Open edX", Endpoints: oauth.Endpoints{
				Authorize: "{instance}/oauth2/authorize/", Token: "{instance}/oauth2/access_token", UserInfo: "{instance}/api/user/v1/me", API: "{instance}/api",
			},
			Scopes: []string{"profile", "email"}, TokenAuth: oauth.AuthPost, Further: []oauth.FurtherCall{{Name: "account", Address: "{instance}/api/user/v1/accounts/{username}"}},
			Profile: oauth.Mapping{
				Subject: "username", DisplayName: "account.name|username", FullName: "account.name", Email: "account.email",
				ProfileURL: "{instance}/u/{username}", ImageURL: "account.profile_image.image_url_full",
			},
			RegisterURL: "https://docs.openedx.org/projects/edx-platform/en/latest/how-tos/use_the_api.html",
		},
	}, {
		group: Public, revokes: true, about: "EGI Check-in, OpenID Connect, for research communities. A refresh token comes with the scope offline_access.",
		parameters: []Parameter{{Name: "environment", Kind: OneOf, OneOf: []string{"live", "demo", "dev"}, Default: "live", As: map[string]string{"live": "", "demo": "-demo", "dev": "-dev"}, Example: "demo", Help: "which of its systems"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "egicheckin", Name: "EGI Check-in", Issuer: "https://aai{environment}.egi.eu/auth/realms/egi",
			Scopes: openIDScopes(), RegisterURL: "https://aai.egi.eu/federation",
		}},
	}, {
		group: Work, about: "Egnyte, OAuth 2.0, of your domain.",
		parameters: []Parameter{{Name: "subdomain", Kind: Label, Example: "acme", Help: "the domain's name before .egnyte.com"}},
		provider: &oauth.OAuth2{
			ID: "egnyte", Name: "Egnyte", Endpoints: oauth.Endpoints{
				Authorize: "https://{subdomain}.egnyte.com/puboauth/token", Token: "https://{subdomain}.egnyte.com/puboauth/token",
				UserInfo: "https://{subdomain}.egnyte.com/pubapi/v1/userinfo", API: "https://{subdomain}.egnyte.com/pubapi",
			},
			Scopes: []string{"Egnyte.user"}, ScopeTexts: map[string]string{"Egnyte.user": seeProfile}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "first_name last_name|username", FullName: "first_name last_name", Email: "email"},
			RegisterURL: "https://developers.egnyte.com/member/register",
		},
	}, {
		group: Public, revokes: true, about: "e-INFRA CZ, OpenID Connect, the log-in of Czech universities and research. Services are registered there before they may ask.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "einfracz", Name: "e-INFRA CZ", Issuer: "https://login.e-infra.cz/oidc/", Scopes: openIDScopes(),
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|preferred_username|email", FullName: "name", Email: "email"},
			RegisterURL: "https://spadmin.e-infra.cz/",
		}},
	}, {
		group: Money, about: "Envato, OAuth 2.0. What it allows is chosen where the application is registered, and its requests have to name the application.",
		parameters: []Parameter{{Name: "user_agent", Kind: Line, Example: "Notes (https://notes.example.org)", Help: "what names your application to Envato"}},
		provider: &oauth.OAuth2{
			ID: "envato", Name: "Envato", Endpoints: oauth.Endpoints{
				Authorize: "https://api.envato.com/authorization", Token: "https://api.envato.com/token", UserInfo: "https://api.envato.com/whoami", API: "https://api.envato.com",
			},
			TokenAuth: oauth.AuthPost, UserAgent: "{user_agent}", Further: []oauth.FurtherCall{
				{Name: "market", Address: "https://api.envato.com/v1/market/private/user/account.json", Optional: true},
				{Name: "named", Address: "https://api.envato.com/v1/market/private/user/username.json", Optional: true},
				{Name: "mail", Address: "https://api.envato.com/v1/market/private/user/email.json", Optional: true},
			},
			Profile:     oauth.Mapping{Subject: "userId", DisplayName: "market.account.firstname market.account.surname|named.username|userId", FullName: "market.account.firstname market.account.surname", Email: "mail.email", ImageURL: "market.account.image"},
			RegisterURL: "https://build.envato.com/my-apps/",
		},
	}, {
		group: Media, about: "Epic Games, OAuth 2.0 of Epic Account Services. It gives no e-mail address.",
		provider: &oauth.OAuth2{
			ID: "epicgames", Name: "Epic Games", Endpoints: oauth.Endpoints{
				Authorize: "https://www.epicgames.com/id/authorize", Token: "https://api.epicgames.dev/epic/oauth/v2/token", Revoke: "https://api.epicgames.dev/epic/oauth/v2/revoke",
				UserInfo: "https://api.epicgames.dev/epic/oauth/v2/userInfo", API: "https://api.epicgames.dev",
			},
			Scopes: []string{"basic_profile"}, ScopeTexts: map[string]string{"basic_profile": seePublic},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "preferred_username|sub"},
			RegisterURL: "https://dev.epicgames.com/portal/",
		},
	}, {
		group: Money, about: "Etsy, OAuth 2.0. Its API wants the application's secret in a header, with each request. It gives the address to chosen applications only, and does not say whether it is verified. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "etsy", Name: "Etsy", Endpoints: oauth.Endpoints{
				Authorize: "https://www.etsy.com/oauth/connect", Token: "https://api.etsy.com/v3/public/oauth/token", UserInfo: "https://api.etsy.com/v3/application/users/me", API: "https://api.etsy.com/v3/application",
			},
			Scopes: []string{"shops_r", "email_r"}, ScopeTexts: map[string]string{"shops_r": seeThere, "email_r": seeEmail}, TokenAuth: oauth.AuthNone, APIHosts: []string{"openapi.etsy.com"},
			APIHeader: http.Header{"X-Api-Key": {"{client_id}:{client_secret}"}}, Further: []oauth.FurtherCall{{Name: "user", Address: "https://api.etsy.com/v3/application/users/{user_id}"}},
			Profile:     oauth.Mapping{Subject: "user_id", DisplayName: "user.first_name user.last_name|user.primary_email|user_id", FullName: "user.first_name user.last_name", Email: "user.primary_email", ImageURL: "user.image_url_75x75"},
			RegisterURL: "https://www.etsy.com/developers/your-apps",
		},
	}, {
		group: Work, about: "Eventbrite, OAuth 2.0. It has no scopes, and its tokens do not expire. The address is the primary one.",
		provider: &oauth.OAuth2{
			ID: "eventbrite", Name: "Eventbrite", Endpoints: oauth.Endpoints{
				Authorize: "https://www.eventbrite.com/oauth/authorize", Token: "https://www.eventbrite.com/oauth/token", UserInfo: "https://www.eventbriteapi.com/v3/users/me/", API: "https://www.eventbriteapi.com/v3",
			},
			TokenAuth: oauth.AuthPost, NoRefresh: true,
			Profile: oauth.Mapping{
				Subject: "id", DisplayName: "name|first_name last_name|emails[primary=true].email", FullName: "name|first_name last_name",
				Email: "emails[primary=true].email", EmailVerified: "emails[primary=true].verified",
			},
			RegisterURL: "https://www.eventbrite.com/account-settings/apps",
		},
	}, {
		group: Work, about: "Exact Online, OAuth 2.0. It does not say whether the address is verified. Refresh tokens serve once, and only when the access token has expired.",
		parameters: []Parameter{{Name: "region", Kind: OneOf, OneOf: []string{"nl", "be", "de", "co.uk", "com", "es", "fr"}, Default: "nl", Example: "be", Help: "where the account is kept, as its address ends"}},
		provider: &oauth.OAuth2{
			ID: "exactonline", Name: "Exact Online", Endpoints: oauth.Endpoints{
				Authorize: "https://start.exactonline.{region}/api/oauth2/auth", Token: "https://start.exactonline.{region}/api/oauth2/token",
				UserInfo: "https://start.exactonline.{region}/api/v1/current/Me", API: "https://start.exactonline.{region}/api/v1",
			},
			TokenAuth: oauth.AuthPost, LateRefresh: true,
			Profile:     oauth.Mapping{Subject: "d.results.0.UserID", DisplayName: "d.results.0.FullName|d.results.0.UserName", FullName: "d.results.0.FullName", Email: "d.results.0.Email", ImageURL: "d.results.0.PictureUrl"},
			RegisterURL: "https://apps.exactonline.com/",
		},
	}}
}
