package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsM() []row {
	return []row{{
		group: Work, about: "Mailchimp, OAuth 2.0. The subject is the person who logs in, not the account that they open. Its tokens do not expire. The API is at the address that the profile names as api_endpoint.",
		provider: &oauth.OAuth2{
			ID: "mailchimp", Name: "Mailchimp", Endpoints: oauth.Endpoints{
				Authorize: "https://login.mailchimp.com/oauth2/authorize", Token: "https://login.mailchimp.com/oauth2/token", UserInfo: "https://login.mailchimp.com/oauth2/metadata",
			},
			TokenAuth: oauth.AuthPost, Use: oauth.TokenUse{Scheme: "OAuth"}, APIHosts: []string{".api.mailchimp.com"}, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "login.login_id", DisplayName: "login.login_name|accountname", Email: "login.email|login.login_email", ImageURL: "login.avatar"},
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
			RegisterURL: "{instance}/settings/applications", Mistakes: serverMistakes(),
		},
	}, {
		group: Work, about: "Mattermost, OAuth 2.0, on a server of your own.",
		parameters: []Parameter{instance("https://chat.example.org")},
		provider: &oauth.OAuth2{
			ID: "mattermost", Name: "Mattermost", Endpoints: oauth.Endpoints{
				Authorize: "{instance}/oauth/authorize", Token: "{instance}/oauth/access_token", UserInfo: "{instance}/api/v4/users/me", API: "{instance}/api/v4",
			},
			TokenAuth:   oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "first_name last_name|nickname|username", FullName: "first_name last_name", Email: "email", EmailVerified: "email_verified"},
			RegisterURL: "{instance}",
		},
	}, {
		group: Social, about: "Meetup, OAuth 2.0. The profile comes by GraphQL. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "meetup", Name: "Meetup", Endpoints: oauth.Endpoints{
				Authorize: "https://secure.meetup.com/oauth2/authorize", Token: "https://secure.meetup.com/oauth2/access",
				UserInfo: "https://api.meetup.com/gql-ext", API: "https://api.meetup.com",
			},
			Scopes: []string{"basic"}, ScopeTexts: map[string]string{"basic": seeProfile}, TokenAuth: oauth.AuthPost,
			UserInfoBy: oauth.UserInfoByPost, UserInfoBody: `{"query":"{self{id name email memberUrl}}"}`,
			Profile:     oauth.Mapping{Subject: "data.self.id", DisplayName: "data.self.name|data.self.email", FullName: "data.self.name", Email: "data.self.email", ProfileURL: "data.self.memberUrl"},
			RegisterURL: "https://www.meetup.com/api/oauth/list/",
		},
	}, {
		group: Work, about: "Mendeley, OAuth 2.0. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "mendeley", Name: "Mendeley", Endpoints: oauth.Endpoints{
				Authorize: "https://api.mendeley.com/oauth/authorize", Token: "https://api.mendeley.com/oauth/token", UserInfo: "https://api.mendeley.com/profiles/me", API: "https://api.mendeley.com",
			},
			Scopes: []string{"all"}, ScopeTexts: map[string]string{"all": seeThere}, UserInfoHeader: http.Header{"Accept": {"application/vnd.mendeley-profiles.1+json"}},
			Profile: oauth.Mapping{
				Subject: "id", DisplayName: "display_name|first_name last_name|email", FullName: "display_name|first_name last_name", Email: "email",
				ProfileURL: "link", ImageURL: "photo.standard",
			},
			RegisterURL: "https://dev.mendeley.com/myapps.html",
		},
	}, {
		group: Money, about: "Mercado Libre and Mercado Livre, OAuth 2.0, of the country where people log in. What it grants is chosen where the application is registered; a refresh token needs offline_access there.",
		parameters: []Parameter{{
			Name: "country", Kind: OneOf, OneOf: []string{"ar", "bo", "br", "cl", "co", "cr", "do", "ec", "gt", "hn", "mx", "ni", "pa", "pe", "py", "sv", "uy", "ve"}, Default: "ar", Example: "br", Help: "the country",
			As: map[string]string{
				"ar": "libre.com.ar", "bo": "libre.com.bo", "br": "livre.com.br", "cl": "libre.cl", "co": "libre.com.co", "cr": "libre.co.cr", "do": "libre.com.do", "ec": "libre.com.ec", "gt": "libre.com.gt",
				"hn": "libre.com.hn", "mx": "libre.com.mx", "ni": "libre.com.ni", "pa": "libre.com.pa", "pe": "libre.com.pe", "py": "libre.com.py", "sv": "libre.com.sv", "uy": "libre.com.uy", "ve": "libre.com.ve",
			},
		}},
		provider: &oauth.OAuth2{
			ID: "mercadolibre", Name: "Mercado Libre", Endpoints: oauth.Endpoints{
				Authorize: "https://auth.mercado{country}/authorization", Token: "https://api.mercadolibre.com/oauth/token", UserInfo: "https://api.mercadolibre.com/users/me", API: "https://api.mercadolibre.com",
			},
			TokenAuth: oauth.AuthPost, RegisterURL: "https://developers.mercadolibre.com.ar/devcenter",
			Profile: oauth.Mapping{Subject: "id", DisplayName: "first_name last_name|nickname", FullName: "first_name last_name", Email: "email", ProfileURL: "permalink", ImageURL: "thumbnail.picture_url"},
		},
	}, {
		group: Media, revokes: true, about: "MetaBrainz, OpenID Connect, the account of MusicBrainz, ListenBrainz and their sisters. It gives no e-mail address. Refresh tokens serve once.",
		provider: &oauth.OIDC{UserInfo: oauth.UserInfoNever, OAuth2: oauth.OAuth2{
			ID: "metabrainz", Name: "MetaBrainz", Issuer: "https://metabrainz.org", Scopes: []string{"openid", "profile"}, Consent: url.Values{"approval_prompt": {"force"}},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "username"},
			RegisterURL: "https://metabrainz.org/profile/applications",
		}},
	}, {provider: Microsoft(""), make: newMicrosoft, group: Work, about: "The Microsoft identity platform, OpenID Connect. The subject is " +
		"\"tid/oid\": sub differs between applications, and oid alone between tenants. Its e-mail addresses are whatever a " +
		"tenant's administrator wrote, so they never count as verified. " +
		"A national cloud is chosen by its issuer: https://login.microsoftonline.us/TENANT/v2.0, " +
		"or https://login.partner.microsoftonline.cn/TENANT/v2.0."}, {
		group: Work, about: "Miro, OAuth 2.0. A refresh token comes where the application was registered with tokens that expire.",
		provider: &oauth.OAuth2{
			ID: "miro", Name: "Miro", Endpoints: oauth.Endpoints{
				Authorize: "https://miro.com/oauth/authorize", Token: "https://api.miro.com/v1/oauth/token", Revoke: "https://api.miro.com/v1/oauth/revoke?access_token={token}",
				UserInfo: "https://api.miro.com/v1/users/me", API: "https://api.miro.com",
			},
			Scopes: []string{"identity:read"}, ScopeTexts: map[string]string{"identity:read": seeProfile}, TokenAuth: oauth.AuthPost, Revocation: oauth.Revocation{Auth: oauth.AuthNone, Only: "access_token"},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "name|email", FullName: "name", Email: "email", ImageURL: "picture.imageUrl|picture.imageURL"},
			RegisterURL: "https://miro.com/app/settings/user-profile/apps",
		},
	}, {
		group: Money, about: "Mollie Connect, OAuth 2.0. It says which organization is connected, not who did it.",
		provider: &oauth.OAuth2{
			ID: "mollie", Name: "Mollie", Endpoints: oauth.Endpoints{
				Authorize: "https://my.mollie.com/oauth2/authorize", Token: "https://api.mollie.com/oauth2/tokens", Revoke: "https://api.mollie.com/oauth2/tokens",
				UserInfo: "https://api.mollie.com/v2/organizations/me", API: "https://api.mollie.com/v2",
			},
			Scopes: []string{"organizations.read"}, ScopeTexts: map[string]string{"organizations.read": seeThere}, Revocation: oauth.Revocation{Method: "DELETE"},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "name|email", FullName: "name", Email: "email"},
			RegisterURL: "https://my.mollie.com/dashboard/developers/applications",
		},
	}, {
		group: Work, about: "monday.com, OAuth 2.0. The profile comes by GraphQL. The application needs the new OAuth flow, a switch of its version, since monday.com takes no tokens of the old one; an administrator installs it first. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "monday", Name: "monday.com", Endpoints: oauth.Endpoints{
				Authorize: "https://auth.monday.com/oauth2/authorize", Token: "https://auth.monday.com/oauth_ms/oauth/token", Revoke: "https://auth.monday.com/oauth_ms/oauth/revoke",
				UserInfo: "https://api.monday.com/v2", API: "https://api.monday.com",
			},
			Scopes: []string{"me:read"}, ScopeTexts: map[string]string{"me:read": seeProfile}, TokenAuth: oauth.AuthPost, TokenBody: oauth.BodyJSON, Revocation: oauth.Revocation{JSON: true},
			UserInfoBy: oauth.UserInfoByPost, UserInfoBody: `{"query":"{me{id name email is_verified url photo_original}}"}`,
			Profile: oauth.Mapping{
				Subject: "data.me.id", DisplayName: "data.me.name|data.me.email", FullName: "data.me.name", Email: "data.me.email", EmailVerified: "data.me.is_verified",
				ProfileURL: "data.me.url", ImageURL: "data.me.photo_original",
			},
			RegisterURL: "https://auth.monday.com/developers",
		},
	}, {
		group: Work, about: "Mural, OAuth 2.0. It does not say whether the address is verified. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "mural", Name: "Mural", Endpoints: oauth.Endpoints{
				Authorize: "https://app.mural.co/api/public/v1/authorization/oauth2/", Token: "https://app.mural.co/api/public/v1/authorization/oauth2/token",
				Refresh:  "https://app.mural.co/api/public/v1/authorization/oauth2/refresh",
				UserInfo: "https://app.mural.co/api/public/v1/users/me", API: "https://app.mural.co/api/public/v1",
			},
			Scopes: []string{"identity:read"}, ScopeTexts: map[string]string{"identity:read": seeProfile}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "value.id", DisplayName: "value.firstName value.lastName|value.email", FullName: "value.firstName value.lastName", Email: "value.email", ImageURL: "value.avatar"},
			RegisterURL: "https://app.mural.co/me/apps",
		},
	}, {
		group: Media, about: "MusicBrainz, OAuth 2.0. A user's name there can change; the subject is the number of the account.",
		provider: &oauth.OAuth2{
			ID: "musicbrainz", Name: "MusicBrainz", Endpoints: oauth.Endpoints{
				Authorize: "https://musicbrainz.org/oauth2/authorize", Token: "https://musicbrainz.org/oauth2/token", Revoke: "https://musicbrainz.org/oauth2/revoke",
				UserInfo: "https://musicbrainz.org/oauth2/userinfo", API: "https://musicbrainz.org/ws/2",
			},
			Scopes: []string{"profile", "email"}, ScopeTexts: map[string]string{"profile": seePublic, "email": seeEmail}, TokenAuth: oauth.AuthPost,
			AuthParams:  url.Values{"access_type": {"offline"}},
			Profile:     oauth.Mapping{Subject: "metabrainz_user_id", DisplayName: "sub", Email: "email", EmailVerified: "email_verified", ProfileURL: "profile"},
			RegisterURL: "https://musicbrainz.org/account/applications",
		},
	}, {
		group: Money, about: "MYOB, OAuth 2.0. Who the user is comes with the token only. The callback names the company file (businessId), which the API needs; keys from before March 2025 use the scope CompanyFile.",
		provider: &oauth.OAuth2{
			ID: "myob", Name: "MYOB", Endpoints: oauth.Endpoints{
				Authorize: "https://secure.myob.com/oauth2/account/authorize", Token: "https://secure.myob.com/oauth2/v1/authorize", API: "https://api.myob.com",
			},
			Scopes: []string{"sme-company-file"}, ScopeTexts: map[string]string{"sme-company-file": seeThere}, TokenAuth: oauth.AuthPost,
			AuthParams: url.Values{"prompt": {"consent"}}, APIHeader: http.Header{"x-myobapi-key": {"{client_id}"}, "x-myobapi-version": {"v2"}},
			ProfileFromToken: true, Profile: oauth.Mapping{Subject: "user.uid", DisplayName: "user.username"},
			RegisterURL: "https://my.myob.com.au/au/bd/DevAppList.aspx",
		},
	}}
}
