package providers

import "github.com/gosocial/social/oauth"

func rowsG() []row {
	return []row{{
		group: Code, about: "Gitea, OAuth 2.0, of gitea.com or a server of your own. It does not say whether the address is verified.",
		parameters: []Parameter{{Name: "instance", Kind: BaseAddress, Default: "https://gitea.com", Example: "https://git.example.org", Help: "the server's address"}},
		provider: &oauth.OAuth2{
			ID: "gitea", Name: "Gitea", Endpoints: oauth.Endpoints{
				Authorize: "{instance}/login/oauth/authorize", Token: "{instance}/login/oauth/access_token",
				UserInfo: "{instance}/api/v1/user", API: "{instance}/api/v1",
			},
			Scopes: []string{"read:user"}, ScopeTexts: map[string]string{"read:user": seeProfile}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "full_name|login", FullName: "full_name", Email: "email", ProfileURL: "html_url|{instance}/{login}", ImageURL: "avatar_url"},
			DeadRefresh: []oauth.Condition{"400 error=unauthorized_client"}, RegisterURL: "{instance}/user/settings/applications",
		},
	}, {provider: GitHub(), group: Code, about: "An OAuth or GitHub App, OAuth 2.0. The e-mail address is the primary one of the account " +
		"if it is verified, which takes a second call, else the public one of the profile, not verified. Only GitHub Apps with expiring tokens give refresh tokens."}, {
		group: Code, about: "GitLab, OAuth 2.0, of gitlab.com or a server of your own.",
		parameters: []Parameter{{Name: "instance", Kind: BaseAddress, Default: "https://gitlab.com", Example: "https://gitlab.example.org", Help: "the server's address"}},
		provider: &oauth.OAuth2{
			ID: "gitlab", Name: "GitLab",
			Endpoints: oauth.Endpoints{
				Authorize: "{instance}/oauth/authorize", Token: "{instance}/oauth/token", Revoke: "{instance}/oauth/revoke",
				UserInfo: "{instance}/api/v4/user", API: "{instance}/api/v4",
			},
			Scopes: []string{"read_user"}, ScopeTexts: map[string]string{"read_user": seeProfile}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "name|username", FullName: "name", Email: "email", EmailVerified: "confirmed_at!=null", ProfileURL: "web_url", ImageURL: "avatar_url"},
			RegisterURL: "{instance}/-/user_settings/applications",
		},
	}, {provider: Google(), group: Social, about: "Sign in with Google, OpenID Connect. It asks for a refresh token (access_type=offline); " +
		"Google gives one at the first consent only; reconnecting without one asks for consent again. An address counts as " +
		"verified if it is a gmail.com one or the account is of a Google Workspace (hd): for others Google is not the authority."}}
}
