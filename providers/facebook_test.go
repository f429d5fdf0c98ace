package providers_test

import (
	"net/http"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// Requests to the API need a proof of each, under the secret, which headers alone do not have.
func TestFacebookProvesEachRequest(t *testing.T) {
	t.Parallel()
	c, err := providers.Facebook(credentials).Open(oauth.Env{})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := c.(oauth.HeaderSigner).SignatureHeader(oauth.Token{Access: "at-1"}); ok {
		t.Error("headers alone lack the proof")
	}
}

func TestFacebookRevocationThatDidNotHappen(t *testing.T) {
	t.Parallel()
	for status, body := range map[int]string{
		404: `{"error":{"message":"Unknown path components","type":"OAuthException","code":2500}}`,
		403: `{"error":{"message":"Permissions error","type":"OAuthException","code":200}}`,
	} {
		p := newPretend(t)
		p.HandleFunc("DELETE graph.facebook.com/v24.0/me/permissions", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			w.Write([]byte(body))
		})
		if err := p.open(providers.Facebook(credentials)).(oauth.Revoker).Revoke(t.Context(), oauth.Token{Access: "at-1"}); err == nil {
			t.Errorf("status %d ended the grant", status)
		}
	}
}
