package providers

import (
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsI() []row {
	return []row{{
		group: Public, about: "ID.me, OpenID Connect. Each policy (military, student, identity) is a scope: name yours in scopes; some give the address. Its user info is a signed JWT.",
		provider: &oauth.OIDC{UserInfo: oauth.UserInfoAlways, OAuth2: oauth.OAuth2{
			ID: "idme", Name: "ID.me", Issuer: "https://api.id.me/oidc", TokenAuth: oauth.AuthPost,
			Scopes:      []string{"openid"},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "fname lname|email", FullName: "fname lname", Email: "email"},
			RegisterURL: "https://developers.id.me/", NoRefresh: true,
		}},
	}, {
		group: Identity, about: "Infomaniak, OpenID Connect. The parameter access_type=offline, which is sent, brings a refresh token.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "infomaniak", Name: "Infomaniak", Issuer: "https://login.infomaniak.com",
			Scopes: openIDScopes(), AuthParams: url.Values{"access_type": {"offline"}}, RegisterURL: "https://manager.infomaniak.com/",
		}},
	}, {
		group: Social, about: "Instagram for business and creator accounts, OAuth 2.0. Its access tokens live 60 days and prolong themselves, so keep-alive has to run. It gives no address.",
		provider: &oauth.OAuth2{
			ID: "instagram", Name: "Instagram", Endpoints: oauth.Endpoints{
				Authorize: "https://www.instagram.com/oauth/authorize", Token: "https://api.instagram.com/oauth/access_token",
				Refresh: "https://graph.instagram.com/refresh_access_token", UserInfo: "https://graph.instagram.com/me", API: "https://graph.instagram.com",
			},
			Scopes: []string{"instagram_business_basic"}, ScopeTexts: map[string]string{"instagram_business_basic": seeProfile}, ScopeSeparator: ",", TokenAuth: oauth.AuthPost, TokenAt: "data.0",
			LongLived:      oauth.LongLived{Exchange: "https://graph.instagram.com/access_token", ExchangeGrant: "ig_exchange_token", RefreshGrant: "ig_refresh_token"},
			UserInfoParams: url.Values{"fields": {"user_id,username,name,profile_picture_url"}}, Use: oauth.TokenUse{Query: "access_token"},
			Profile:    oauth.Mapping{Subject: "user_id", DisplayName: "name|username", FullName: "name", ProfileURL: "https://www.instagram.com/{username}", ImageURL: "profile_picture_url"},
			ErrorCodes: facebookCodes(), Denied: []oauth.Condition{deniedFacebook}, RegisterURL: "https://developers.facebook.com/apps/",
		},
	}, {
		group: Work, about: "Intercom, OAuth 2.0. Its tokens do not expire. What it allows is chosen where the application is registered.",
		parameters: []Parameter{{Name: "region", Kind: OneOf, OneOf: []string{"us", "eu", "au"}, Default: "us", As: map[string]string{"us": "", "eu": "eu.", "au": "au."}, Example: "eu", Help: "where the workspace is kept"}},
		provider: &oauth.OAuth2{
			ID: "intercom", Name: "Intercom", Endpoints: oauth.Endpoints{
				Authorize: "https://app.{region}intercom.com/oauth", Token: "https://api.{region}intercom.io/auth/eagle/token",
				UserInfo: "https://api.{region}intercom.io/me", API: "https://api.{region}intercom.io",
			},
			TokenAuth: oauth.AuthPost, Names: map[string]string{"access_token": "token"}, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "name|email", FullName: "name", Email: "email", EmailVerified: "email_verified", ImageURL: "avatar.image_url"},
			RegisterURL: "https://app.intercom.com/a/developer-signup",
		},
	}}
}
