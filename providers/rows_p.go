package providers

import (
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsP() []row {
	return []row{{
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
	}}
}
