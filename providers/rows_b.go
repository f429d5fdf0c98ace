package providers

import "github.com/gosocial/social/oauth"

func rowsB() []row {
	return []row{{
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
	}}
}
