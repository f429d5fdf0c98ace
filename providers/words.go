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
