package providers

func rowsG() []row {
	return []row{
		{provider: GitHub(), about: "An OAuth or GitHub App, OAuth 2.0. The e-mail address is the primary one of the account " +
			"if it is verified, which takes a second call, else the public one of the profile, not verified. Only GitHub Apps with expiring tokens give refresh tokens."},
		{provider: Google(), about: "Sign in with Google, OpenID Connect. It asks for a refresh token (access_type=offline); " +
			"Google gives one at the first consent only; reconnecting without one asks for consent again. An address counts as " +
			"verified if it is a gmail.com one or the account is of a Google Workspace (hd): for others Google is not the authority."},
	}
}
