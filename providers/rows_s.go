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
				Authorize: "https://login.szn.cz/api/v1/oauth/auth", Token: "https://login.szn.cz/api/v1/oauth/token", Revoke: "https://login.szn.cz/api/v1/oauth/revoke",
				UserInfo: "https://login.szn.cz/api/v1/user", API: "https://login.szn.cz/api/v1",
			},
			Scopes: []string{"identity", "avatar"}, ScopeTexts: map[string]string{"identity": seeProfile, "avatar": seeNameFace}, ScopeSeparator: ",",
			TokenAuth: oauth.AuthPost, TokenBody: oauth.BodyJSON, Use: oauth.TokenUse{Scheme: "bearer"},
			Revocation:  oauth.Revocation{Bearer: true, JSON: true, Field: "token", Params: url.Values{"token_type_hint": {"access_token"}}},
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
				Authorize: "https://secure.soundcloud.com/authorize", Token: "https://secure.soundcloud.com/oauth/token", Revoke: "https://secure.soundcloud.com/sign-out", UserInfo: "https://api.soundcloud.com/me", API: "https://api.soundcloud.com",
			},
			TokenAuth: oauth.AuthPost, Use: oauth.TokenUse{Scheme: "OAuth"}, Revocation: oauth.Revocation{Auth: oauth.AuthNone, JSON: true, Field: "access_token", Only: "access_token", Gone: []oauth.Condition{"401"}},
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
				Authorize: "https://connect.{environment}.com/oauth2/authorize", Token: "https://connect.{environment}.com/oauth2/token", Revoke: "https://connect.{environment}.com/oauth2/revoke",
				UserInfo: "https://connect.{environment}.com/v2/merchants/me", API: "https://connect.{environment}.com/v2",
			},
			Scopes: []string{"MERCHANT_PROFILE_READ"}, ScopeTexts: map[string]string{"MERCHANT_PROFILE_READ": seeProfile}, TokenAuth: oauth.AuthPost, WithoutPKCE: true, ChooseAccount: url.Values{"session": {"false"}},
			Revocation:  oauth.Revocation{SecretScheme: "Client", JSON: true, Field: "access_token", Only: "access_token", EndsGrant: true},
			Profile:     oauth.Mapping{Subject: "merchant.id", DisplayName: "merchant.business_name|merchant.id", FullName: "merchant.business_name"},
			RegisterURL: "https://developer.squareup.com/apps",
		},
	}}
}
