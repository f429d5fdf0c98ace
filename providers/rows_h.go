package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsH() []row {
	return []row{{
		group: Work, about: "Harvest, OAuth 2.0. Its requests have to name the application. The profile lists the accounts that the token is for, and requests to the API name one of them in a header.",
		parameters: []Parameter{{Name: "user_agent", Kind: Line, Example: "Notes (https://notes.example.org)", Help: "what names your application to Harvest"}},
		provider: &oauth.OAuth2{
			ID: "harvest", Name: "Harvest", Endpoints: oauth.Endpoints{
				Authorize: "https://id.getharvest.com/oauth2/authorize", Token: "https://id.getharvest.com/api/v2/oauth2/token", UserInfo: "https://id.getharvest.com/api/v2/accounts", API: "https://api.harvestapp.com/v2",
			},
			TokenAuth: oauth.AuthPost, UserAgent: "{user_agent}", RegisterURL: "https://id.getharvest.com/developers",
			Profile: oauth.Mapping{Subject: "user.id", DisplayName: "user.first_name user.last_name|user.email", FullName: "user.first_name user.last_name", Email: "user.email"},
		},
	}, {
		group: Work, about: "HeadHunter (hh.ru), OAuth 2.0. It does not say whether the address is verified. Refresh tokens serve once, and only when the access token has expired. Its requests have to name the application.",
		parameters: []Parameter{{Name: "user_agent", Kind: Line, Example: "Notes/1.0 (nora@example.org)", Help: "what names your application to HeadHunter, with a way to reach you"}},
		provider: &oauth.OAuth2{
			ID: "headhunter", Name: "HeadHunter", Endpoints: oauth.Endpoints{
				Authorize: "https://hh.ru/oauth/authorize", Token: "https://api.hh.ru/token", UserInfo: "https://api.hh.ru/me", API: "https://api.hh.ru",
			},
			TokenAuth: oauth.AuthPost, UserAgent: "{user_agent}", LateRefresh: true, TooEarly: []oauth.Condition{"error_description=token not expired"},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "first_name last_name|email", FullName: "first_name last_name", Email: "email"},
			RegisterURL: "https://dev.hh.ru/admin",
		},
	}, {
		group: Public, revokes: true, about: "Helmholtz ID, OpenID Connect, the log-in of the Helmholtz centres and others. A refresh token comes with the scope offline_access.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "helmholtz", Name: "Helmholtz ID", Issuer: "https://login.helmholtz.de/oauth2",
			Scopes: openIDScopes(), RegisterURL: "https://login.helmholtz.de/oauthhome/",
		}},
	}, {
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
		group: Social, about: "HUAWEI ID, OpenID Connect. The parameter access_type=offline, which is sent, brings a refresh token. The ID token has the whole profile.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "huawei", Name: "HUAWEI", Issuer: "https://accounts.huawei.com", Endpoints: oauth.Endpoints{
				Authorize: "https://oauth-login.cloud.huawei.com/oauth2/v3/authorize", Token: "https://oauth-login.cloud.huawei.com/oauth2/v3/token",
				Revoke: "https://oauth-login.cloud.huawei.com/oauth2/v3/revoke", Keys: "https://oauth-login.cloud.huawei.com/oauth2/v3/certs",
			},
			Scopes: openIDScopes(), TokenAuth: oauth.AuthPost, AuthParams: url.Values{"access_type": {"offline"}},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "display_name|name|nickname|email", FullName: "name", Email: "email", EmailVerified: "email_verified", ImageURL: "picture"},
			RegisterURL: "https://developer.huawei.com/consumer/en/console",
		}},
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
	}, {
		group: Code, about: "Sign in with Hugging Face, OpenID Connect.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "huggingface", Name: "Hugging Face", Issuer: "https://huggingface.co",
			Scopes: openIDScopes(), RegisterURL: "https://huggingface.co/settings/applications/new",
		}},
	}}
}
