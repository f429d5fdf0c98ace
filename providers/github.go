package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

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
