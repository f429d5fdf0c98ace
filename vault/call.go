package vault

import (
	"context"
	"errors"
	"time"

	"github.com/gosocial/social/oauth"
)

// A Call is how a call to a provider went, for metrics. It carries no secret and
// no value of which there are many, such as a user's ID.
type Call struct {
	ProviderID string
	// Op is what it was for: "begin" (of OAuth 1.0a) and "complete" a flow,
	// "refresh", "revoke", "profile", and "api" for what goes through Client.
	Op string
	// Outcome is "ok", or the oauth.Kind of the failure: "transient", "rejected",
	// "operator", "invalid". Of "api" it is "2xx" to "5xx", by the answer's status,
	// and "transient" when there was none.
	Outcome string
	// Took is the time until there was an outcome: of "api" until the answer's
	// header had come, of the others the answer with all that it took.
	Took time.Duration
}

// NewCall describes a call that has just ended. It reports false when err says
// that the provider was not asked.
func NewCall(providerID, op string, began time.Time, err error) (Call, bool) {
	c := Call{ProviderID: providerID, Op: op, Outcome: "ok", Took: time.Since(began)}
	if err == nil {
		return c, true
	}
	var callback *oauth.CallbackError
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, oauth.ErrDenied) || errors.As(err, &callback) {
		return Call{}, false
	}
	kind := oauth.Transient
	var pe *oauth.ProviderError
	if errors.As(err, &pe) {
		if clientUnknown(pe) {
			return Call{}, false
		}
		kind = pe.Kind
	}
	c.Outcome = kind.String()
	return c, true
}

func (v *Vault) called(ctx context.Context, providerID, op string, began time.Time, err error) {
	if v.onCall == nil {
		return
	}
	if c, ok := NewCall(providerID, op, began, err); ok {
		v.onCall(ctx, c)
	}
}
