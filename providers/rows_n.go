package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsN() []row {
	return []row{{
		group: Work, about: "NationBuilder, OAuth 2.0, of your nation, by version 2 of its API.",
		parameters: []Parameter{{Name: "slug", Kind: Label, Example: "acme", Help: "the nation's name before .nationbuilder.com"}},
		provider: &oauth.OAuth2{
			ID: "nationbuilder", Name: "NationBuilder", Endpoints: oauth.Endpoints{
				Authorize: "https://{slug}.nationbuilder.com/oauth/authorize", Token: "https://{slug}.nationbuilder.com/oauth/token",
				UserInfo: "https://{slug}.nationbuilder.com/api/v2/signups/me", API: "https://{slug}.nationbuilder.com/api/v2",
			},
			TokenAuth: oauth.AuthPost,
			Profile: oauth.Mapping{
				Subject: "data.id", DisplayName: "data.attributes.first_name data.attributes.last_name|data.attributes.email",
				FullName: "data.attributes.first_name data.attributes.last_name", Email: "data.attributes.email",
			},
			RegisterURL: "https://{slug}.nationbuilder.com/admin/apps",
		},
	}, {
		group: Social, about: "Naver, OAuth 2.0. What it gives is chosen where the application is registered; there are no scopes. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "naver", Name: "Naver", Endpoints: oauth.Endpoints{
				Authorize: "https://nid.naver.com/oauth2.0/authorize", Token: "https://nid.naver.com/oauth2.0/token", Revoke: "https://nid.naver.com/oauth2.0/token",
				UserInfo: "https://openapi.naver.com/v1/nid/me", API: "https://openapi.naver.com/v1",
			},
			TokenAuth: oauth.AuthPost, Refused: []oauth.Condition{"resultcode!=00"}, Reauthenticate: url.Values{"auth_type": {"reauthenticate"}},
			Revocation:  oauth.Revocation{Field: "access_token", Only: "access_token", Params: url.Values{"grant_type": {"delete"}}, EndsGrant: true},
			Profile:     oauth.Mapping{Subject: "response.id", DisplayName: "response.name|response.nickname", FullName: "response.name", Email: "response.email", ImageURL: "response.profile_image"},
			RegisterURL: "https://developers.naver.com/apps/",
		},
	}, {
		group: Identity, revokes: true, about: "NetIQ Access Manager of OpenText, OpenID Connect, on a server of your own. It does not say whether the address is verified.",
		parameters: []Parameter{instance("https://login.example.org")},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "netiq", Name: "NetIQ Access Manager", Issuer: "{instance}/nidp/oauth/nam", TokenAuth: oauth.AuthPost,
			Scopes: openIDScopes(), Profile: unverifiedClaims(), RegisterURL: "{instance}/nidp",
		}},
	}, {
		group: Code, about: "Netlify, OAuth 2.0. Its tokens do not expire, and there are no scopes.",
		provider: &oauth.OAuth2{
			ID: "netlify", Name: "Netlify", Endpoints: oauth.Endpoints{
				Authorize: "https://app.netlify.com/authorize", Token: "https://api.netlify.com/oauth/token", UserInfo: "https://api.netlify.com/api/v1/user", API: "https://api.netlify.com/api/v1",
			},
			TokenAuth: oauth.AuthPost, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "full_name|email", FullName: "full_name", Email: "email", ImageURL: "avatar_url"},
			RegisterURL: "https://app.netlify.com/user/applications",
		},
	}, {
		group: Work, about: "Nextcloud, OAuth 2.0, on a server of your own. A user's ID never changes there, and is the name that they log in with.",
		parameters: []Parameter{instance("https://cloud.example.org")},
		provider: &oauth.OAuth2{
			ID: "nextcloud", Name: "Nextcloud", Endpoints: oauth.Endpoints{
				Authorize: "{instance}/apps/oauth2/authorize", Token: "{instance}/apps/oauth2/api/v1/token",
				UserInfo: "{instance}/ocs/v2.php/cloud/user", API: "{instance}",
			},
			TokenAuth: oauth.AuthPost, APIHeader: http.Header{"OCS-APIRequest": {"true"}}, UserInfoParams: url.Values{"format": {"json"}},
			Profile: oauth.Mapping{
				Subject: "ocs.data.id", DisplayName: "ocs.data.display-name|ocs.data.displayname|ocs.data.id", FullName: "ocs.data.display-name|ocs.data.displayname",
				Email: "ocs.data.email", ImageURL: "{instance}/avatar/{ocs.data.id}/512",
			},
			RegisterURL: "{instance}/settings/admin/security",
		},
	}, {
		group: Public, about: "NFDI AAI, OpenID Connect, by the proxy of its infrastructure; a community's own proxy has an issuer of its own. It does not say whether the address is verified.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "nfdi", Name: "NFDI AAI", Issuer: "https://infraproxy.nfdi-aai.dfn.de",
			Scopes: openIDScopes(), Profile: unverifiedClaims(), RegisterURL: "https://doc.nfdi-aai.de/",
		}},
	}, {
		group: Work, about: "Notion, OAuth 2.0. People choose the pages when they consent; there are no scopes.",
		provider: &oauth.OAuth2{
			ID: "notion", Name: "Notion", Endpoints: oauth.Endpoints{
				Authorize: "https://api.notion.com/v1/oauth/authorize", Token: "https://api.notion.com/v1/oauth/token", Revoke: "https://api.notion.com/v1/oauth/revoke",
				UserInfo: "https://api.notion.com/v1/users/me", API: "https://api.notion.com/v1",
			},
			AuthParams: url.Values{"owner": {"user"}}, TokenAuth: oauth.AuthBasic, TokenBody: oauth.BodyJSON,
			TokenHeader: http.Header{"Notion-Version": {"2022-06-28"}}, APIHeader: http.Header{"Notion-Version": {"2022-06-28"}},
			Profile: oauth.Mapping{
				Subject: "bot.owner.user.id", DisplayName: "bot.owner.user.name|bot.owner.user.person.email", FullName: "bot.owner.user.name",
				Email: "bot.owner.user.person.email", ImageURL: "bot.owner.user.avatar_url",
			},
			Revocation: oauth.Revocation{JSON: true, Auth: oauth.AuthBasic, Only: "access_token"}, RegisterURL: "https://www.notion.so/profile/integrations",
		},
	}}
}
