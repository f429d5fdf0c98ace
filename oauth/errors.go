package oauth

import (
	"errors"
	"fmt"
	"time"
)

// Errors to be tested with errors.Is.
var (
	// ErrDenied: the user said no at the provider.
	ErrDenied = errors.New("oauth: the user denied access")
	// ErrNoToken: there is no access token, which Sign and Profile need. Some
	// providers give none: they only say who the user is.
	ErrNoToken = errors.New("oauth: there is no token")
)

// A CallbackError refuses a callback before any request to the provider, such as for
// a missing or repeated parameter or a wrong issuer.
type CallbackError struct{ Reason string }

// Error returns the reason.
func (e *CallbackError) Error() string { return "oauth: callback refused: " + e.Reason }

// A Kind says what a failure means for the token.
type Kind int

// The kinds of failure.
const (
	// Transient: the network, an overloaded or broken provider. Try again later.
	Transient Kind = iota
	// Rejected: the provider refuses the token, code or refresh token for good.
	Rejected
	// Operator: the client's credentials or its configuration are refused. Some
	// providers say the same of a single refresh token that is dead; package vault
	// tells these apart.
	Operator
	// Invalid: the answer must not be accepted, such as an ID token that does not
	// verify or a profile without a subject.
	Invalid
)

// String returns "transient", "rejected", "operator" or "invalid".
func (k Kind) String() string {
	switch k {
	case Rejected:
		return "rejected"
	case Operator:
		return "operator"
	case Invalid:
		return "invalid"
	default:
		return "transient"
	}
}

// Values of ProviderError.Op.
const (
	opToken        = "token"
	opRefresh      = "refresh"
	opUserInfo     = "user info"
	opRevoke       = "revoke"
	opCallback     = "callback"
	opDiscovery    = "discovery"
	opKeys         = "keys"
	opIDToken      = "id token"
	opLogout       = "logout"
	opLogoutToken  = "logout token"
	opDevice       = "device authorization"
	opRequestToken = "request token" // OAuth 1.0a
	opAccessToken  = "access token"  // OAuth 1.0a
	opSign         = "sign"
)

// A ProviderError is a failure of a provider. It holds no token, code or secret.
type ProviderError struct {
	Kind       Kind
	ProviderID string
	Op         string        // "token", "refresh", "user info", "revoke", "discovery", "callback", …
	Status     int           // HTTP status, 0 when there was no answer
	Code       string        // the error code, such as invalid_grant: the standard's where the provider's own means one
	OwnCode    string        // the provider's own code, when it is another
	Mistake    Mistake       // in the application's registration or configuration, "" when the answer shows none
	RetryAfter time.Duration // as the provider asked, else 0
	Err        error         // the cause, if any
}

// Error says where it failed and why, for operators, not for users.
func (e *ProviderError) Error() string {
	s := fmt.Sprintf("oauth: %s: %s: %s", e.ProviderID, e.Op, e.Kind)
	if e.Status != 0 {
		s += fmt.Sprintf(" (status %d)", e.Status)
	}
	if e.Code != "" {
		s += fmt.Sprintf(" %q", e.Code)
	}
	if e.OwnCode != "" {
		s += fmt.Sprintf(" (%q)", e.OwnCode)
	}
	if e.Mistake != "" {
		s += ": " + string(e.Mistake)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns Err.
func (e *ProviderError) Unwrap() error { return e.Err }
