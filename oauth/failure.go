package oauth

import (
	"net/http"
	"time"
)

// rejected are error codes by which a provider says that a code, token or
// refresh token is dead: those of RFC 6749 §5.2, RFC 6750 §3.1 and OpenID
// Connect Core §3.1.2.6, and what providers use instead.
var rejected = map[string]bool{
	"invalid_grant": true, "invalid_token": true, "expired_token": true, "token_expired": true, "token_revoked": true,
	"access_denied": true, "interaction_required": true, "login_required": true, "consent_required": true,
	"account_selection_required": true,
	"bad_refresh_token":          true, "bad_verification_code": true, // GitHub
	"invalid_refresh_token": true, "invalid_code": true, "code_expired": true, "code_already_used": true, "account_inactive": true, // Slack
	"invalid_auth": true, "not_authed": true, "user_revoked": true,
	"190": true, "102": true, // Facebook
}

// operator are error codes by which a provider refuses the client.
var operator = map[string]bool{
	"invalid_client": true, "unauthorized_client": true, "invalid_request": true, "invalid_scope": true,
	"unsupported_grant_type": true, "unsupported_response_type": true, "invalid_target": true, "invalid_redirect_uri": true,
	"incorrect_client_credentials": true, "redirect_uri_mismatch": true, "application_suspended": true, // GitHub
	"invalid_client_id": true, "bad_client_secret": true, "bad_redirect_uri": true, "invalid_grant_type": true, // Slack
	"insufficient_scope": true,
}

// transient are error codes by which a provider asks for patience.
var transient = map[string]bool{
	"temporarily_unavailable": true, "server_error": true, "slow_down": true, "ratelimited": true,
	"rate_limited": true, "rate_limit_exceeded": true, "internal_error": true, "fatal_error": true, "service_unavailable": true,
}

// kindOf judges a failure by the answer's status and its error code, "" when
// there is none.
func kindOf(status int, code string) Kind {
	switch {
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500:
		return Transient
	case transient[code]:
		return Transient
	case rejected[code]:
		return Rejected
	case operator[code]:
		return Operator
	case status == http.StatusUnauthorized:
		return Operator
	case code == "" || status < 300:
		// A proxy's page, a half-written answer, a code nobody knows: nothing that
		// should cost a user the connection.
		return Transient
	}
	return Operator
}

// errorCode finds the error in a JSON answer: a code, or an object with one.
func errorCode(value []byte) string {
	if len(value) == 0 {
		return ""
	}
	switch value[0] {
	case '"':
		return plainCode(unquote(value))
	case '{':
		for _, name := range [...]string{"code", "error_code", "status", "type"} {
			if code := plainText(at(value, name)); code != "" && code != "0" {
				return plainCode(code)
			}
		}
		return "error"
	}
	return ""
}

// plainCode lets an error code through that is one. The text comes from
// outside, and ends in logs and pages.
func plainCode(s string) string {
	if len(s) > 64 {
		return "error"
	}
	for _, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '-', c == '.':
		default:
			return "error"
		}
	}
	return s
}

// failed makes the error of an answer that says no.
func (a *answer) failed(providerID, op, code string, now time.Time) *ProviderError {
	return &ProviderError{
		Kind: kindOf(a.status, code), ProviderID: providerID, Op: op,
		Status: a.status, Code: code, RetryAfter: retryAfter(a.header, now),
	}
}
