package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

// rowsSt are the entries of s from st on.
func rowsSt() []row {
	return []row{{
		group: Code, about: "Stack Exchange, OAuth 2.0. It gives no e-mail address. The subject is the account of the whole network, the profile that of one site, and tokens with the scope no_expiry do not expire.",
		parameters: []Parameter{
			{Name: "key", Kind: Line, Example: "U4DMV8nvpm3EOpvf69Rxw2((", Help: "the application's key, which goes with each request beside the client ID"},
			{Name: "site", Kind: Segment, Default: "stackoverflow", Example: "stackoverflow", Help: "the site whose profile counts"},
		},
		provider: &oauth.OAuth2{
			ID: "stackexchange", Name: "Stack Exchange", Endpoints: oauth.Endpoints{
				Authorize: "https://stackoverflow.com/oauth", Token: "https://stackoverflow.com/oauth/access_token/json",
				Revoke: "https://api.stackexchange.com/2.3/access-tokens/{token}/invalidate", UserInfo: "https://api.stackexchange.com/2.3/me", API: "https://api.stackexchange.com/2.3",
			},
			Scopes: []string{"no_expiry"}, ScopeTexts: map[string]string{"no_expiry": stayWhenAway}, ScopeSeparator: ",", TokenAuth: oauth.AuthPost, NoRefresh: true,
			Use: oauth.TokenUse{Query: "access_token"}, APIParams: url.Values{"key": {"{key}"}}, UserInfoParams: url.Values{"site": {"{site}"}}, Revocation: oauth.Revocation{Method: http.MethodGet, Bearer: true},
			Profile:     oauth.Mapping{Subject: "items.0.account_id", DisplayName: "items.0.display_name|items.0.account_id", FullName: "items.0.display_name", ProfileURL: "items.0.link", ImageURL: "items.0.profile_image"},
			RegisterURL: "https://stackapps.com/apps/oauth/register",
		},
	}, {
		group: Media, about: "start.gg, OAuth 2.0. The profile comes by GraphQL; it does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "startgg", Name: "start.gg", Endpoints: oauth.Endpoints{
				Authorize: "https://start.gg/oauth/authorize", Token: "https://api.start.gg/oauth/access_token", Refresh: "https://api.start.gg/oauth/refresh", UserInfo: "https://api.start.gg/gql/alpha", API: "https://api.start.gg",
			},
			Scopes: []string{"user.identity", "user.email"}, ScopeTexts: map[string]string{"user.identity": seeProfile, "user.email": seeEmail}, TokenAuth: oauth.AuthPost, TokenBody: oauth.BodyJSON, TokenRepeats: []string{"redirect_uri", "scope"},
			UserInfoBy: oauth.UserInfoByPost, UserInfoBody: `{"query":"{currentUser{id slug name email player{gamerTag} images(type:\"profile\"){url}}}"}`,
			Profile: oauth.Mapping{
				Subject: "data.currentUser.id", DisplayName: "data.currentUser.player.gamerTag|data.currentUser.name|data.currentUser.email", FullName: "data.currentUser.name", Email: "data.currentUser.email",
				ProfileURL: "https://www.start.gg/{data.currentUser.slug}", ImageURL: "data.currentUser.images.0.url",
			},
			RegisterURL: "https://start.gg/admin/profile/developer",
		},
	}, {
		group: Sport, about: "Strava, OAuth 2.0. It gives no e-mail address. The callback says which scopes the athlete granted.",
		provider: &oauth.OAuth2{
			ID: "strava", Name: "Strava", Endpoints: oauth.Endpoints{
				Authorize: "https://www.strava.com/oauth/authorize", Token: "https://www.strava.com/oauth/token", Revoke: "https://www.strava.com/oauth/revoke",
				UserInfo: "https://www.strava.com/api/v3/athlete", API: "https://www.strava.com/api/v3",
			},
			Scopes: []string{"read"}, ScopeTexts: map[string]string{"read": "see your public profile and activities"}, ScopeSeparator: ",",
			TokenAuth: oauth.AuthPost, AuthParams: url.Values{"approval_prompt": {"auto"}},
			Profile: oauth.Mapping{
				Subject: "id", DisplayName: "firstname lastname|username", FullName: "firstname lastname",
				ProfileURL: "https://www.strava.com/athletes/{id}", ImageURL: "profile",
			},
			DeadRefresh: []oauth.Condition{deadStrava}, Revocation: oauth.Revocation{Auth: oauth.AuthBasic},
			RegisterURL: "https://www.strava.com/settings/api",
		},
	}, {
		group: Media, about: "StreamElements, OAuth 2.0. The profile is the channel's; it does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "streamelements", Name: "StreamElements", Endpoints: oauth.Endpoints{
				Authorize: "https://api.streamelements.com/oauth2/authorize", Token: "https://api.streamelements.com/oauth2/token", Revoke: "https://api.streamelements.com/oauth2/revoke?client_id={client_id}&token={token}",
				UserInfo: "https://api.streamelements.com/kappa/v2/channels/me", API: "https://api.streamelements.com/kappa/v2",
			},
			Scopes: []string{"channel:read"}, ScopeTexts: map[string]string{"channel:read": seeProfile}, TokenAuth: oauth.AuthPost, Use: oauth.TokenUse{Scheme: "oAuth"}, Revocation: oauth.Revocation{Auth: oauth.AuthNone, Only: "access_token"},
			Profile:     oauth.Mapping{Subject: "_id", DisplayName: "displayName|username", FullName: "displayName", Email: "email", ImageURL: "avatar"},
			RegisterURL: "https://dev.streamelements.com/",
		},
	}, {
		group: Media, about: "Streamlabs, OAuth 2.0, by version 2 of its API. It gives no e-mail address, and its tokens do not expire.",
		provider: &oauth.OAuth2{
			ID: "streamlabs", Name: "Streamlabs", Endpoints: oauth.Endpoints{
				Authorize: "https://streamlabs.com/api/v2.0/authorize", Token: "https://streamlabs.com/api/v2.0/token", UserInfo: "https://streamlabs.com/api/v2.0/user", API: "https://streamlabs.com/api/v2.0",
			},
			Scopes: []string{"donations.read"}, ScopeTexts: map[string]string{"donations.read": seeThere}, TokenAuth: oauth.AuthPost, TokenRepeats: []string{"redirect_uri"},
			Profile:     oauth.Mapping{Subject: "streamlabs.id", DisplayName: "streamlabs.display_name|streamlabs.id", FullName: "streamlabs.display_name"},
			RegisterURL: "https://streamlabs.com/dashboard#/apps",
		},
	}, {
		group: Money, about: "Stripe Connect, OAuth 2.0, of standard accounts: the consumer_key is the platform's client ID (ca_…), the consumer_secret its secret key. The account is a business, and Stripe does not say whether its address is verified, and advises new platforms against OAuth.",
		provider: &oauth.OAuth2{
			ID: "stripe", Name: "Stripe", Endpoints: oauth.Endpoints{
				Authorize: "https://connect.stripe.com/oauth/authorize", Token: "https://connect.stripe.com/oauth/token", Revoke: "https://connect.stripe.com/oauth/deauthorize", UserInfo: "https://api.stripe.com/v1/account", API: "https://api.stripe.com/v1",
			},
			Scopes: []string{"read_write"}, ScopeTexts: map[string]string{"read_write": changeThere}, TokenAuth: oauth.AuthPost,
			Revocation: oauth.Revocation{SecretScheme: "Bearer", Field: "stripe_user_id", Params: url.Values{"stripe_user_id": {"{token:stripe_user_id}"}}, Only: "access_token", EndsGrant: true},
			Profile: oauth.Mapping{
				Subject: "id", DisplayName: "business_profile.name|settings.dashboard.display_name|email|id", FullName: "business_profile.name|settings.dashboard.display_name", Email: "email", ProfileURL: "business_profile.url",
			},
			RegisterURL: "https://dashboard.stripe.com/settings/connect/onboarding-options/oauth",
		},
	}, {
		group: Media, about: "SubscribeStar, OAuth 2.0. The profile comes by GraphQL; it does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "subscribestar", Name: "SubscribeStar", Endpoints: oauth.Endpoints{
				Authorize: "https://www.subscribestar.com/oauth2/authorize", Token: "https://www.subscribestar.com/oauth2/token",
				UserInfo: "https://www.subscribestar.com/api/graphql/v1", API: "https://www.subscribestar.com/api",
			},
			Scopes: []string{"user.read", "user.email.read"}, ScopeTexts: map[string]string{"user.read": seeProfile, "user.email.read": seeEmail}, TokenAuth: oauth.AuthPost,
			UserInfoBy: oauth.UserInfoByPost, UserInfoBody: `{"query":"{user{id name email avatar_url}}"}`,
			Profile:     oauth.Mapping{Subject: "data.user.id", DisplayName: "data.user.name|data.user.email", FullName: "data.user.name", Email: "data.user.email", ImageURL: "data.user.avatar_url"},
			RegisterURL: "https://www.subscribestar.com/api",
		},
	}, {
		group: Work, about: "SuperOffice, OpenID Connect. The subject includes the tenant, because users are numbered within it; the address of the API is in the claim http://schemes.superoffice.net/identity/webapi_url.",
		parameters: []Parameter{{Name: "environment", Kind: OneOf, OneOf: []string{"online", "qaonline", "sod"}, Default: "online", Example: "sod", Help: "which of its systems: production, stage or development"}},
		provider: &oauth.OIDC{
			DiscoveryURL: "https://{environment}.superoffice.com/login/.well-known/openid-configuration", UserInfo: oauth.UserInfoNever,
			SubjectClaim: `{"http://schemes.superoffice.net/identity/ctx"}/{"http://schemes.superoffice.net/identity/associateid"}`, OAuth2: oauth.OAuth2{
				ID: "superoffice", Name: "SuperOffice", Issuer: "https://{environment}.superoffice.com", TokenAuth: oauth.AuthPost, Scopes: []string{"openid"}, APIHosts: []string{".superoffice.com"},
				Profile:     oauth.Mapping{Subject: "sub", DisplayName: `name|"http://schemes.superoffice.net/identity/email"`, FullName: "name", Email: `"http://schemes.superoffice.net/identity/email"`},
				RegisterURL: "https://dev.superoffice.com/",
			},
		},
	}, {
		group: Public, about: "SURFconext, OpenID Connect, for universities and schools of the Netherlands. What it gives is settled when a service is registered; the scope openid is enough.",
		parameters: []Parameter{{Name: "environment", Kind: OneOf, OneOf: []string{"production", "test"}, Default: "production", As: map[string]string{"production": "", "test": "test."}, Example: "test", Help: "which of its systems"}},
		provider: &oauth.OIDC{UserInfo: oauth.UserInfoAlways, OAuth2: oauth.OAuth2{
			ID: "surfconext", Name: "SURFconext", Issuer: "https://connect.{environment}surfconext.nl", Scopes: []string{"openid"},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|given_name family_name|nickname|email|sub", FullName: "name|given_name family_name", Email: "email"},
			RegisterURL: "https://sp.surfconext.nl/",
		}},
	}, {
		group: Work, about: "SurveyMonkey, OAuth 2.0. It fails when it sees PKCE. The application's scopes are settled where it is registered. Its tokens do not expire, and where an account's API is says access_url of the token answer.",
		provider: &oauth.OAuth2{
			ID: "surveymonkey", Name: "SurveyMonkey", Endpoints: oauth.Endpoints{
				Authorize: "https://api.surveymonkey.com/oauth/authorize", Token: "https://api.surveymonkey.com/oauth/token", UserInfo: "{token:access_url}/v3/users/me",
			},
			TokenAuth: oauth.AuthPost, WithoutPKCE: true, APIHosts: []string{"api.surveymonkey.com", "api.eu.surveymonkey.com", "api.surveymonkey.ca"}, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "first_name last_name|username|email", FullName: "first_name last_name", Email: "email", EmailVerified: "email_verified"},
			RegisterURL: "https://developer.surveymonkey.com/apps/",
		},
	}}
}
