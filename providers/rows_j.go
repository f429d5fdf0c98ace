package providers

import "github.com/gosocial/social/oauth"

func rowsJ() []row {
	return []row{{
		group: Identity, about: "JumpCloud, OpenID Connect. A refresh token comes with the scope offline_access.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "jumpcloud", Name: "JumpCloud", Issuer: "https://oauth.id.jumpcloud.com/",
			Scopes: openIDScopes(), RegisterURL: "https://console.jumpcloud.com/",
		}},
	}, {
		group: Identity, about: "JupyterHub, OAuth 2.0, on a server of your own. It knows its users by name, gives no e-mail address, and its tokens are not renewed. The application is registered as a service in its configuration.",
		parameters: []Parameter{instance("https://jupyter.example.org")},
		provider: &oauth.OAuth2{
			ID: "jupyterhub", Name: "JupyterHub", Endpoints: oauth.Endpoints{
				Authorize: "{instance}/hub/api/oauth2/authorize", Token: "{instance}/hub/api/oauth2/token", UserInfo: "{instance}/hub/api/user", API: "{instance}/hub/api",
			},
			TokenAuth: oauth.AuthPost, NoRefresh: true, Profile: oauth.Mapping{Subject: "name", DisplayName: "name"},
			RegisterURL: "https://jupyterhub.readthedocs.io/en/stable/reference/services.html",
		},
	}}
}
