package providers

import "github.com/gosocial/social/oauth"

func rowsK() []row {
	return []row{{
		about:      "Kanidm, OpenID Connect, on a server of your own. Its ID tokens are signed with ES256.",
		parameters: []Parameter{instance("https://idm.example.org")},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "kanidm", Name: "Kanidm", Issuer: "{instance}/oauth2/openid/{client_id}",
			Scopes: openIDScopes(), RegisterURL: "{instance}",
		}},
	}, {
		about: "Keycloak, OpenID Connect, on a server of your own. Before version 17 /auth comes after the server's address.",
		parameters: []Parameter{
			instance("https://sso.example.org"),
			{Name: "realm", Kind: Segment, Example: "master", Help: "the realm's name, as in its addresses"},
		},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "keycloak", Name: "Keycloak", Issuer: "{instance}/realms/{realm}",
			Scopes: openIDScopes(), RegisterURL: "{instance}/admin/",
		}},
	}}
}
