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
	}, {
		group: Identity, about: "PingOne, OpenID Connect, of your environment.",
		parameters: []Parameter{
			{Name: "environment_id", Kind: Segment, Example: "b9817c16-0000-4000-8000-000000000001", Help: "the environment's ID"},
			{Name: "region", Kind: OneOf, OneOf: []string{"com", "ca", "eu", "asia", "com.au", "sg"}, Default: "com", Example: "eu", Help: "the end of its addresses"},
		},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "pingone", Name: "PingOne", Issuer: "https://auth.pingone.{region}/{environment_id}/as",
			Scopes: openIDScopes(), RegisterURL: "https://console.pingone.{region}/",
		}},
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
