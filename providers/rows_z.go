package providers

import "github.com/gosocial/social/oauth"

func rowsZ() []row {
	return []row{{
		group: Work, about: "Zendesk, OAuth 2.0, of your account.",
		parameters: []Parameter{{Name: "subdomain", Kind: Label, Example: "acme", Help: "the account's name before .zendesk.com"}},
		provider: &oauth.OAuth2{
			ID: "zendesk", Name: "Zendesk", Endpoints: oauth.Endpoints{
				Authorize: "https://{subdomain}.zendesk.com/oauth/authorizations/new", Token: "https://{subdomain}.zendesk.com/oauth/tokens",
				UserInfo: "https://{subdomain}.zendesk.com/api/v2/users/me.json", API: "https://{subdomain}.zendesk.com/api/v2",
			},
			Scopes: []string{"read"}, ScopeTexts: map[string]string{"read": seeThere}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "user.id", DisplayName: "user.name|user.email", FullName: "user.name", Email: "user.email", EmailVerified: "user.verified", ImageURL: "user.photo.content_url"},
			RegisterURL: "https://{subdomain}.zendesk.com/admin/apps-integrations/apis/zendesk-api/oauth_clients",
		},
	}, {
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
