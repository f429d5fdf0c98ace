package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

// Facebook is Facebook Login, OAuth 2.0. Its tokens live about sixty days and
// cannot be refreshed. It gives only confirmed e-mail addresses, but promises
// that nowhere, so they do not count as verified.
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
		ScopeSeparator: ",",
		TokenAuth:      oauth.AuthPost,
		UserInfoParams: url.Values{"fields": {"id,name,email,picture"}},
		Profile: oauth.Mapping{
			Subject: "id", DisplayName: "name", FullName: "name", Email: "email",
			ProfileURL: "link|https://www.facebook.com/{id}", ImageURL: "picture.data.url",
		},
		Revocation:  oauth.Revocation{Method: http.MethodDelete, Bearer: true, Gone: []int{401, 404, 422}, EndsGrant: true},
		NoRefresh:   true,
		RegisterURL: "https://developers.facebook.com/apps/",
	}
}
