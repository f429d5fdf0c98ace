package providers

import "github.com/gosocial/social/oauth"

func rowsH() []row {
	return []row{{
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
