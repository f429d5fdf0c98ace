package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsF() []row {
	return []row{{provider: Facebook(), group: Social, about: "Facebook Login, OAuth 2.0. Its tokens live about sixty days and cannot be refreshed. " +
		"It gives only confirmed e-mail addresses, but promises that nowhere, so they do not count as verified."}, {
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
		group: Code, about: "Forgejo, OAuth 2.0, of codeberg.org or a server of your own. It does not say whether the address is verified.",
		parameters: []Parameter{{Name: "instance", Kind: BaseAddress, Default: "https://codeberg.org", Example: "https://git.example.org", Help: "the server's address"}},
		provider: &oauth.OAuth2{
			ID: "forgejo", Name: "Forgejo", Endpoints: oauth.Endpoints{
				Authorize: "{instance}/login/oauth/authorize", Token: "{instance}/login/oauth/access_token", UserInfo: "{instance}/api/v1/user", API: "{instance}/api/v1",
			},
			Scopes: []string{"read:user"}, ScopeTexts: map[string]string{"read:user": seeProfile}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "full_name|login", FullName: "full_name", Email: "email", ProfileURL: "html_url|{instance}/{login}", ImageURL: "avatar_url"},
			DeadRefresh: []oauth.Condition{"400 error=unauthorized_client"}, RegisterURL: "{instance}/user/settings/applications",
		},
	}, {provider: Foursquare(), group: Social, about: "foursquare, OAuth 2.0 as of version 2 of its API: the token goes into the query, " +
		"beside the date of the API that the caller understands. Tokens do not expire."}, {
		group: Public, about: "FranceConnect, version 2, OpenID Connect: the French state's accounts. Its user info is a signed JWT. The subject is of the application alone.",
		provider: &oauth.OIDC{UserInfo: oauth.UserInfoAlways, OAuth2: oauth.OAuth2{
			ID: "franceconnect", Name: "FranceConnect", Issuer: "https://oidc.franceconnect.gouv.fr/api/v2", TokenAuth: oauth.AuthPost,
			Scopes: []string{"openid", "given_name", "family_name", "email"}, ScopeTexts: map[string]string{"given_name": seeName, "family_name": seeName}, AuthParams: url.Values{"acr_values": {"eidas1"}},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "given_name family_name|email", FullName: "given_name family_name", Email: "email"},
			RegisterURL: "https://franceconnect.gouv.fr/partenaires", NoRefresh: true,
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
