package providers

import "github.com/gosocial/social/oauth"

func rowsB() []row {
	return []row{{
		group: Media, about: "Battle.net, OAuth 2.0. It gives no e-mail address and no refresh token.",
		provider: &oauth.OAuth2{
			ID: "battlenet", Name: "Battle.net", Endpoints: oauth.Endpoints{
				Authorize: "https://oauth.battle.net/authorize", Token: "https://oauth.battle.net/token", UserInfo: "https://oauth.battle.net/userinfo",
			},
			Scopes: []string{"openid"}, UnnamedScopes: []string{"openid"}, NoRefresh: true, APIHosts: []string{".api.blizzard.com"},
			Profile:     oauth.Mapping{Subject: "id|sub", DisplayName: "battletag|battle_tag"},
			RegisterURL: "https://community.developer.battle.net/access/clients",
		},
	}, {
		group: Code, about: "Bitbucket Cloud, OAuth 2.0. The e-mail address takes a second call. Access tokens live two hours.",
		provider: &oauth.OAuth2{
			ID: "bitbucket", Name: "Bitbucket", Endpoints: oauth.Endpoints{
				Authorize: "https://bitbucket.org/site/oauth2/authorize", Token: "https://bitbucket.org/site/oauth2/access_token",
				UserInfo: "https://api.bitbucket.org/2.0/user", Emails: "https://api.bitbucket.org/2.0/user/emails", API: "https://api.bitbucket.org/2.0",
			},
			Scopes: []string{"account", "email"}, ScopeTexts: map[string]string{"account": seeProfile}, Further: []oauth.FurtherCall{{Name: "emails", Optional: true}},
			Profile: oauth.Mapping{
				Subject: "uuid", DisplayName: "display_name|username", FullName: "display_name", ProfileURL: "links.html.href", ImageURL: "links.avatar.href",
				Email: "emails.values[is_primary=true].email", EmailVerified: "emails.values[is_primary=true].is_confirmed",
			},
			RegisterURL: "https://bitbucket.org/account/workspaces/",
		},
	}, {
		group: Work, about: "Box, OAuth 2.0. What it allows is chosen where the application is registered. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "box", Name: "Box", Endpoints: oauth.Endpoints{
				Authorize: "https://account.box.com/api/oauth2/authorize", Token: "https://api.box.com/oauth2/token", Revoke: "https://api.box.com/oauth2/revoke",
				UserInfo: "https://api.box.com/2.0/users/me", API: "https://api.box.com/2.0",
			},
			TokenAuth: oauth.AuthPost, APIHosts: []string{"upload.box.com"},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "name|login", FullName: "name", Email: "login", ImageURL: "avatar_url"},
			RegisterURL: "https://app.box.com/developers/console",
		},
	}}
}
