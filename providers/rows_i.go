package providers

import "github.com/gosocial/social/oauth"

func rowsI() []row {
	return []row{{
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
