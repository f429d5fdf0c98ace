package oauth

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// codes2 are the error codes of OAuth 2.0 and OpenID Connect and the kinds of
// failure they are. What a provider says instead is in its ErrorCodes.
var codes2 = map[string]Kind{
	// RFC 6749 §4.1.2.1 and §5.2.
	"invalid_grant": Rejected, "access_denied": Rejected,
	"invalid_client": Operator, "unauthorized_client": Operator, "invalid_request": Operator, "invalid_scope": Operator,
	"unsupported_grant_type": Operator, "unsupported_response_type": Operator,
	"temporarily_unavailable": Transient, "server_error": Transient,

	"invalid_token": Rejected, "insufficient_scope": Operator, // RFC 6750 §3.1
	"unsupported_token_type": Operator, // RFC 7009 §2.2.1
	"invalid_redirect_uri":   Operator, // RFC 7591 §3.2.2
	"invalid_target":         Operator, // RFC 8707 §2
	"expired_token":          Rejected, // RFC 8628 §3.5
	"authorization_pending":  Transient,
	"slow_down":              Transient,

	// OpenID Connect Core §3.1.2.6.
	"interaction_required": Rejected, "login_required": Rejected, "consent_required": Rejected,
	"account_selection_required": Rejected,
}

// kindOf judges a failure by the answer's status and its error code, "" when
// there is none.
func kindOf(status int, code string) Kind {
	if isBusy(status) {
		return Transient
	}
	if kind, ok := codes2[code]; ok {
		return kind
	}
	switch {
	case status == http.StatusUnauthorized:
		return Operator
	case code == "" || status < 300:
		// A proxy's page, an incomplete answer, an unknown code: none of them may cost a
		// user the connection.
		return Transient
	}
	return Operator
}

func isBusy(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return status >= 500
}

// words recognise what a provider says in its own words instead of the standards'.
type words struct {
	codes                              ownCodes
	denied, refused, dead, early, gone conditions
	mistakes                           knownMistakes
}

// wordsOf reads the fields of a provider.
func wordsOf(p *OAuth2) (w words, err error) {
	if w.codes, err = ownCodesOf(p.ErrorCodes, codes2); err != nil {
		return w, err
	}
	for _, field := range [...]struct {
		name string
		list []Condition
		into *conditions
	}{{"Denied", p.Denied, &w.denied}, {"Refused", p.Refused, &w.refused}, {"DeadRefresh", p.DeadRefresh, &w.dead}, {"TooEarly", p.TooEarly, &w.early}} {
		if *field.into, err = parseConditions(field.list); err != nil {
			return w, fmt.Errorf("%s: %w", field.name, err)
		}
	}
	if w.mistakes, err = readMistakes(p.Mistakes); err != nil {
		return w, err
	}
	for i, c := range w.denied {
		if c.status != 0 {
			return w, fmt.Errorf("the condition %q of Denied names a status, which a callback does not have", string(p.Denied[i]))
		}
	}
	if w.gone, err = parseStatuses(p.Revocation.Gone); err != nil {
		err = fmt.Errorf("Revocation.Gone: %w", err)
	}
	return w, err
}

// ownCodes are a provider's error codes, each with the standard's that it means.
type ownCodes map[string]string

func ownCodesOf(codes map[string]string, known map[string]Kind) (ownCodes, error) {
	for own, code := range codes {
		if _, ok := known[code]; !ok {
			return nil, fmt.Errorf("ErrorCodes: %s cannot mean %s, which no standard knows", own, code)
		}
	}
	return codes, nil
}

// meaning returns the standard's code that a provider's own means, else the own
// one.
func (c ownCodes) meaning(own string) string {
	if code, ok := c[own]; ok {
		return code
	}
	return own
}

// knows reports whether a code is one of a standard or the provider.
func (w *words) knows(code string) bool {
	_, known := codes2[w.codes.meaning(code)]
	return known
}

// failure makes an error of an answer. code is the standard's code, own the one that
// the answer has.
func (a *answer) failure(kind Kind, providerID, op, own, code string, now time.Time) *ProviderError {
	f := &ProviderError{
		Kind: kind, ProviderID: providerID, Op: op,
		Status: a.status, Code: code, RetryAfter: retryAfter(a.header, now),
	}
	if own != code {
		f.OwnCode = own
	}
	return f
}

// failed makes the error of an answer that refuses, by the code that is in it.
func (w *words) failed(a *answer, providerID, op, own string, now time.Time) *ProviderError {
	code := w.codes.meaning(own)
	switch {
	case op == opRefresh && w.early.hold(a):
		code = "temporarily_unavailable"
	case op == opRefresh && w.dead.hold(a):
		code = "invalid_grant"
	}
	kind := kindOf(a.status, code)
	if op == opRefresh && code == "" && a.status == http.StatusBadRequest && !a.isPage() {
		kind = Operator // refused without a word
	}
	f := a.failure(kind, providerID, op, own, code, now)
	if f.Mistake = w.mistakes.ofAnswer(a, op, code); f.Mistake != "" && op == opToken {
		f.Kind = Operator // whatever the code is
	}
	return f
}

// isPage reports whether the answer is HTML, as proxies and firewalls write it.
func (a *answer) isPage() bool {
	return bytes.HasPrefix(bytes.TrimSpace(a.body), []byte("<"))
}

// callbackFailed makes the error of a callback with an error: ErrDenied when the user
// said no (RFC 6749 §4.1.2.1).
func (w *words) callbackFailed(providerID string, callback url.Values) error {
	own := plainCode(callback.Get("error"))
	if own == "" {
		own = "error"
	}
	code := w.codes.meaning(own)
	kind, mistake := kindOf(0, code), w.mistakes.ofCallback(callback)
	switch {
	case mistake != "":
		kind = Operator // whatever the code is: the user cannot help it
	case code == "access_denied" || w.denied.holdFor(callback):
		return ErrDenied
	default:
		mistake = mistakeOfCode(code)
	}
	f := (&answer{}).failure(kind, providerID, opCallback, own, code, time.Time{})
	f.Mistake = mistake
	return f
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

// plainCode returns an error code, or "error" for a text that is none. The text
// comes from outside and ends up in logs and pages.
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
