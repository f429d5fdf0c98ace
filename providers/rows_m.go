package providers

import "github.com/gosocial/social/oauth"

func rowsM() []row {
	return []row{{
		group: Social, about: "Mastodon, OAuth 2.0, of one server. Its tokens do not expire, and it gives no e-mail address.",
		parameters: []Parameter{{Name: "instance", Kind: BaseAddress, Default: "https://mastodon.social", Example: "https://social.example.org", Help: "the server's address"}},
		provider: &oauth.OAuth2{
			ID: "mastodon", Name: "Mastodon", Endpoints: oauth.Endpoints{
				Authorize: "{instance}/oauth/authorize", Token: "{instance}/oauth/token", Revoke: "{instance}/oauth/revoke",
				UserInfo: "{instance}/api/v1/accounts/verify_credentials", API: "{instance}/api",
			},
			Scopes: []string{"read:accounts"}, ScopeTexts: map[string]string{"read:accounts": seeProfile}, TokenAuth: oauth.AuthPost, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "display_name|username", FullName: "display_name", ProfileURL: "url", ImageURL: "avatar"},
			RegisterURL: "{instance}/settings/applications",
		},
	}, {provider: Microsoft(""), make: newMicrosoft, group: Work, about: "The Microsoft identity platform, OpenID Connect. The subject is " +
		"\"tid/oid\": sub differs between applications, and oid alone between tenants. Its e-mail addresses are whatever a " +
		"tenant's administrator wrote, so they never count as verified. " +
		"A national cloud is chosen by its issuer: https://login.microsoftonline.us/TENANT/v2.0, " +
		"or https://login.partner.microsoftonline.cn/TENANT/v2.0."}}
}
