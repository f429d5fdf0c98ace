package providers

import "github.com/gosocial/social/oauth"

func rowsM() []row {
	return []row{{
		group: Work, about: "Mailchimp, OAuth 2.0. Its tokens do not expire. The API is at the address that the profile names as api_endpoint.",
		provider: &oauth.OAuth2{
			ID: "mailchimp", Name: "Mailchimp", Endpoints: oauth.Endpoints{
				Authorize: "https://login.mailchimp.com/oauth2/authorize", Token: "https://login.mailchimp.com/oauth2/token", UserInfo: "https://login.mailchimp.com/oauth2/metadata",
			},
			TokenAuth: oauth.AuthPost, Use: oauth.TokenUse{Scheme: "OAuth"}, APIHosts: []string{".api.mailchimp.com"}, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "user_id", DisplayName: "login.login_name|accountname", Email: "login.email|login.login_email", ImageURL: "login.avatar"},
			RegisterURL: "https://admin.mailchimp.com/account/oauth2/",
		},
	}, {
		group: Social, about: "Mail.ru, OAuth 2.0. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "mailru", Name: "Mail.ru", Endpoints: oauth.Endpoints{
				Authorize: "https://oauth.mail.ru/login", Token: "https://oauth.mail.ru/token", UserInfo: "https://oauth.mail.ru/userinfo",
			},
			Scopes: []string{"userinfo"}, ScopeTexts: map[string]string{"userinfo": seeProfile}, Use: oauth.TokenUse{Query: "access_token"},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "name|nickname|email", FullName: "name|first_name last_name", Email: "email", ImageURL: "image"},
			RegisterURL: "https://o2.mail.ru/app/",
		},
	}, {
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
