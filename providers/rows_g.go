package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsG() []row {
	return []row{{
		group: Sport, about: "Garmin Connect, OAuth 2.0 with PKCE, for members of its developer program. It says no more of a user than an ID. Ending a token ends the user's registration with the application.",
		provider: &oauth.OAuth2{
			ID: "garmin", Name: "Garmin", Endpoints: oauth.Endpoints{
				Authorize: "https://connect.garmin.com/oauth2Confirm", Token: "https://diauth.garmin.com/di-oauth2-service/oauth/token", Revoke: "https://apis.garmin.com/wellness-api/rest/user/registration",
				UserInfo: "https://apis.garmin.com/wellness-api/rest/user/id", API: "https://apis.garmin.com",
			},
			TokenAuth: oauth.AuthPost, Revocation: oauth.Revocation{Method: http.MethodDelete, Bearer: true, EndsGrant: true},
			Profile:     oauth.Mapping{Subject: "userId", DisplayName: "userId"},
			RegisterURL: "https://developerportal.garmin.com/",
		},
	}, {
		group: Media, about: "Genius, song lyrics, OAuth 2.0. Its tokens do not expire. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "genius", Name: "Genius", Endpoints: oauth.Endpoints{
				Authorize: "https://api.genius.com/oauth/authorize", Token: "https://api.genius.com/oauth/token", UserInfo: "https://api.genius.com/account", API: "https://api.genius.com",
			},
			Scopes: []string{"me"}, ScopeTexts: map[string]string{"me": seeProfile}, TokenAuth: oauth.AuthPost, NoRefresh: true,
			Profile: oauth.Mapping{
				Subject: "response.user.id", DisplayName: "response.user.name|response.user.login", FullName: "response.user.name", Email: "response.user.email",
				ProfileURL: "response.user.url", ImageURL: "response.user.avatar.medium.url",
			},
			RegisterURL: "https://genius.com/api-clients",
		},
	}, {
		group: Code, about: "Gitea, OAuth 2.0, of gitea.com or a server of your own. It does not say whether the address is verified.",
		parameters: []Parameter{{Name: "instance", Kind: BaseAddress, Default: "https://gitea.com", Example: "https://git.example.org", Help: "the server's address"}},
		provider: &oauth.OAuth2{
			ID: "gitea", Name: "Gitea", Endpoints: oauth.Endpoints{
				Authorize: "{instance}/login/oauth/authorize", Token: "{instance}/login/oauth/access_token",
				UserInfo: "{instance}/api/v1/user", API: "{instance}/api/v1",
			},
			Scopes: []string{"read:user"}, ScopeTexts: map[string]string{"read:user": seeProfile}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "full_name|login", FullName: "full_name", Email: "email", ProfileURL: "html_url|{instance}/{login}", ImageURL: "avatar_url"},
			DeadRefresh: []oauth.Condition{"400 error=unauthorized_client"}, RegisterURL: "{instance}/user/settings/applications", Mistakes: serverMistakes(),
		},
	}, {
		group: Code, about: "Gitee, OAuth 2.0. The address is the first that is confirmed, which takes a second call, else the public one of the profile, not verified.",
		provider: &oauth.OAuth2{
			ID: "gitee", Name: "Gitee", Endpoints: oauth.Endpoints{
				Authorize: "https://gitee.com/oauth/authorize", Token: "https://gitee.com/oauth/token", UserInfo: "https://gitee.com/api/v5/user", Emails: "https://gitee.com/api/v5/emails", API: "https://gitee.com/api/v5",
			},
			Scopes: []string{"user_info", "emails"}, ScopeTexts: map[string]string{"user_info": seeProfile, "emails": "see your e-mail addresses"}, TokenAuth: oauth.AuthPost,
			Further: []oauth.FurtherCall{{Name: "emails", Optional: true}},
			Profile: oauth.Mapping{
				Subject: "id", DisplayName: "name|login", FullName: "name", ProfileURL: "html_url", ImageURL: "avatar_url",
				Email: "emails[state=confirmed].email|email", EmailVerified: "emails[state=confirmed].state=confirmed",
			},
			RegisterURL: "https://gitee.com/oauth/applications",
		},
	}, {provider: GitHub(), group: Code, about: "An OAuth or GitHub App, OAuth 2.0. The e-mail address is the primary one of the account " +
		"if it is verified, which takes a second call, else the public one of the profile, not verified. Only GitHub Apps with expiring tokens give refresh tokens."}, {
		group: Code, about: "GitHub Enterprise Server, OAuth 2.0, on a server of your own; otherwise as GitHub. Whether it verifies addresses is up to the server, so it is not on the trust list.",
		parameters: []Parameter{instance("https://github.example.org")}, provider: gitHubEnterprise(),
	}, {
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
			RegisterURL: "{instance}/-/user_settings/applications", Mistakes: serverMistakes(),
		},
	}, {
		group: Public, revokes: true, about: "Globus, OpenID Connect, the log-in of universities and laboratories. The parameter access_type=offline, which is sent, brings a refresh token. It does not say whether the address is verified.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "globus", Name: "Globus", Issuer: "https://auth.globus.org", Scopes: openIDScopes(), AuthParams: url.Values{"access_type": {"offline"}},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|preferred_username", FullName: "name", Email: "email"},
			RegisterURL: "https://app.globus.org/settings/developers",
		}},
	}, {provider: Google(), group: Social, about: "Sign in with Google, OpenID Connect. It asks for a refresh token (access_type=offline); " +
		"Google gives one at the first consent only; reconnecting without one asks for consent again. An address counts as " +
		"verified if it is a gmail.com one or the account is of a Google Workspace (hd): for others Google is not the authority. " +
		"While the consent screen is in testing, only the test users who are listed there may log in."}, {
		group: Public, about: "gov.br, OpenID Connect, the log-in of Brazil's government. The subject is the person's number as a taxpayer (CPF).",
		parameters: []Parameter{{Name: "environment", Kind: OneOf, OneOf: []string{"production", "staging"}, Default: "production", As: map[string]string{"production": "", "staging": "staging."}, Example: "staging", Help: "where the application is registered"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "govbr", Name: "gov.br", Issuer: "https://sso.{environment}acesso.gov.br/", Scopes: openIDScopes(), NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name", FullName: "name", Email: "email", EmailVerified: "email_verified"}, // the picture needs the token
			RegisterURL: "https://acesso.gov.br/roteiro-tecnico/",
		}},
	}, {
		group: Public, about: "GOV.UK One Login, OpenID Connect, for services of the British government. It asks for a medium level of authentication (vtr), and names nobody: the display name is the address. Register a public key and give the private one, or a secret.",
		parameters: []Parameter{{Name: "environment", Kind: OneOf, OneOf: []string{"production", "integration"}, Default: "production", As: map[string]string{"production": "", "integration": "integration."}, Example: "integration", Help: "where the service is registered"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "govukonelogin", Name: "GOV.UK One Login", Issuer: "https://oidc.{environment}account.gov.uk/",
			Scopes: []string{"openid", "email"}, AuthParams: url.Values{"vtr": {`["Cl.Cm"]`}}, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "email", Email: "email", EmailVerified: "email_verified"},
			RegisterURL: "https://www.sign-in.service.gov.uk/",
		}},
	}, {
		group: Money, about: "Gumroad, OAuth 2.0. Its tokens do not expire. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "gumroad", Name: "Gumroad", Endpoints: oauth.Endpoints{
				Authorize: "https://gumroad.com/oauth/authorize", Token: "https://api.gumroad.com/oauth/token", UserInfo: "https://api.gumroad.com/v2/user", API: "https://api.gumroad.com/v2",
			},
			Scopes: []string{"view_profile"}, ScopeTexts: map[string]string{"view_profile": seeProfile}, TokenAuth: oauth.AuthPost, Refused: []oauth.Condition{"success=false"},
			Profile:     oauth.Mapping{Subject: "user.user_id", DisplayName: "user.name|user.email", FullName: "user.name", Email: "user.email", ProfileURL: "user.url", ImageURL: "user.profile_url"},
			RegisterURL: "https://gumroad.com/settings/advanced",
		},
	}}
}

