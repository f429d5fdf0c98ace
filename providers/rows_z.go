package providers

import "github.com/gosocial/social/oauth"

func rowsZ() []row {
	return []row{{
		group: Identity, about: "ZITADEL, OpenID Connect, of its cloud or a server of your own. Its ID tokens name the project too: enter its ID in trusted_audiences.",
		parameters: []Parameter{instance("https://acme.zitadel.cloud")},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "zitadel", Name: "ZITADEL", Issuer: "{instance}",
			Scopes: openIDScopes(), RegisterURL: "{instance}/ui/console",
		}},
	}, {
		group: Work, about: "Zoom, OAuth 2.0. Applications from before granular scopes use the scope user:read.",
		provider: &oauth.OAuth2{
			ID: "zoom", Name: "Zoom", Endpoints: oauth.Endpoints{
				Authorize: "https://zoom.us/oauth/authorize", Token: "https://zoom.us/oauth/token", Revoke: "https://zoom.us/oauth/revoke",
				UserInfo: "https://api.zoom.us/v2/users/me", API: "https://api.zoom.us/v2",
			},
			Scopes: []string{"user:read:user"}, ScopeTexts: map[string]string{"user:read:user": seeProfile}, Revocation: oauth.Revocation{Only: "access_token"},
			Profile: oauth.Mapping{
				Subject: "id", DisplayName: "display_name|first_name last_name", FullName: "first_name last_name|display_name",
				Email: "email", EmailVerified: "verified=1", ImageURL: "pic_url",
			},
			RegisterURL: "https://marketplace.zoom.us/develop/create",
		},
	}}
}
