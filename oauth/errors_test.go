package oauth_test

import (
	"errors"
	"testing"

	"github.com/gosocial/social/oauth"
)

func TestTextsOfErrors(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"oauth: callback refused: code is missing":                                &oauth.CallbackError{Reason: "code is missing"},
		"oauth: p: token: transient":                                              &oauth.ProviderError{ProviderID: "p", Op: "token"},
		"oauth: p: token: rejected (status 400) \"invalid_grant\" (\"bad\"): why": &oauth.ProviderError{ProviderID: "p", Op: "token", Kind: oauth.Rejected, Status: 400, Code: "invalid_grant", OwnCode: "bad", Err: errors.New("why")},
		"oauth: p: keys: operator: why":                                           &oauth.ProviderError{ProviderID: "p", Op: "keys", Kind: oauth.Operator, Err: errors.New("why")},
		"oauth: p: id token: invalid":                                             &oauth.ProviderError{ProviderID: "p", Op: "id token", Kind: oauth.Invalid},
	} {
		if err.Error() != want {
			t.Errorf("got %s, want %s", err, want)
		}
	}
}

func TestKeyOfAFlow(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]oauth.Pending{"state": {State: "state"}, "token": {State: "state", RequestToken: "token"}, "": {}} {
		if got := p.Key(); got != want {
			t.Errorf("%+v: got %q", p, got)
		}
	}
}
