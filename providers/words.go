package providers

import (
	"maps"

	"github.com/gosocial/social/oauth"
)

// The error codes and other refusals of providers, in their own words. They are here
// and not in their rows because OAuth2 and OIDC know them all.

// githubCodes are GitHub's error codes. It answers them with status 200.
func githubCodes() map[string]string {
	return map[string]string{
		"bad_refresh_token":            "invalid_grant",
		"bad_verification_code":        "invalid_grant",
		"incorrect_client_credentials": "invalid_client",
		"redirect_uri_mismatch":        "invalid_redirect_uri",
		"application_suspended":        "unauthorized_client",
	}
}

// facebookCodes are errors of the Graph API, by number.
func facebookCodes() map[string]string {
	return map[string]string{
		"190": "invalid_token",
		"102": "invalid_token",
		"1":   "invalid_client", // "Error validating client secret."
		"101": "invalid_client",
	}
}

// twitterCodes are errors of version 1.1 of Twitter's API, by number.
func twitterCodes() map[string]string {
	return map[string]string{
		"32": "signature_invalid", "99": "signature_invalid", "215": "signature_invalid", // could not authenticate you
		"63": "token_rejected", "64": "token_rejected", // the user, or your account, is suspended
		"89":  "token_rejected", // invalid or expired token
		"135": "timestamp_refused",
		"415": "parameter_rejected",    // callback URL not approved
		"416": "consumer_key_rejected", // the application is suspended
		// Rate limit, over capacity, internal error: try again later.
		"88": "consumer_key_refused", "130": "consumer_key_refused", "131": "consumer_key_refused",
	}
}

// otherCodes are those of Slack, Zoho and others.
func otherCodes() map[string]string {
	return map[string]string{
		"invalid_refresh_token": "invalid_grant",
		"invalid_code":          "invalid_grant",
		"code_expired":          "invalid_grant",
		"code_already_used":     "invalid_grant",
		"token_expired":         "invalid_token",
		"token_revoked":         "invalid_token",
		"account_inactive":      "invalid_token",
		"user_revoked":          "invalid_token",
		"invalid_auth":          "invalid_token",
		"not_authed":            "invalid_token",
		"invalid_client_id":     "invalid_client",
		"bad_client_secret":     "invalid_client",
		"bad_redirect_uri":      "invalid_redirect_uri",
		"invalid_grant_type":    "unsupported_grant_type",
		"ratelimited":           "temporarily_unavailable",
		"rate_limited":          "temporarily_unavailable",
		"rate_limit_exceeded":   "temporarily_unavailable",
		"service_unavailable":   "temporarily_unavailable",
		"internal_error":        "server_error",
		"fatal_error":           "server_error",
	}
}

// Callbacks by which the user said no.
const (
	deniedFacebook      oauth.Condition = "error_reason=user_denied"
	deniedLogIn         oauth.Condition = "error=user_cancelled_login"
	deniedAuthorization oauth.Condition = "error=user_cancelled_authorize"
)

// How providers say that a refresh token is dead.
const (
	deadX          oauth.Condition = "error=invalid_request&error_description=Value passed for the token was invalid."
	deadTwitch     oauth.Condition = "400 message=Invalid refresh token"
	deadStrava     oauth.Condition = "400 errors.0.resource=RefreshToken&errors.0.code=invalid"
	deadHubSpot    oauth.Condition = "400 status=BAD_REFRESH_TOKEN"
	deadDeviantArt oauth.Condition = "400 error=invalid_request&error_description=The refresh_token is invalid."
	deadSalesforce oauth.Condition = "400 error=inactive_user" // the user is gone
	deadAtlassian  oauth.Condition = "403 error=unauthorized_client&error_description=refresh_token is invalid"
	deadFitbit     oauth.Condition = "errors.0.errorType=invalid_grant"
)

// addCommonWords lets a provider use the words of any.
func addCommonWords(p *oauth.OAuth2) {
	p.ErrorCodes = otherCodes()
	maps.Copy(p.ErrorCodes, githubCodes())
	maps.Copy(p.ErrorCodes, facebookCodes())
	p.Denied = []oauth.Condition{deniedFacebook, deniedLogIn, deniedAuthorization, "error=user_denied"}
	p.Refused = []oauth.Condition{"ok=false"}
	p.Mistakes = serverMistakes()
	p.DeadRefresh = []oauth.Condition{deadX, deadTwitch, deadStrava, deadHubSpot, deadDeviantArt, deadSalesforce, deadAtlassian, deadFitbit}
}

// What most providers' scopes allow, in words that the languages of package text have.
const (
	seeProfile   = "see your profile"
	seePublic    = "see your public profile"
	seeName      = "see your name"
	seeNameFace  = "see your name and picture"
	seeEmail     = "see your e-mail address"
	seeThere     = "see what you see there"
	changeThere  = "see and change what you have there"
	knowYou      = "know that it is you"
	stayWhenAway = "stay connected while you are away"
)

// openIDScopes are what most providers of OpenID Connect are asked for.
func openIDScopes() []string { return []string{"openid", "profile", "email"} }

// unverifiedClaims are the standard claims of a provider that does not say whether it
// verifies addresses.
func unverifiedClaims() oauth.Mapping {
	claims := oauth.StandardClaims()
	claims.EmailVerified = ""
	return claims
}

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
