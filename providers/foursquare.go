package providers

import (
	"net/url"

	"github.com/gosocial/social/oauth"
)

// Foursquare is OAuth 2.0 as of version 2 of its API: the token goes into the
// query, beside the date of the API that the caller understands. Tokens do not
// expire.
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
