package oauth

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// credentials are a token and its secret as the provider answers them (RFC 5849
// §2.1, §2.3).
type credentials struct {
	token, secret        string
	hasSecret, confirmed bool
}

// parseCredentials reads a form. ok is false when a parameter of the protocol is
// given twice; what cannot be decoded is ignored.
func parseCredentials(body string) (c credentials, ok bool) {
	var seen [3]bool
	for rest := strings.TrimSpace(body); rest != ""; {
		var part string
		part, rest, _ = strings.Cut(rest, "&")
		name, value, _ := strings.Cut(part, "=")
		name, _ = url.QueryUnescape(name) // "" for what cannot be decoded
		value, err := url.QueryUnescape(value)
		if err != nil {
			continue
		}
		i := 0
		switch name {
		case "oauth_token":
			c.token = value
		case "oauth_token_secret":
			i, c.secret, c.hasSecret = 1, value, true
		case "oauth_callback_confirmed":
			i, c.confirmed = 2, value == "true"
		default:
			continue
		}
		if seen[i] {
			return credentials{}, false
		}
		seen[i] = true
	}
	return c, true
}

// problems are the words of the OAuth Problem Reporting extension, and the one
// that servers have from RFC 6750, with the kinds of failure they are. What a
// provider says instead is in its ErrorCodes.
var problems = map[string]Kind{
	"token_rejected": Rejected, "token_revoked": Rejected, "token_expired": Rejected, "token_used": Rejected,
	"verifier_invalid": Rejected, "permission_denied": Rejected, "permission_unknown": Rejected, "user_refused": Rejected,
	"invalid_token": Rejected,

	"consumer_key_unknown": Operator, "consumer_key_rejected": Operator, "signature_invalid": Operator,
	"signature_method_rejected": Operator, "version_rejected": Operator, "parameter_absent": Operator,
	"parameter_rejected": Operator, "timestamp_refused": Operator,

	"consumer_key_refused": Transient, "nonce_used": Transient, // try again later
}

// failed makes the error of an answer that refuses, or that cannot be used.
func (c *oauth1Client) failed(a *answer, op string) *ProviderError {
	own := problemOf(a)
	code := c.codes.meaning(own)
	f := a.failure(kindOfProblem(a.status, code, op), c.p.ID, op, own, code, c.env.Now())
	f.Mistake = c.mistakes.ofAnswer(a, op, code)
	return f
}

// problemOf finds the provider's code in a JSON body, a form body or the
// WWW-Authenticate header. It is empty when there is none.
func problemOf(a *answer) string {
	if len(a.body) > 0 && a.body[0] == '{' && json.Valid(a.body) {
		if code := errorCode(at(a.body, "errors.0")); code != "" {
			return code
		}
		return errorCode(at(a.body, "error"))
	}
	for _, text := range [...]string{string(a.body), a.header.Get("WWW-Authenticate")} {
		_, problem, ok := strings.Cut(text, "oauth_problem=")
		if !ok {
			continue
		}
		problem = strings.TrimPrefix(problem, `"`)
		if end := strings.IndexAny(problem, "&\", \r\n"); end >= 0 {
			problem = problem[:end]
		}
		return plainCode(problem)
	}
	return ""
}

func kindOfProblem(status int, code, op string) Kind {
	switch {
	case isBusy(status), status == 420: // of servers that are older than 429 (RFC 6585 §4)
		return Transient
	case op == opAccessToken && status == http.StatusUnauthorized && code == "signature_invalid":
		// The client got a request token: so that token, or its verifier, is refused.
		return Rejected
	}
	if kind, ok := problems[code]; ok {
		return kind
	}
	switch {
	case status >= 300 && status < 400:
		return Operator // the endpoint is at another address
	case op == opRequestToken && status >= 400:
		return Operator // only the client's credentials went along
	case status == http.StatusUnauthorized && (code == "" || op == opUserInfo):
		return Rejected // in whatever words
	case code == "" || status < 300:
		return Transient // a proxy's page, a half-written answer
	}
	return Operator
}
