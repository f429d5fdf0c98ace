package providers

import (
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsS() []row {
	return []row{{
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
		group: Work, about: "Sign in with Slack, OpenID Connect. The subject has the workspace in it, within which alone a user's ID is unique. A refresh token comes only where the application has token rotation.",
		provider: &oauth.OIDC{SubjectClaim: `{"https://slack.com/team_id"}/{"https://slack.com/user_id"}`, OAuth2: oauth.OAuth2{
			ID: "slack", Name: "Slack", Issuer: "https://slack.com", TokenAuth: oauth.AuthPost, Scopes: openIDScopes(), Refused: []oauth.Condition{"ok=false"}, ErrorCodes: otherCodes(),
			RegisterURL: "https://api.slack.com/apps",
		}},
	}, {
		group: Media, about: "Spotify, OAuth 2.0. The address is what the user entered: Spotify has no proof that it is theirs.",
		provider: &oauth.OAuth2{
			ID: "spotify", Name: "Spotify", Endpoints: oauth.Endpoints{
				Authorize: "https://accounts.spotify.com/authorize", Token: "https://accounts.spotify.com/api/token",
				UserInfo: "https://api.spotify.com/v1/me", API: "https://api.spotify.com/v1",
			},
			Scopes: []string{"user-read-email"}, ScopeTexts: map[string]string{"user-read-email": seeEmail}, ChooseAccount: url.Values{"show_dialog": {"true"}},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "display_name|id", FullName: "display_name", Email: "email", ProfileURL: "external_urls.spotify", ImageURL: "images.0.url"},
			RegisterURL: "https://developer.spotify.com/dashboard",
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
	}}
}
