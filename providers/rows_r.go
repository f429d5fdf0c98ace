package providers

import (
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsR() []row {
	return []row{{
		group: Social, about: "Reddit, OAuth 2.0. It gives no e-mail address, and limits applications whose requests do not name them.",
		parameters: []Parameter{{Name: "user_agent", Kind: Line, Example: "web:notes:v1.0 (by /u/nora)", Help: "what names your application to Reddit"}},
		provider: &oauth.OAuth2{
			ID: "reddit", Name: "Reddit", Endpoints: oauth.Endpoints{
				Authorize: "https://www.reddit.com/api/v1/authorize", Token: "https://www.reddit.com/api/v1/access_token", Revoke: "https://www.reddit.com/api/v1/revoke_token",
				UserInfo: "https://oauth.reddit.com/api/v1/me", API: "https://oauth.reddit.com",
			},
			Scopes: []string{"identity"}, ScopeTexts: map[string]string{"identity": seeProfile}, AuthParams: url.Values{"duration": {"permanent"}}, UserAgent: "{user_agent}",
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "name", ProfileURL: "https://www.reddit.com/user/{name}"},
			RegisterURL: "https://www.reddit.com/prefs/apps",
		},
	}}
}
