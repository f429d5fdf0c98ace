package providers

import (
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsD() []row {
	return []row{{
		group: Identity, about: "Descope, OpenID Connect, of your project. The client ID is the project's ID, the secret an access key.",
		parameters: []Parameter{{Name: "project", Kind: Segment, Example: "P2abcDEFghiJKLmnoPQRstuVWxyz", Help: "the project's ID"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "descope", Name: "Descope", Issuer: "https://api.descope.com/{project}",
			Scopes: openIDScopes(), TokenAuth: oauth.AuthPost, RegisterURL: "https://app.descope.com/",
		}},
	}, {
		group: Media, about: "DeviantArt, OAuth 2.0. It gives no e-mail address. Refresh tokens serve once and live three months.",
		provider: &oauth.OAuth2{
			ID: "deviantart", Name: "DeviantArt",
			Endpoints: oauth.Endpoints{
				Authorize: "https://www.deviantart.com/oauth2/authorize", Token: "https://www.deviantart.com/oauth2/token", Revoke: "https://www.deviantart.com/oauth2/revoke",
				UserInfo: "https://www.deviantart.com/api/v1/oauth2/user/whoami", API: "https://www.deviantart.com/api/v1/oauth2",
			},
			Scopes: []string{"user"}, ScopeTexts: map[string]string{"user": seePublic}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "userid", DisplayName: "username", ProfileURL: "https://www.deviantart.com/{username}", ImageURL: "usericon"},
			DeadRefresh: []oauth.Condition{deadDeviantArt},
			// "This will revoke all access tokens, refresh tokens and authorizations."
			Revocation:  oauth.Revocation{EndsGrant: true},
			RegisterURL: "https://www.deviantart.com/developers/apps",
		},
	}, {
		group: Public, about: "edu-ID of the DFN, OpenID Connect, for German universities. Which claims it gives is agreed on with the DFN; none says whether the address is verified.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "dfneduid", Name: "edu-ID (DFN)", Issuer: "https://proxy.edu-id.dfn.de", Scopes: openIDScopes(),
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|given_name family_name|email", FullName: "name|given_name family_name", Email: "email"},
			RegisterURL: "https://doku.tid.dfn.de/de:aai:eduid:spconfig",
		}},
	}, {
		group: Code, about: "DigitalOcean, OAuth 2.0. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "digitalocean", Name: "DigitalOcean", Endpoints: oauth.Endpoints{
				Authorize: "https://cloud.digitalocean.com/v1/oauth/authorize", Token: "https://cloud.digitalocean.com/v1/oauth/token",
				UserInfo: "https://api.digitalocean.com/v2/account", API: "https://api.digitalocean.com/v2",
			},
			Scopes: []string{"read"}, ScopeTexts: map[string]string{"read": seeThere}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "account.uuid", DisplayName: "account.name|account.email", FullName: "account.name", Email: "account.email", EmailVerified: "account.email_verified"},
			RegisterURL: "https://cloud.digitalocean.com/account/api/applications",
		},
	}, {
		group: Social, about: "Discord, OAuth 2.0. It says whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "discord", Name: "Discord", Endpoints: oauth.Endpoints{
				Authorize: "https://discord.com/oauth2/authorize", Token: "https://discord.com/api/oauth2/token", Revoke: "https://discord.com/api/oauth2/token/revoke",
				UserInfo: "https://discord.com/api/users/@me", API: "https://discord.com/api",
			},
			Issuer: "https://discord.com", TokenAuth: oauth.AuthPost, Scopes: []string{"identify", "email"}, ScopeTexts: map[string]string{"identify": seeProfile},
			Profile: oauth.Mapping{
				Subject: "id", DisplayName: "global_name|username", FullName: "global_name", Email: "email", EmailVerified: "verified",
				ImageURL: "https://cdn.discordapp.com/avatars/{id}/{avatar}.png",
			},
			RegisterURL: "https://discord.com/developers/applications",
		},
	}, {
		group: Work, about: "Docusign, OAuth 2.0. The API is at the address that the profile names as accounts.0.base_uri. A refresh token that lives longer comes with the scope extended.",
		parameters: []Parameter{{Name: "environment", Kind: OneOf, OneOf: []string{"live", "demo"}, Default: "live", As: map[string]string{"live": "", "demo": "-d"}, Example: "demo", Help: "which of its systems"}},
		provider: &oauth.OAuth2{
			ID: "docusign", Name: "Docusign", Endpoints: oauth.Endpoints{
				Authorize: "https://account{environment}.docusign.com/oauth/auth", Token: "https://account{environment}.docusign.com/oauth/token", UserInfo: "https://account{environment}.docusign.com/oauth/userinfo",
			},
			Scopes: []string{"signature"}, ScopeTexts: map[string]string{"signature": changeThere, "extended": stayWhenAway}, APIHosts: []string{".docusign.net"},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|given_name family_name|email", FullName: "name|given_name family_name", Email: "email"},
			RegisterURL: "https://apps-d.docusign.com/admin/apps-and-keys",
		},
	}, {
		group: Media, about: "Dribbble, OAuth 2.0. It gives no e-mail address, and its tokens do not expire.",
		provider: &oauth.OAuth2{
			ID: "dribbble", Name: "Dribbble", Endpoints: oauth.Endpoints{
				Authorize: "https://dribbble.com/oauth/authorize", Token: "https://dribbble.com/oauth/token", UserInfo: "https://api.dribbble.com/v2/user", API: "https://api.dribbble.com/v2",
			},
			Scopes: []string{"public"}, ScopeTexts: map[string]string{"public": seePublic}, TokenAuth: oauth.AuthPost, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "name|login", FullName: "name", ProfileURL: "html_url", ImageURL: "avatar_url"},
			RegisterURL: "https://dribbble.com/account/applications/new",
		},
	}, {
		group: Work, about: "Dropbox, OAuth 2.0. A refresh token comes with token_access_type=offline, which is sent.",
		provider: &oauth.OAuth2{
			ID: "dropbox", Name: "Dropbox", Endpoints: oauth.Endpoints{
				Authorize: "https://www.dropbox.com/oauth2/authorize", Token: "https://api.dropboxapi.com/oauth2/token", Revoke: "https://api.dropboxapi.com/2/auth/token/revoke",
				UserInfo: "https://api.dropboxapi.com/2/users/get_current_account", API: "https://api.dropboxapi.com/2",
			},
			Scopes: []string{"account_info.read"}, ScopeTexts: map[string]string{"account_info.read": seeProfile}, TokenAuth: oauth.AuthPost, UserInfoBy: oauth.UserInfoByPost,
			AuthParams: url.Values{"token_access_type": {"offline"}}, APIHosts: []string{"content.dropboxapi.com", "notify.dropboxapi.com"}, Revocation: oauth.Revocation{Bearer: true},
			Profile:     oauth.Mapping{Subject: "account_id", DisplayName: "name.display_name", FullName: "name.display_name", Email: "email", EmailVerified: "email_verified", ImageURL: "profile_photo_url"},
			RegisterURL: "https://www.dropbox.com/developers/apps",
		},
	}}
}
