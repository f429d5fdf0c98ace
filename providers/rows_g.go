package providers

func rowsG() []row {
	return []row{
		{provider: GitHub(), about: "An OAuth or GitHub App, OAuth 2.0. The e-mail address is the primary one of the account " +
			"if it is verified, which takes a second call. Only GitHub Apps with expiring tokens give refresh tokens."},
		{provider: Google(), about: "Sign in with Google, OpenID Connect. It asks for a refresh token (access_type=offline); " +
			"Google gives one at the first consent only, unless the authorization request says prompt=consent."},
	}
}
