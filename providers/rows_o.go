package providers

import "github.com/gosocial/social/oauth"

func rowsO() []row {
	return []row{{
		group: Identity, about: "Okta, OpenID Connect, by the organization's default authorization server; for the organization's own one set the issuer to https://DOMAIN. A refresh token comes with the scope offline_access.",
		parameters: []Parameter{{Name: "domain", Kind: HostName, Example: "acme.okta.com", Help: "your organization's domain"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "okta", Name: "Okta", Issuer: "https://{domain}/oauth2/default",
			Scopes: openIDScopes(), RegisterURL: "https://developer.okta.com/",
		}},
	}, {
		group: Identity, about: "OneLogin, OpenID Connect, of your account.",
		parameters: []Parameter{{Name: "subdomain", Kind: Label, Example: "acme", Help: "the account's name before .onelogin.com"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "onelogin", Name: "OneLogin", Issuer: "https://{subdomain}.onelogin.com/oidc/2",
			Scopes: openIDScopes(), RegisterURL: "https://developers.onelogin.com/",
		}},
	}}
}
