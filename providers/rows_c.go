package providers

import "github.com/gosocial/social/oauth"

func rowsC() []row {
	return []row{{
		group: Work, about: "Calendly, OAuth 2.0. A user's ID there is an address of its API. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "calendly", Name: "Calendly", Endpoints: oauth.Endpoints{
				Authorize: "https://auth.calendly.com/oauth/authorize", Token: "https://auth.calendly.com/oauth/token",
				UserInfo: "https://api.calendly.com/users/me", API: "https://api.calendly.com",
			},
			Profile:     oauth.Mapping{Subject: "resource.uri", DisplayName: "resource.name|resource.email", FullName: "resource.name", Email: "resource.email", ProfileURL: "resource.scheduling_url", ImageURL: "resource.avatar_url"},
			RegisterURL: "https://developer.calendly.com/create-a-developer-account",
		},
	}, {
		group: Identity, about: "Amazon Cognito, OpenID Connect, of your user pool.",
		parameters: []Parameter{
			{Name: "region", Kind: Label, Example: "eu-west-1", Help: "the pool's region"},
			{Name: "user_pool_id", Kind: Segment, Example: "eu-west-1_AbCdEfGhI", Help: "the user pool's ID"},
		},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "cognito", Name: "Amazon Cognito", Issuer: "https://cognito-idp.{region}.amazonaws.com/{user_pool_id}",
			Scopes: openIDScopes(), RegisterURL: "https://console.aws.amazon.com/cognito/home",
		}},
	}}
}
