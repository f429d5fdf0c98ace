package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsF() []row {
	return []row{{provider: Facebook(), group: Social, about: "Facebook Login, OAuth 2.0. Its tokens live about sixty days and cannot be refreshed. " +
		"It gives only confirmed e-mail addresses, but promises that nowhere, so they do not count as verified. In development mode only people with a role in the application may log in."}, {
		group: Media, about: "FACEIT, OAuth 2.0 with PKCE. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "faceit", Name: "FACEIT", Endpoints: oauth.Endpoints{
				Authorize: "https://accounts.faceit.com/", Token: "https://api.faceit.com/auth/v1/oauth/token", UserInfo: "https://api.faceit.com/auth/v1/resources/userinfo",
			},
			Scopes: []string{"openid", "email", "profile"}, UnnamedScopes: []string{"openid"}, AuthParams: url.Values{"redirect_popup": {"true"}},
			APIHosts: []string{"open.faceit.com"}, RegisterURL: "https://developers.faceit.com/",
			Profile: oauth.Mapping{Subject: "guid", DisplayName: "nickname|email", FullName: "given_name family_name", Email: "email", ProfileURL: "https://www.faceit.com/players/{nickname}", ImageURL: "picture"},
		},
	}, {
		group: Public, about: "Fedora Accounts, OpenID Connect. Clients are registered by Fedora's infrastructure team. It does not say whether the address is verified.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "fedora", Name: "Fedora", Issuer: "https://id.fedoraproject.org/openidc/", TokenAuth: oauth.AuthPost, Scopes: openIDScopes(), NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|nickname|preferred_username", FullName: "name", Email: "email"},
			RegisterURL: "https://docs.fedoraproject.org/en-US/infra/",
		}},
	}, {
		group: Public, about: "Feide, OpenID Connect, the log-in of Norwegian schools and universities, formerly Dataporten.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "feide", Name: "Feide", Issuer: "https://auth.dataporten.no", Scopes: openIDScopes(), NoRefresh: true, RegisterURL: "https://kunde.feide.no/",
		}},
	}, {
		group: Work, about: "Feishu, OAuth 2.0; Lark is the same outside China. A refresh token comes with the scope offline_access, and the address with contact:user.email:readonly, where the application has them. The subject differs between applications.",
		provider: &oauth.OAuth2{
			ID: "feishu", Name: "Feishu", Endpoints: oauth.Endpoints{
				Authorize: "https://accounts.feishu.cn/open-apis/authen/v1/authorize", Token: "https://open.feishu.cn/open-apis/authen/v2/oauth/token",
				UserInfo: "https://open.feishu.cn/open-apis/authen/v1/user_info", API: "https://open.feishu.cn/open-apis",
			},
			TokenAuth: oauth.AuthPost, TokenBody: oauth.BodyJSON, Refused: []oauth.Condition{"code!=0"},
			ScopeTexts:  map[string]string{"offline_access": stayWhenAway, "contact:user.email:readonly": seeEmail},
			Profile:     oauth.Mapping{Subject: "data.open_id", DisplayName: "data.name|data.en_name", FullName: "data.name", Email: "data.email|data.enterprise_email", ImageURL: "data.avatar_big|data.avatar_url"},
			RegisterURL: "https://open.feishu.cn/app",
		},
	}, {
		group: Work, about: "Figma, OAuth 2.0. Refresh tokens are exchanged at an address of their own.",
		provider: &oauth.OAuth2{
			ID: "figma", Name: "Figma", Endpoints: oauth.Endpoints{
				Authorize: "https://www.figma.com/oauth", Token: "https://api.figma.com/v1/oauth/token", Refresh: "https://api.figma.com/v1/oauth/refresh",
				UserInfo: "https://api.figma.com/v1/me", API: "https://api.figma.com/v1",
			},
			Scopes: []string{"current_user:read"}, ScopeTexts: map[string]string{"current_user:read": seeProfile},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "handle|email", Email: "email", ImageURL: "img_url"},
			RegisterURL: "https://www.figma.com/developers/apps",
		},
	}, {
		group: Social, about: "Mozilla accounts, OAuth 2.0. Clients are registered by Mozilla. The parameter access_type=offline, which is sent, brings a refresh token.",
		provider: &oauth.OAuth2{
			ID: "firefox", Name: "Mozilla", Endpoints: oauth.Endpoints{
				Authorize: "https://accounts.firefox.com/authorization", Token: "https://oauth.accounts.firefox.com/v1/token", Revoke: "https://api.accounts.firefox.com/v1/oauth/destroy",
				UserInfo: "https://profile.accounts.firefox.com/v1/profile", API: "https://profile.accounts.firefox.com/v1",
			},
			Scopes: []string{"profile"}, TokenAuth: oauth.AuthPost, AuthParams: url.Values{"access_type": {"offline"}}, Revocation: oauth.Revocation{JSON: true},
			Profile:     oauth.Mapping{Subject: "uid", DisplayName: "displayName|email", FullName: "displayName", Email: "email", ImageURL: "avatar"},
			RegisterURL: "https://mozilla.github.io/ecosystem-platform/relying-parties/tutorials/integration-with-fxa",
		},
	}, {
		group: Media, about: "Flat, sheet music, OAuth 2.0. The parameter access_type=offline, which is sent, brings a refresh token. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "flat", Name: "Flat", Endpoints: oauth.Endpoints{
				Authorize: "https://flat.io/auth/oauth", Token: "https://api.flat.io/oauth/access_token", Revoke: "https://api.flat.io/oauth/invalidate_token",
				UserInfo: "https://api.flat.io/v2/me", API: "https://api.flat.io/v2",
			},
			Scopes: []string{"account.public_profile", "account.email"}, ScopeTexts: map[string]string{"account.public_profile": seePublic, "account.email": seeEmail},
			TokenAuth: oauth.AuthPost, AuthParams: url.Values{"access_type": {"offline"}},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "printableName|username", FullName: "firstname lastname|printableName", Email: "email", ProfileURL: "htmlUrl", ImageURL: "picture"},
			RegisterURL: "https://flat.io/developers/apps",
		},
	}, {
		group: Media, about: "Flickr, OAuth 1.0a. It gives no e-mail address. The application may read what is public and private.",
		provider: &oauth.OAuth1{
			ID: "flickr", Name: "Flickr", Endpoints: oauth.Endpoints{
				RequestToken: "https://www.flickr.com/services/oauth/request_token", Authorize: "https://www.flickr.com/services/oauth/authorize?perms=read",
				Token: "https://www.flickr.com/services/oauth/access_token", UserInfo: "https://www.flickr.com/services/rest", API: "https://www.flickr.com/services",
			},
			UserInfoParams: url.Values{"method": {"flickr.test.login"}, "format": {"json"}, "nojsoncallback": {"1"}}, APIHosts: []string{"up.flickr.com"},
			Profile:     oauth.Mapping{Subject: "user.id", DisplayName: "user.username._content", ProfileURL: "https://www.flickr.com/people/{user.id}"},
			RegisterURL: "https://www.flickr.com/services/apps/create/",
		},
	}, {
		group: Code, about: "Forgejo, OAuth 2.0, of codeberg.org or a server of your own. It does not say whether the address is verified. A user's consent keeps its first scopes until they end it there.",
		parameters: []Parameter{{Name: "instance", Kind: BaseAddress, Default: "https://codeberg.org", Example: "https://git.example.org", Help: "the server's address"}},
		provider: &oauth.OAuth2{
			ID: "forgejo", Name: "Forgejo", Endpoints: oauth.Endpoints{
				Authorize: "{instance}/login/oauth/authorize", Token: "{instance}/login/oauth/access_token", UserInfo: "{instance}/api/v1/user", API: "{instance}/api/v1",
			},
			Scopes: []string{"read:user"}, ScopeTexts: map[string]string{"read:user": seeProfile}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "full_name|login", FullName: "full_name", Email: "email", ProfileURL: "html_url|{instance}/{login}", ImageURL: "avatar_url"},
			DeadRefresh: []oauth.Condition{"400 error=unauthorized_client"}, RegisterURL: "{instance}/user/settings/applications", Mistakes: serverMistakes(),
		},
	}, {
		group: Public, about: "42, the schools, OAuth 2.0. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "fortytwo", Name: "42", Endpoints: oauth.Endpoints{
				Authorize: "https://api.intra.42.fr/oauth/authorize", Token: "https://api.intra.42.fr/oauth/token", UserInfo: "https://api.intra.42.fr/v2/me", API: "https://api.intra.42.fr/v2",
			},
			Scopes: []string{"public"}, ScopeTexts: map[string]string{"public": seePublic}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "usual_full_name|displayname|login", FullName: "usual_full_name|displayname", Email: "email", ProfileURL: "https://profile.intra.42.fr/users/{login}", ImageURL: "image.link"},
			RegisterURL: "https://profile.intra.42.fr/oauth/applications/new",
		},
	}, {provider: Foursquare(), group: Social, about: "foursquare, OAuth 2.0 as of version 2 of its API: the token goes into the query, " +
		"beside the date of the API that the caller understands. Tokens do not expire."}, {
		group: Public, about: "FranceConnect, version 2, OpenID Connect: the French state's accounts. Its user info is a signed JWT. The subject is of the application alone. It refuses PKCE, as any parameter that it does not know.",
		provider: &oauth.OIDC{UserInfo: oauth.UserInfoAlways, OAuth2: oauth.OAuth2{
			ID: "franceconnect", Name: "FranceConnect", Issuer: "https://oidc.franceconnect.gouv.fr/api/v2", TokenAuth: oauth.AuthPost,
			Scopes: []string{"openid", "given_name", "family_name", "email"}, ScopeTexts: map[string]string{"given_name": seeName, "family_name": seeName}, AuthParams: url.Values{"acr_values": {"eidas1"}},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "given_name family_name|email", FullName: "given_name family_name", Email: "email"},
			RegisterURL: "https://franceconnect.gouv.fr/partenaires", NoRefresh: true, WithoutPKCE: true,
		}},
	}, {
		group: Money, about: "FreeAgent, OAuth 2.0. Its requests have to name the application. Access tokens live one hour.",
		parameters: []Parameter{
			{Name: "environment", Kind: OneOf, OneOf: []string{"production", "sandbox"}, Default: "production", As: map[string]string{"production": "", "sandbox": "sandbox."}, Example: "sandbox", Help: "where the application is registered"},
			{Name: "user_agent", Kind: Line, Example: "Notes (https://notes.example.org)", Help: "what names your application to FreeAgent"},
		},
		provider: &oauth.OAuth2{
			ID: "freeagent", Name: "FreeAgent", Endpoints: oauth.Endpoints{
				Authorize: "https://api.{environment}freeagent.com/v2/approve_app", Token: "https://api.{environment}freeagent.com/v2/token_endpoint",
				UserInfo: "https://api.{environment}freeagent.com/v2/users/me", API: "https://api.{environment}freeagent.com/v2",
			},
			UserAgent: "{user_agent}", RegisterURL: "https://dev.freeagent.com/apps",
			Profile: oauth.Mapping{Subject: "user.url[/-1]", DisplayName: "user.first_name user.last_name|user.email", FullName: "user.first_name user.last_name", Email: "user.email"},
		},
	}, {
		group: Money, about: "FreshBooks, OAuth 2.0. Refresh tokens serve once. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "freshbooks", Name: "FreshBooks", Endpoints: oauth.Endpoints{
				Authorize: "https://auth.freshbooks.com/oauth/authorize", Token: "https://api.freshbooks.com/auth/oauth/token", Revoke: "https://api.freshbooks.com/auth/oauth/revoke",
				UserInfo: "https://api.freshbooks.com/auth/api/v1/users/me", API: "https://api.freshbooks.com",
			},
			Scopes: []string{"user:profile:read"}, ScopeTexts: map[string]string{"user:profile:read": seeProfile}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "response.id", DisplayName: "response.first_name response.last_name|response.email", FullName: "response.first_name response.last_name", Email: "response.email"},
			RegisterURL: "https://my.freshbooks.com/#/developer",
		},
	}, {
		group: Identity, about: "Frontegg, OpenID Connect, of your environment.",
		parameters: []Parameter{{Name: "domain", Kind: HostName, Example: "acme.frontegg.com", Help: "the environment's host"}},
		provider: &oauth.OIDC{DiscoveryURL: "https://{domain}/oauth/.well-known/openid-configuration", OAuth2: oauth.OAuth2{
			ID: "frontegg", Name: "Frontegg", Issuer: "https://{domain}", Scopes: openIDScopes(),
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|email", FullName: "name", Email: "email", EmailVerified: "email_verified", ImageURL: "picture|profilePictureUrl"},
			RegisterURL: "https://portal.frontegg.com/",
		}},
	}, {
		group: Media, about: "Frontier, the accounts of Elite Dangerous, OAuth 2.0. Refresh tokens serve once. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "frontier", Name: "Frontier", Endpoints: oauth.Endpoints{
				Authorize: "https://auth.frontierstore.net/auth", Token: "https://auth.frontierstore.net/token", UserInfo: "https://auth.frontierstore.net/me",
			},
			Scopes: []string{"auth"}, ScopeTexts: map[string]string{"auth": seeProfile}, TokenAuth: oauth.AuthPost, APIHosts: []string{"companion.orerve.net"},
			Profile:     oauth.Mapping{Subject: "customer_id", DisplayName: "firstname lastname|email|customer_id", FullName: "firstname lastname", Email: "email"},
			RegisterURL: "https://user.frontierstore.net/developer",
		},
	}, {
		group: Identity, about: "FusionAuth, OpenID Connect, on a server of your own or its cloud. The tenant's issuer has to be the server's address, not the bare name that it is at first. A refresh token comes with the scope offline_access.",
		parameters: []Parameter{instance("https://sso.example.org")},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "fusionauth", Name: "FusionAuth", Issuer: "{instance}",
			Scopes: openIDScopes(), RegisterURL: "{instance}/admin/application/",
		}},
	}}
}

