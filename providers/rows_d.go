package providers

import "github.com/gosocial/social/oauth"

func rowsD() []row {
	return []row{{
		about: "DeviantArt, OAuth 2.0. It gives no e-mail address. Refresh tokens serve once and live three months.",
		provider: &oauth.OAuth2{
			ID: "deviantart", Name: "DeviantArt",
			Endpoints: oauth.Endpoints{
				Authorize: "https://www.deviantart.com/oauth2/authorize", Token: "https://www.deviantart.com/oauth2/token", Revoke: "https://www.deviantart.com/oauth2/revoke",
				UserInfo: "https://www.deviantart.com/api/v1/oauth2/user/whoami", API: "https://www.deviantart.com/api/v1/oauth2",
			},
			Scopes: []string{"user"}, ScopeTexts: map[string]string{"user": seePublic}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "userid", DisplayName: "username", ProfileURL: "https://www.deviantart.com/{username}", ImageURL: "usericon"},
			DeadRefresh: []oauth.Condition{deadDeviantArt},
			// "This will revoke all access tokens, refresh tokens and authorizations."
			Revocation:  oauth.Revocation{EndsGrant: true},
			RegisterURL: "https://www.deviantart.com/developers/apps",
		},
	}}
}
