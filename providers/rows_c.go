package providers

import "github.com/gosocial/social/oauth"

func rowsC() []row {
	return []row{{
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