// Facebook is Facebook Login, OAuth 2.0.
func Facebook(credentials ...oauth.Credentials) *oauth.OAuth2 {
	return &oauth.OAuth2{
		ID: "facebook", Name: "Facebook", Credentials: credentials,
		Endpoints: oauth.Endpoints{
			Authorize: "https://www.facebook.com/v24.0/dialog/oauth",
			Token:     "https://graph.facebook.com/v24.0/oauth/access_token",
			UserInfo:  "https://graph.facebook.com/v24.0/me",
			Revoke:    "https://graph.facebook.com/v24.0/me/permissions",
			API:       "https://graph.facebook.com",
		},
		Scopes:         []string{"public_profile", "email"},
		ScopeTexts:     map[string]string{"public_profile": seeNameFace},
		ScopeSeparator: ",",
		TokenAuth:      oauth.AuthPost,
		Use:            oauth.TokenUse{Proof: "appsecret_proof"}, // applications may require it
		UserInfoParams: url.Values{"fields": {"id,name,email,picture"}},
		Profile: oauth.Mapping{
			Subject: "id", DisplayName: "name", FullName: "name", Email: "email",
			ProfileURL: "link|https://www.facebook.com/{id}", ImageURL: "picture.data.url",
		},
		ErrorCodes:     facebookCodes(),
		Mistakes:       facebookMistakes(),
		Denied:         []oauth.Condition{deniedFacebook},
		Revocation:     oauth.Revocation{Method: http.MethodDelete, Bearer: true, EndsGrant: true},
		SignedRequests: true,
		NoRefresh:      true,
		RegisterURL:    "https://developers.facebook.com/apps/",
	}
}

// Foursquare is foursquare, OAuth 2.0.
func Foursquare(credentials ...oauth.Credentials) *oauth.OAuth2 {
	return &oauth.OAuth2{
		ID: "foursquare", Name: "foursquare", Credentials: credentials,
		Endpoints: oauth.Endpoints{
			Authorize: "https://foursquare.com/oauth2/authenticate",
			Token:     "https://foursquare.com/oauth2/access_token",
			UserInfo:  "https://api.foursquare.com/v2/users/self",
			API:       "https://api.foursquare.com",
		},
		TokenAuth: oauth.AuthPost,
		Use:       oauth.TokenUse{Query: "oauth_token"},
		APIParams: url.Values{"v": {"20230901"}},
		Profile: oauth.Mapping{
			Subject:     "response.user.id",
			DisplayName: "response.user.firstName response.user.lastName",
			FullName:    "response.user.firstName response.user.lastName",
			Email:       "response.user.contact.email",
			ProfileURL:  "https://foursquare.com/user/{response.user.id}",
			ImageURL:    "{response.user.photo.prefix}300x300{response.user.photo.suffix}",
		},
		NoRefresh:   true,
		RegisterURL: "https://foursquare.com/developers/apps",
	}
}
