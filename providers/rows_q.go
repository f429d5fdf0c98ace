package providers

import "github.com/gosocial/social/oauth"

func rowsQ() []row {
	return []row{{
		group: Money, about: "Intuit, OAuth 2.0. The callback names the company (realmId), which the accounting API needs. Refresh tokens live a hundred days and change.",
		parameters: []Parameter{{Name: "environment", Kind: OneOf, OneOf: []string{"live", "sandbox"}, Default: "live", As: map[string]string{"live": "", "sandbox": "sandbox-"}, Example: "sandbox", Help: "which of its systems"}},
		provider: &oauth.OAuth2{
			ID: "quickbooks", Name: "Intuit QuickBooks", Endpoints: oauth.Endpoints{
				Authorize: "https://appcenter.intuit.com/connect/oauth2", Token: "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
				UserInfo: "https://{environment}accounts.platform.intuit.com/v1/openid_connect/userinfo", API: "https://{environment}quickbooks.api.intuit.com",
			},
			Scopes: openIDScopes(), UnnamedScopes: []string{"openid"},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "givenName familyName|email", FullName: "givenName familyName", Email: "email", EmailVerified: "emailVerified"},
			RegisterURL: "https://developer.intuit.com/app/developer/myapps",
		},
	}}
}
