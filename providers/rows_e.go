package providers

import "github.com/gosocial/social/oauth"

func rowsE() []row {
	return []row{{
		group: Money, about: "eBay, OAuth 2.0. In place of the redirect address it takes the name that it gives to it (RuName). Addresses of private persons it gives to chosen applications only.",
		parameters: []Parameter{
			{Name: "ru_name", Kind: Segment, Example: "Nora_Quill-NoraQuil-Notes-abcdef", Help: "eBay's name of the redirect address (RuName)"},
			{Name: "environment", Kind: OneOf, OneOf: []string{"live", "sandbox"}, Default: "live", As: map[string]string{"live": "", "sandbox": "sandbox."}, Example: "sandbox", Help: "which of its systems"},
		},
		provider: &oauth.OAuth2{
			ID: "ebay", Name: "eBay", RedirectName: "{ru_name}", RegisterURL: "https://developer.ebay.com/my/keys", Endpoints: oauth.Endpoints{
				Authorize: "https://auth.{environment}ebay.com/oauth2/authorize", Token: "https://api.{environment}ebay.com/identity/v1/oauth2/token",
				UserInfo: "https://apiz.{environment}ebay.com/commerce/identity/v1/user/", API: "https://api.{environment}ebay.com",
			},
			Scopes:     []string{"https://api.ebay.com/oauth/api_scope/commerce.identity.readonly"},
			ScopeTexts: map[string]string{"https://api.ebay.com/oauth/api_scope/commerce.identity.readonly": seeProfile},
			Profile:    oauth.Mapping{Subject: "userId", DisplayName: "username|userId", FullName: "individualAccount.firstName individualAccount.lastName|businessAccount.name", Email: "businessAccount.email|individualAccount.email"},
		},
	}}
}
