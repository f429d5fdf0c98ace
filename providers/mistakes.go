package providers

import "github.com/gosocial/social/oauth"

// What providers say of the most frequent mistakes in registering an application, where it
// is not a code of the standard or of their ErrorCodes. On pages it is a part of their text.

// https://developers.google.com/identity/protocols/oauth2/web-server#authorization-errors
func googleMistakes() oauth.Mistakes {
	return oauth.Mistakes{
		oauth.WrongClient:           {"page*=Error 401: invalid_client", "page*=Error 401: deleted_client"},
		oauth.RedirectNotRegistered: {"error=redirect_uri_mismatch", "page*=Error 400: redirect_uri_mismatch"},
	}
}

// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
func microsoftMistakes() oauth.Mistakes {
	said := func(codes ...string) (list []oauth.Condition) {
		for _, code := range codes {
			list = append(list, oauth.Condition("error_description*="+code+":"), oauth.Condition("page*="+code+":"))
		}
		return list
	}
	return oauth.Mistakes{
		oauth.WrongClient:           said("AADSTS7000215", "AADSTS7000222"), // wrong, expired
		oauth.RedirectNotRegistered: said("AADSTS50011"),
		oauth.ScopeNotAllowed:       said("AADSTS65005", "AADSTS70011"),
		// A user of another tenant; not a multi-tenant application; no such application in the
		// tenant; no such tenant.
		oauth.WrongTenant: said("AADSTS50020", "AADSTS50194", "AADSTS700016", "AADSTS90002"),
		oauth.TestMode:    said("AADSTS50105"), // the user is not assigned to the application
	}
}

func facebookMistakes() oauth.Mistakes {
	return oauth.Mistakes{
		oauth.RedirectNotRegistered: {
			"page*=redirect URI is not whitelisted", "page*=Invalid redirect_uri", "error.message*=Invalid redirect_uri",
			"error.message*=make sure your redirect_uri is identical",
		},
		oauth.ScopeNotAllowed: {"page*=Invalid Scopes:"},
		oauth.TestMode:        {"page*=App Not Setup", "page*=App not active", "page*=is still in development mode"},
	}
}

func appleMistakes() oauth.Mistakes {
	return oauth.Mistakes{oauth.RedirectNotRegistered: {"page*=nvalid web redirect url"}, oauth.WrongClient: {"page*=invalid_client"}}
}

func xMistakes() oauth.Mistakes {
	return oauth.Mistakes{oauth.WrongClient: {"error=unauthorized_client&error_description=Missing valid authorization header"}}
}

func linkedInMistakes() oauth.Mistakes {
	return oauth.Mistakes{
		oauth.RedirectNotRegistered: {"page*=The redirect_uri does not match the registered value"},
		oauth.ScopeNotAllowed:       {"error=unauthorized_scope_error", "page*=is not authorized for your application"},
	}
}

func discordMistakes() oauth.Mistakes {
	return oauth.Mistakes{oauth.RedirectNotRegistered: {
		`error=invalid_grant&error_description*=redirect_uri`, "error=invalid_request&error_description*=redirect URI",
	}}
}

// https://docs.slack.dev/authentication/installing-with-oauth/#errors
func slackMistakes() oauth.Mistakes {
	return oauth.Mistakes{
		oauth.RedirectNotRegistered: {"page*=redirect_uri did not match any configured URIs"},
		oauth.TestMode:              {"error=invalid_team_for_non_distributed_app", "page*=invalid_team_for_non_distributed_app"},
	}
}

// serverMistakes are of the software behind servers that people run or rent: Doorkeeper
// (GitLab, Mastodon), Gitea and Forgejo, Keycloak, authentik, Ory Hydra and Authelia, ZITADEL,
// Okta and Auth0. A provider of which nothing is known may be any of them.
func serverMistakes() oauth.Mistakes {
	return oauth.Mistakes{
		oauth.WrongClient: {
			"page*=Client authentication failed due to unknown client",                                 // Doorkeeper
			"page*=Client ID not registered",                                                           // Gitea
			"error=unauthorized_client&error_description=invalid client secret",                        // Gitea
			"error=unauthorized_client&error_description=Invalid client or Invalid client credentials", // Keycloak
			"page*=>Client not found.",                                                                 // Keycloak
			"page*=The client identifier (client_id) is missing or invalid",                            // authentik
			"401 error=access_denied&error_description=Unauthorized",                                   // Auth0
		},
		oauth.RedirectNotRegistered: {
			"page*=redirect URI included is not valid",                                // Doorkeeper
			"page*=Unregistered Redirect URI",                                         // Gitea
			"page*=Invalid parameter: redirect_uri",                                   // Keycloak
			"page*=invalid, or mismatching redirection URI",                           // authentik
			"page*=does not match any of the OAuth 2.0 Client",                        // Hydra, Authelia
			"error_description*=parameter does not match any of the OAuth 2.0 Client", // by a redirect to its page of errors
			"error_hint*=parameter does not match any of the OAuth 2.0 Client",
			"page*=requested redirect_uri is missing in the client configuration",     // ZITADEL
			"page*=parameter must be a Login redirect URI in the client app settings", // Okta
			"page*=parameter must be an absolute URI that is whitelisted",             // Okta
			"page*=Callback URL mismatch", "error_description*=Callback URL mismatch", // Auth0
		},
		oauth.ScopeNotAllowed: {"page*=The requested scope is invalid"}, // Doorkeeper
	}
}

// https://developer.spotify.com/documentation/web-api/concepts/quota-modes
func spotifyMistakes() oauth.Mistakes {
	return oauth.Mistakes{
		oauth.WrongClient:           {"page*=INVALID_CLIENT: Invalid client"},
		oauth.RedirectNotRegistered: {"page*=INVALID_CLIENT: Invalid redirect URI", "page*=redirect_uri: Not matching configuration"},
		oauth.TestMode:              {"403 page*=User not registered in the Developer Dashboard", "403 error.message*=User not registered in the Developer Dashboard"},
	}
}

func twitchMistakes() oauth.Mistakes {
	return oauth.Mistakes{
		oauth.WrongClient:           {"400 message=invalid client", "403 message=invalid client secret"},
		oauth.RedirectNotRegistered: {"error=redirect_mismatch", "400 message=Parameter redirect_uri does not match registered URI"},
	}
}

func amazonMistakes() oauth.Mistakes {
	return oauth.Mistakes{oauth.RedirectNotRegistered: {"page*=has not been whitelisted for your application"}}
}

func lineMistakes() oauth.Mistakes {
	return oauth.Mistakes{
		oauth.RedirectNotRegistered: {"page*=nvalid redirect_uri value", "error=invalid_grant&error_description=redirect_uri does not match"},
		oauth.TestMode:              {"page*=This channel is now developing status"},
	}
}

// https://developers.kakao.com/docs/latest/en/kakaologin/trouble-shooting
func kakaoMistakes() oauth.Mistakes {
	return oauth.Mistakes{
		oauth.WrongClient:           {"error_code=KOE008", "error_code=KOE010", "error_code=KOE101", "page*=KOE101"},
		oauth.RedirectNotRegistered: {"error_code=KOE006", "page*=KOE006", "error_code=KOE303"},
		oauth.ScopeNotAllowed:       {"error_code=KOE205", "page*=KOE205"},
		oauth.TestMode:              {"error_code=KOE005", "page*=KOE005"},
	}
}

func zoomMistakes() oauth.Mistakes {
	return oauth.Mistakes{oauth.RedirectNotRegistered: {"page*=Invalid redirect: ", `page*="errorCode":4700`}}
}
