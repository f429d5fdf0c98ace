package providers

import "github.com/gosocial/social/oauth"

func rowsW() []row {
	return []row{{
		group: Media, about: "WordPress.com, OAuth 2.0, asked who it is alone (scope auth). Its tokens do not expire.",
		provider: &oauth.OAuth2{
			ID: "wordpress", Name: "WordPress.com", Endpoints: oauth.Endpoints{
				Authorize: "https://public-api.wordpress.com/oauth2/authorize", Token: "https://public-api.wordpress.com/oauth2/token",
				UserInfo: "https://public-api.wordpress.com/rest/v1.1/me", API: "https://public-api.wordpress.com/rest/v1.1",
			},
			Scopes: []string{"auth"}, ScopeTexts: map[string]string{"auth": seeProfile}, TokenAuth: oauth.AuthPost, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "ID", DisplayName: "display_name|username", FullName: "display_name", Email: "email", EmailVerified: "email_verified", ProfileURL: "profile_URL", ImageURL: "avatar_URL"},
			RegisterURL: "https://developer.wordpress.com/apps/",
		},
	}}
}
