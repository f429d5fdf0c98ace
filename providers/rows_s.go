package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsS() []row {
	return []row{{
		group: Money, about: "Sage Accounting, OAuth 2.0. Refresh tokens live a month and change. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "sage", Name: "Sage Accounting", Endpoints: oauth.Endpoints{
				Authorize: "https://www.sageone.com/oauth2/auth/central", Token: "https://oauth.accounting.sage.com/token", Revoke: "https://oauth.accounting.sage.com/revoke",
				UserInfo: "https://api.accounting.sage.com/v3.1/user", API: "https://api.accounting.sage.com/v3.1",
			},
			Scopes: []string{"full_access"}, ScopeTexts: map[string]string{"full_access": seeThere}, TokenAuth: oauth.AuthPost, AuthParams: url.Values{"filter": {"apiv3.1"}}, Revocation: oauth.Revocation{Only: "refresh_token"},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "displayed_as|first_name last_name|email", FullName: "first_name last_name", Email: "email"},
			RegisterURL: "https://developerselfservice.sageone.com/",
		},
	}, {
		group: Work, about: "Salesforce, OpenID Connect, of production organizations; the issuer of a sandbox is https://test.salesforce.com, " +
			"and an organization may have its own. A refresh token comes with the scope refresh_token, where the application's " +
			"policy lets it.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "salesforce", Name: "Salesforce",
			Issuer:      "https://login.salesforce.com",
			Endpoints:   oauth.Endpoints{Revoke: "https://login.salesforce.com/services/oauth2/revoke"},
			Scopes:      []string{"openid", "profile", "email", "refresh_token"},
			ScopeTexts:  map[string]string{"refresh_token": stayWhenAway},
			TokenAuth:   oauth.AuthPost,
			APIHosts:    []string{".my.salesforce.com"}, // which one says instance_url of the token answer
			DeadRefresh: []oauth.Condition{deadSalesforce},
			RegisterURL: "https://login.salesforce.com/",
		}},
	}, {
		group: Work, about: "Salesloft, OAuth 2.0. There are no scopes by default. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "salesloft", Name: "Salesloft", Endpoints: oauth.Endpoints{
				Authorize: "https://accounts.salesloft.com/oauth/authorize", Token: "https://accounts.salesloft.com/oauth/token", UserInfo: "https://api.salesloft.com/v2/me", API: "https://api.salesloft.com/v2",
			},
			TokenAuth:   oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "data.id", DisplayName: "data.name|data.email", FullName: "data.name", Email: "data.email"},
			RegisterURL: "https://accounts.salesloft.com/oauth/applications",
		},
	}, {
		group: Money, about: "Salla, OAuth 2.0. A refresh token comes with the scope offline_access. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "salla", Name: "Salla", Endpoints: oauth.Endpoints{
				Authorize: "https://accounts.salla.sa/oauth2/auth", Token: "https://accounts.salla.sa/oauth2/token", UserInfo: "https://accounts.salla.sa/oauth2/user/info", API: "https://api.salla.dev/admin/v2",
			},
			Scopes: []string{"offline_access"}, ScopeTexts: map[string]string{"offline_access": stayWhenAway}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "data.id", DisplayName: "data.name|data.email", FullName: "data.name", Email: "data.email", ImageURL: "data.merchant.avatar"},
			RegisterURL: "https://salla.partners/",
		},
	}, {
		group: Identity, about: "Sentry, OAuth 2.0, of sentry.io or a server of your own. Refresh tokens serve once.",
		parameters: []Parameter{{Name: "instance", Kind: BaseAddress, Default: "https://sentry.io", Example: "https://sentry.example.org", Help: "the server's address"}},
		provider: &oauth.OAuth2{
			ID: "sentry", Name: "Sentry", Endpoints: oauth.Endpoints{
				Authorize: "{instance}/oauth/authorize/", Token: "{instance}/oauth/token/", UserInfo: "{instance}/oauth/userinfo/", API: "{instance}/api/0",
			},
			Scopes: openIDScopes(), TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|email", FullName: "name", Email: "email", EmailVerified: "email_verified", ImageURL: "avatar_url"},
			RegisterURL: "{instance}/settings/account/api/applications/",
		},
	}, {
		group: Social, about: "Seznam, OAuth 2.0. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "seznam", Name: "Seznam", Endpoints: oauth.Endpoints{
				Authorize: "https://login.szn.cz/api/v1/oauth/auth", Token: "https://login.szn.cz/api/v1/oauth/token", UserInfo: "https://login.szn.cz/api/v1/user", API: "https://login.szn.cz/api/v1",
			},
			Scopes: []string{"identity", "avatar"}, ScopeTexts: map[string]string{"identity": seeProfile, "avatar": seeNameFace}, ScopeSeparator: ",",
			TokenAuth: oauth.AuthPost, TokenBody: oauth.BodyJSON, Use: oauth.TokenUse{Scheme: "bearer"},
			Profile:     oauth.Mapping{Subject: "oauth_user_id", DisplayName: "firstname lastname|username|email", FullName: "firstname lastname", Email: "email", ImageURL: "avatar_url"},
			RegisterURL: "https://vyvojari.seznam.cz/oauth/admin",
		},
	}, {
		group: Money, about: "Shopify, OAuth 2.0, of one shop: the subject is the shop, and the address its owner's. Refresh tokens serve once.",
		parameters: []Parameter{{Name: "shop", Kind: Label, Example: "acme", Help: "the shop's name before .myshopify.com"}},
		provider: &oauth.OAuth2{
			ID: "shopify", Name: "Shopify", Endpoints: oauth.Endpoints{
				Authorize: "https://{shop}.myshopify.com/admin/oauth/authorize", Token: "https://{shop}.myshopify.com/admin/oauth/access_token",
				UserInfo: "https://{shop}.myshopify.com/admin/api/2026-07/shop.json", API: "https://{shop}.myshopify.com/admin/api",
			},
			Scopes: []string{"read_products"}, ScopeTexts: map[string]string{"read_products": "see the shop's products"}, ScopeSeparator: ",", TokenAuth: oauth.AuthPost,
			TokenParams: url.Values{"expiring": {"1"}}, Use: oauth.TokenUse{Header: "X-Shopify-Access-Token"}, CheckCallback: shopifyCallback,
			Profile:     oauth.Mapping{Subject: "shop.id", DisplayName: "shop.name", FullName: "shop.shop_owner", Email: "shop.email", ProfileURL: "https://{shop.domain}"},
			RegisterURL: "https://partners.shopify.com/",
		},
	}, {
		group: Social, about: "SimpleLogin, OpenID Connect. The address is an alias that forwards to the user's own.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "simplelogin", Name: "SimpleLogin", Issuer: "https://app.simplelogin.io", Scopes: openIDScopes(), NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|email", FullName: "name", Email: "email", EmailVerified: "email_verified", ImageURL: "avatar_url"},
			RegisterURL: "https://app.simplelogin.io/developer",
		}},
	}, {
		group: Media, about: "Sketchfab, OAuth 2.0, without scopes. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "sketchfab", Name: "Sketchfab", Endpoints: oauth.Endpoints{
				Authorize: "https://sketchfab.com/oauth2/authorize/", Token: "https://sketchfab.com/oauth2/token/", UserInfo: "https://api.sketchfab.com/v3/me", API: "https://api.sketchfab.com/v3",
			},
			TokenAuth:   oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "uid", DisplayName: "displayName|username", FullName: "displayName", Email: "email", ProfileURL: "profileUrl", ImageURL: "avatar.images.0.url"},
			RegisterURL: "https://sketchfab.com/developers/oauth",
		},
	}, {
		group: Work, about: "Sign in with Slack, OpenID Connect. The subject has the workspace in it, within which alone a user's ID is unique. A refresh token comes only where the application has token rotation. Until the application is distributed, only members of its own workspace may log in.",
		provider: &oauth.OIDC{SubjectClaim: `{"https://slack.com/team_id"}/{"https://slack.com/user_id"}`, OAuth2: oauth.OAuth2{
			ID: "slack", Name: "Slack", Issuer: "https://slack.com", TokenAuth: oauth.AuthPost, Scopes: openIDScopes(), Refused: []oauth.Condition{"ok=false"}, ErrorCodes: otherCodes(),
			RegisterURL: "https://api.slack.com/apps", Mistakes: slackMistakes(),
		}},
	}, {
		group: Work, about: "Smartsheet, OAuth 2.0, of one of its regions. It does not say whether the address is verified. Refresh tokens serve once.",
		parameters: []Parameter{{Name: "region", Kind: OneOf, OneOf: []string{"us", "eu", "gov"}, Default: "us", As: map[string]string{"us": "smartsheet.com", "eu": "smartsheet.eu", "gov": "smartsheetgov.com"}, Example: "eu", Help: "where its data is"}},
		provider: &oauth.OAuth2{
			ID: "smartsheet", Name: "Smartsheet", Endpoints: oauth.Endpoints{
				Authorize: "https://app.{region}/b/authorize", Token: "https://api.{region}/2.0/token", Revoke: "https://api.{region}/2.0/token?deleteAllForApiClient=true", UserInfo: "https://api.{region}/2.0/users/me", API: "https://api.{region}/2.0",
			},
			Scopes: []string{"READ_USERS"}, ScopeTexts: map[string]string{"READ_USERS": seeProfile}, TokenAuth: oauth.AuthPost, Revocation: oauth.Revocation{Method: http.MethodDelete, Bearer: true, EndsGrant: true},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "firstName lastName|email", FullName: "firstName lastName", Email: "email"},
			RegisterURL: "https://developers.smartsheet.com/register",
		},
	}, {
		group: Social, about: "Snapchat's Login Kit, OAuth 2.0. The profile comes by GraphQL, without an e-mail address.",
		provider: &oauth.OAuth2{
			ID: "snapchat", Name: "Snapchat", Endpoints: oauth.Endpoints{
				Authorize: "https://accounts.snapchat.com/accounts/oauth2/auth", Token: "https://accounts.snapchat.com/accounts/oauth2/token", Revoke: "https://accounts.snapchat.com/accounts/oauth2/revoke",
				UserInfo: "https://kit.snapchat.com/v1/me", API: "https://kit.snapchat.com/v1",
			},
			Scopes: []string{"https://auth.snapchat.com/oauth2/api/user.external_id", "https://auth.snapchat.com/oauth2/api/user.display_name", "https://auth.snapchat.com/oauth2/api/user.bitmoji.avatar"},
			ScopeTexts: map[string]string{
				"https://auth.snapchat.com/oauth2/api/user.external_id": knowYou, "https://auth.snapchat.com/oauth2/api/user.display_name": seeName, "https://auth.snapchat.com/oauth2/api/user.bitmoji.avatar": seeNameFace,
			},
			UserInfoBy: oauth.UserInfoByPost, UserInfoBody: `{"query":"{me{externalId displayName bitmoji{avatar}}}"}`,
			Profile:     oauth.Mapping{Subject: "data.me.externalId", DisplayName: "data.me.displayName|data.me.externalId", FullName: "data.me.displayName", ImageURL: "data.me.bitmoji.avatar"},
			RegisterURL: "https://kit.snapchat.com/portal/",
		},
	}, {
		group: Media, about: "SoundCloud, OAuth 2.0. It gives no e-mail address. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "soundcloud", Name: "SoundCloud", Endpoints: oauth.Endpoints{
				Authorize: "https://secure.soundcloud.com/authorize", Token: "https://secure.soundcloud.com/oauth/token", UserInfo: "https://api.soundcloud.com/me", API: "https://api.soundcloud.com",
			},
			TokenAuth: oauth.AuthPost, Use: oauth.TokenUse{Scheme: "OAuth"},
			Profile:     oauth.Mapping{Subject: "urn", DisplayName: "full_name|username", FullName: "full_name", ProfileURL: "permalink_url", ImageURL: "avatar_url"},
			RegisterURL: "https://soundcloud.com/you/apps",
		},
	}, {
		group: Money, about: "Splitwise, OAuth 2.0, without scopes. It does not say whether the address is verified, and its tokens do not expire.",
		provider: &oauth.OAuth2{
			ID: "splitwise", Name: "Splitwise", Endpoints: oauth.Endpoints{
				Authorize: "https://secure.splitwise.com/oauth/authorize", Token: "https://secure.splitwise.com/oauth/token",
				UserInfo: "https://secure.splitwise.com/api/v3.0/get_current_user", API: "https://secure.splitwise.com/api/v3.0",
			},
			TokenAuth: oauth.AuthPost, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "user.id", DisplayName: "user.first_name user.last_name|user.email", FullName: "user.first_name user.last_name", Email: "user.email", ImageURL: "user.picture.large"},
			RegisterURL: "https://secure.splitwise.com/apps",
		},
	}, {
		group: Media, about: "Spotify, OAuth 2.0. The address is what the user entered: Spotify has no proof that it is theirs, and gives none to applications in development mode, into which only users who are listed in the dashboard may log in.",
		provider: &oauth.OAuth2{
			ID: "spotify", Name: "Spotify", Endpoints: oauth.Endpoints{
				Authorize: "https://accounts.spotify.com/authorize", Token: "https://accounts.spotify.com/api/token",
				UserInfo: "https://api.spotify.com/v1/me", API: "https://api.spotify.com/v1",
			},
			Scopes: []string{"user-read-email"}, ScopeTexts: map[string]string{"user-read-email": seeEmail}, ChooseAccount: url.Values{"show_dialog": {"true"}},
			Profile:     oauth.Mapping{Subject: "account_id", DisplayName: "display_name|id", FullName: "display_name", Email: "email", ProfileURL: "external_urls.spotify", ImageURL: "images.0.url"},
			RegisterURL: "https://developer.spotify.com/dashboard", Mistakes: spotifyMistakes(),
		},
	}, {
		group: Money, about: "Square, OAuth 2.0. The account is a merchant's, without an e-mail address. PKCE is for its public clients alone, and answers say the time at which a token expires rather than its life in seconds.",
		parameters: []Parameter{{Name: "environment", Kind: OneOf, OneOf: []string{"production", "sandbox"}, Default: "production", As: map[string]string{"production": "squareup", "sandbox": "squareupsandbox"}, Example: "sandbox", Help: "which of its systems"}},
		provider: &oauth.OAuth2{
			ID: "square", Name: "Square", Endpoints: oauth.Endpoints{
				Authorize: "https://connect.{environment}.com/oauth2/authorize", Token: "https://connect.{environment}.com/oauth2/token",
				UserInfo: "https://connect.{environment}.com/v2/merchants/me", API: "https://connect.{environment}.com/v2",
			},
			Scopes: []string{"MERCHANT_PROFILE_READ"}, ScopeTexts: map[string]string{"MERCHANT_PROFILE_READ": seeProfile}, TokenAuth: oauth.AuthPost, WithoutPKCE: true, ChooseAccount: url.Values{"session": {"false"}},
			Profile:     oauth.Mapping{Subject: "merchant.id", DisplayName: "merchant.business_name|merchant.id", FullName: "merchant.business_name"},
			RegisterURL: "https://developer.squareup.com/apps",
		},
	}, {
		group: Code, about: "Stack Exchange, OAuth 2.0. It gives no e-mail address. The subject is the account of the whole network, the profile that of one site, and tokens with the scope no_expiry do not expire.",
		parameters: []Parameter{
			{Name: "key", Kind: Line, Example: "U4DMV8nvpm3EOpvf69Rxw2((", Help: "the application's key, which goes with each request beside the client ID"},
			{Name: "site", Kind: Segment, Default: "stackoverflow", Example: "stackoverflow", Help: "the site whose profile counts"},
		},
		provider: &oauth.OAuth2{
			ID: "stackexchange", Name: "Stack Exchange", Endpoints: oauth.Endpoints{
				Authorize: "https://stackoverflow.com/oauth", Token: "https://stackoverflow.com/oauth/access_token/json", UserInfo: "https://api.stackexchange.com/2.3/me", API: "https://api.stackexchange.com/2.3",
			},
			Scopes: []string{"no_expiry"}, ScopeTexts: map[string]string{"no_expiry": stayWhenAway}, ScopeSeparator: ",", TokenAuth: oauth.AuthPost, NoRefresh: true,
			Use: oauth.TokenUse{Query: "access_token"}, APIParams: url.Values{"key": {"{key}"}}, UserInfoParams: url.Values{"site": {"{site}"}},
			Profile:     oauth.Mapping{Subject: "items.0.account_id", DisplayName: "items.0.display_name|items.0.account_id", FullName: "items.0.display_name", ProfileURL: "items.0.link", ImageURL: "items.0.profile_image"},
			RegisterURL: "https://stackapps.com/apps/oauth/register",
		},
	}, {
		group: Media, about: "start.gg, OAuth 2.0. The profile comes by GraphQL; it does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "startgg", Name: "start.gg", Endpoints: oauth.Endpoints{
				Authorize: "https://start.gg/oauth/authorize", Token: "https://api.start.gg/oauth/access_token", Refresh: "https://api.start.gg/oauth/refresh", UserInfo: "https://api.start.gg/gql/alpha", API: "https://api.start.gg",
			},
			Scopes: []string{"user.identity", "user.email"}, ScopeTexts: map[string]string{"user.identity": seeProfile, "user.email": seeEmail}, TokenAuth: oauth.AuthPost, TokenBody: oauth.BodyJSON,
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
				Authorize: "https://api.streamelements.com/oauth2/authorize", Token: "https://api.streamelements.com/oauth2/token",
				UserInfo: "https://api.streamelements.com/kappa/v2/channels/me", API: "https://api.streamelements.com/kappa/v2",
			},
			Scopes: []string{"channel:read"}, ScopeTexts: map[string]string{"channel:read": seeProfile}, TokenAuth: oauth.AuthPost, Use: oauth.TokenUse{Scheme: "oAuth"},
			Profile:     oauth.Mapping{Subject: "_id", DisplayName: "displayName|username", FullName: "displayName", Email: "email", ImageURL: "avatar"},
			RegisterURL: "https://dev.streamelements.com/",
		},
	}, {
		group: Media, about: "Streamlabs, OAuth 2.0, by version 2 of its API. It gives no e-mail address, and its tokens do not expire.",
		provider: &oauth.OAuth2{
			ID: "streamlabs", Name: "Streamlabs", Endpoints: oauth.Endpoints{
				Authorize: "https://streamlabs.com/api/v2.0/authorize", Token: "https://streamlabs.com/api/v2.0/token", UserInfo: "https://streamlabs.com/api/v2.0/user", API: "https://streamlabs.com/api/v2.0",
			},
			Scopes: []string{"donations.read"}, ScopeTexts: map[string]string{"donations.read": seeThere}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "streamlabs.id", DisplayName: "streamlabs.display_name|streamlabs.id", FullName: "streamlabs.display_name"},
			RegisterURL: "https://streamlabs.com/dashboard#/apps",
		},
	}, {
		group: Money, about: "Stripe Connect, OAuth 2.0, of standard accounts: the consumer_key is the platform's client ID (ca_…), the consumer_secret its secret key. The account is a business, and Stripe does not say whether its address is verified, and advises new platforms against OAuth.",
		provider: &oauth.OAuth2{
			ID: "stripe", Name: "Stripe", Endpoints: oauth.Endpoints{
				Authorize: "https://connect.stripe.com/oauth/authorize", Token: "https://connect.stripe.com/oauth/token", UserInfo: "https://api.stripe.com/v1/account", API: "https://api.stripe.com/v1",
			},
			Scopes: []string{"read_write"}, ScopeTexts: map[string]string{"read_write": changeThere}, TokenAuth: oauth.AuthPost,
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
		group: Work, about: "SuperOffice, OpenID Connect. The subject has the tenant in it, since users have numbers there; where the API is says the claim http://schemes.superoffice.net/identity/webapi_url.",
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
