package providers

import (
	"net/http"

	"github.com/gosocial/social/oauth"
)

func rowsH() []row {
	return []row{{
		group: Code, about: "Heroku, OAuth 2.0. Access tokens live eight hours.",
		provider: &oauth.OAuth2{
			ID: "heroku", Name: "Heroku", Endpoints: oauth.Endpoints{
				Authorize: "https://id.heroku.com/oauth/authorize", Token: "https://id.heroku.com/oauth/token", UserInfo: "https://api.heroku.com/account", API: "https://api.heroku.com",
			},
			Scopes: []string{"identity"}, ScopeTexts: map[string]string{"identity": seeProfile}, TokenAuth: oauth.AuthPost, APIHeader: http.Header{"Accept": {"application/vnd.heroku+json; version=3"}},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "name|email", FullName: "name", Email: "email"}, // verified is about the means of payment
			RegisterURL: "https://dashboard.heroku.com/account/applications",
		},
	}, {
		group: Work, about: "HubSpot, OAuth 2.0. The introspection of the token says who the user is. HubSpot does not say whether the address " +
			"is verified.",
		provider: &oauth.OAuth2{
			ID: "hubspot", Name: "HubSpot",
			Endpoints: oauth.Endpoints{
				Authorize: "https://app.hubspot.com/oauth/authorize", Token: "https://api.hubapi.com/oauth/2026-03/token", Revoke: "https://api.hubapi.com/oauth/2026-03/token/revoke",
				UserInfo: "https://api.hubapi.com/oauth/2026-03/token/introspect", API: "https://api.hubapi.com",
			},
			Scopes: []string{"oauth"}, ScopeTexts: map[string]string{"oauth": knowYou}, TokenAuth: oauth.AuthPost,
			UserInfoBy:  oauth.UserInfoByIntrospection,
			Profile:     oauth.Mapping{Subject: "user_id", DisplayName: "user", Email: "user"},
			DeadRefresh: []oauth.Condition{deadHubSpot},
			Revocation:  oauth.Revocation{Only: "refresh_token"}, // "Deletes/Revokes provided Refresh Token"
			RegisterURL: "https://app.hubspot.com/developer",
		},
	}}
}