// GitHub is an OAuth or GitHub App, OAuth 2.0.
func GitHub(credentials ...oauth.Credentials) *oauth.OAuth2 {
	return &oauth.OAuth2{
		ID: "github", Name: "GitHub", Credentials: credentials,
		Endpoints: oauth.Endpoints{
			Authorize: "https://github.com/login/oauth/authorize",
			Token:     "https://github.com/login/oauth/access_token",
			UserInfo:  "https://api.github.com/user",
			Emails:    "https://api.github.com/user/emails",
			Revoke:    "https://api.github.com/applications/{client_id}/grant",
			API:       "https://api.github.com",

			DeviceAuthorization: "https://github.com/login/device/code",
		},
		Scopes: []string{"read:user", "user:email"},
		ScopeTexts: map[string]string{
			"read:user":   seeProfile,
			"user:email":  "see your e-mail addresses",
			"repo":        "see and change all your repositories",
			"public_repo": "see and change your public repositories",
			"gist":        "write gists for you",
		},
		// An answer names a scope that contains another instead of it.
		ScopeAliases:   map[string]string{"read:user": "user", "user:email": "user"},
		TokenAuth:      oauth.AuthPost,
		Hints:          map[string]string{"login_hint": "login", "prompt": "prompt"},
		ChooseAccount:  url.Values{"prompt": {"select_account"}},
		Reauthenticate: url.Values{"prompt": {"select_account"}}, // it has no stronger one
		APIHeader: http.Header{
			"Accept":               {"application/vnd.github+json"},
			"X-Github-Api-Version": {"2022-11-28"},
		},
		Profile: oauth.Mapping{
			Subject: "id", DisplayName: "login", FullName: "name",
			// Else the public one, of which nothing is said.
			Email: "emails[primary=true&verified=true].email|email", EmailVerified: "emails[primary=true&verified=true].verified",
			ProfileURL: "html_url", ImageURL: "avatar_url",
		},
		// The user, or the app, may not have granted the addresses.
		Further: []oauth.FurtherCall{{
			Name: "emails", Params: url.Values{"per_page": {"100"}}, Optional: true,
			PageParam: "page", PageSize: 30, // the smallest page that may have a next one
		}},
		ErrorCodes: githubCodes(),
		APIHosts:   []string{"uploads.github.com"},
		Revocation: oauth.Revocation{
			Method: http.MethodDelete, Auth: oauth.AuthBasic, JSON: true, Field: "access_token",
			// A 404 may also be about the client ID: it ends nothing.
			Only: "access_token", Gone: []oauth.Condition{"422"}, EndsGrant: true,
		},
		TrustEmail:  true,
		RegisterURL: "https://github.com/settings/developers",
	}
}

// gitHubEnterprise is GitHub Enterprise Server.
func gitHubEnterprise() *oauth.OAuth2 {
	p := GitHub()
	p.ID, p.Name, p.RegisterURL = "githubenterprise", "GitHub Enterprise Server", "{instance}/settings/developers"
	p.Endpoints = oauth.Endpoints{
		Authorize: "{instance}/login/oauth/authorize",
		Token:     "{instance}/login/oauth/access_token",
		UserInfo:  "{instance}/api/v3/user",
		Emails:    "{instance}/api/v3/user/emails",
		Revoke:    "{instance}/api/v3/applications/{client_id}/grant",
		API:       "{instance}/api/v3",
	}
	p.APIHeader = http.Header{"Accept": {"application/vnd.github+json"}} // older ones know no versions
	p.APIHosts, p.TrustEmail = nil, false
	return p
}
