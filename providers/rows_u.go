package providers

import (
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsU() []row {
	return []row{{
		group: Public, about: "UAE PASS, OAuth 2.0. It asks for the lowest level of assurance; acr_values in auth_params asks for another. It does not say whether the address is verified.",
		parameters: []Parameter{{Name: "environment", Kind: OneOf, OneOf: []string{"production", "staging"}, Default: "production", As: map[string]string{"production": "", "staging": "stg-"}, Example: "staging", Help: "which of its systems"}},
		provider: &oauth.OAuth2{
			ID: "uaepass", Name: "UAE PASS", Endpoints: oauth.Endpoints{
				Authorize: "https://{environment}id.uaepass.ae/idshub/authorize", Token: "https://{environment}id.uaepass.ae/idshub/token", UserInfo: "https://{environment}id.uaepass.ae/idshub/userinfo",
			},
			Scopes: []string{"urn:uae:digitalid:profile:general"}, ScopeTexts: map[string]string{"urn:uae:digitalid:profile:general": seeProfile},
			AuthParams: url.Values{"acr_values": {"urn:safelayer:tws:policies:authentication:level:low"}}, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "uuid", DisplayName: "fullnameEN|firstnameEN lastnameEN|email|uuid", FullName: "fullnameEN|firstnameEN lastnameEN", Email: "email"},
			RegisterURL: "https://docs.uaepass.ae/",
		},
	}, {
		group: Social, about: "Uber, OAuth 2.0. Scopes need Uber's approval. A refresh token comes with offline_access, word of whether the address is verified with profile.email_verified_at.",
		provider: &oauth.OAuth2{
			ID: "uber", Name: "Uber", Endpoints: oauth.Endpoints{
				Authorize: "https://auth.uber.com/oauth/v2/authorize", Token: "https://auth.uber.com/oauth/v2/token", Revoke: "https://auth.uber.com/oauth/v2/revoke",
				UserInfo: "https://api.uber.com/v3/me", API: "https://api.uber.com",
			},
			Scopes: []string{"profile"}, TokenAuth: oauth.AuthPost, Revocation: oauth.Revocation{Gone: []oauth.Condition{"404"}},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "given_name family_name|email", FullName: "given_name family_name", Email: "email", EmailVerified: "email_verified", ImageURL: "picture"},
			RegisterURL: "https://developer.uber.com/dashboard/",
		},
	}, {
		group: Identity, about: "Uffd, OpenID Connect, on a server of your own.",
		parameters: []Parameter{instance("https://id.example.org")},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "uffd", Name: "Uffd", Issuer: "{instance}", Scopes: openIDScopes(), NoRefresh: true, RegisterURL: "{instance}/",
		}},
	}, {
		group: Media, about: "Universe, the ticket shop, OAuth 2.0. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "universe", Name: "Universe", Endpoints: oauth.Endpoints{
				Authorize: "https://www.universe.com/oauth/authorize", Token: "https://www.universe.com/oauth/token", UserInfo: "https://www.universe.com/api/v2/current_user", API: "https://www.universe.com/api/v2",
			},
			TokenAuth: oauth.AuthPost,
			Profile: oauth.Mapping{
				Subject: "current_user.id", DisplayName: "current_user.first_name current_user.last_name|current_user.email", FullName: "current_user.first_name current_user.last_name", Email: "current_user.email", ImageURL: "current_user.image_url",
			},
			RegisterURL: "https://developers.universe.com/",
		},
	}, {
		group: Media, about: "Unsplash, OAuth 2.0, without PKCE. It does not say whether the address is verified, and its tokens do not expire.",
		provider: &oauth.OAuth2{
			ID: "unsplash", Name: "Unsplash", Endpoints: oauth.Endpoints{
				Authorize: "https://unsplash.com/oauth/authorize", Token: "https://unsplash.com/oauth/token", UserInfo: "https://api.unsplash.com/me", API: "https://api.unsplash.com",
			},
			Scopes: []string{"public", "read_user"}, ScopeTexts: map[string]string{"public": seePublic, "read_user": seeProfile}, TokenAuth: oauth.AuthPost, WithoutPKCE: true, NoRefresh: true,
			Profile: oauth.Mapping{
				Subject: "id", DisplayName: "name|first_name last_name|username", FullName: "name|first_name last_name", Email: "email", ProfileURL: "links.html", ImageURL: "profile_image.large",
			},
			RegisterURL: "https://unsplash.com/oauth/applications",
		},
	}, {
		group: Work, about: "Upwork, OAuth 2.0. The profile comes by GraphQL; what the application may ask is settled where it is registered.",
		provider: &oauth.OAuth2{
			ID: "upwork", Name: "Upwork", Endpoints: oauth.Endpoints{
				Authorize: "https://www.upwork.com/ab/account-security/oauth2/authorize", Token: "https://www.upwork.com/api/v3/oauth2/token", UserInfo: "https://api.upwork.com/graphql", API: "https://api.upwork.com",
			},
			TokenAuth: oauth.AuthPost, UserInfoBy: oauth.UserInfoByPost, UserInfoBody: `{"query":"{user{id nid name email}}"}`,
			Profile:     oauth.Mapping{Subject: "data.user.id", DisplayName: "data.user.name|data.user.nid", FullName: "data.user.name", Email: "data.user.email"},
			RegisterURL: "https://www.upwork.com/developer/keys/apply",
		},
	}}
}
