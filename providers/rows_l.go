package providers

import "github.com/gosocial/social/oauth"

func rowsL() []row {
	return []row{
		{provider: LinkedIn(), about: "Sign In with LinkedIn using OpenID Connect, spoken as OAuth 2.0: its ID tokens carry no " +
			"nonce and so prove nothing, while its user info holds the same claims. Its token endpoint fails when it sees PKCE " +
			"from a web application, and wants the credentials in the form."},
	}
}

// LinkedIn is Sign In with LinkedIn using OpenID Connect, spoken as OAuth 2.0.
func LinkedIn(credentials ...oauth.Credentials) *oauth.OAuth2 {
	profile := oauth.StandardClaims()
	profile.DisplayName, profile.FullName, profile.ProfileURL = "name", "name", ""
	return &oauth.OAuth2{
		ID: "linkedin", Name: "LinkedIn", Credentials: credentials,
		Endpoints: oauth.Endpoints{
			Authorize: "https://www.linkedin.com/oauth/v2/authorization",
			Token:     "https://www.linkedin.com/oauth/v2/accessToken",
			UserInfo:  "https://api.linkedin.com/v2/userinfo",
			Revoke:    "https://www.linkedin.com/oauth/v2/revoke",
			API:       "https://api.linkedin.com",
		},
		Scopes:        []string{"openid", "profile", "email"},
		UnnamedScopes: []string{"openid"},
		TokenAuth:     oauth.AuthPost,
		WithoutPKCE:   true,
		Profile:       profile,
		Denied:        []oauth.Condition{deniedLogIn, deniedAuthorization},
		NoRefresh:     true, // for chosen partners only
		RegisterURL:   "https://www.linkedin.com/developers/apps",
	}
}
