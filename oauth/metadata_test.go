package oauth_test

import (
	"reflect"
	"testing"

	"github.com/gosocial/social/oauth"
)

func TestParseMetadata(t *testing.T) {
	t.Parallel()
	m, err := oauth.ParseMetadata([]byte(`{
		"issuer": "https://op.test", "authorization_endpoint": "https://op.test/a", "token_endpoint": "https://op.test/t", "userinfo_endpoint": "https://op.test/u",
		"jwks_uri": "https://op.test/k", "revocation_endpoint": "https://op.test/r", "end_session_endpoint": "https://op.test/e", "registration_endpoint": "https://op.test/n",
		"scopes_supported": ["openid", "email"], "claims_supported": ["sub"], "token_endpoint_auth_methods_supported": ["none"],
		"code_challenge_methods_supported": ["S256"], "id_token_signing_alg_values_supported": ["ES256", 7],
		"authorization_response_iss_parameter_supported": true, "client_id_metadata_document_supported": true, "backchannel_logout_supported": true
	}`))
	want := &oauth.Metadata{
		Issuer: "https://op.test", Registration: "https://op.test/n",
		Endpoints: oauth.Endpoints{
			Authorize: "https://op.test/a", Token: "https://op.test/t", UserInfo: "https://op.test/u", Keys: "https://op.test/k", Revoke: "https://op.test/r", EndSession: "https://op.test/e",
		},
		Scopes: []string{"openid", "email"}, Claims: []string{"sub"}, TokenAuths: []string{"none"}, CodeChallengeMethods: []string{"S256"}, SigningAlgorithms: []string{"ES256"},
		SendsIssuer: true, ClientIDMetadata: true, BackchannelLogout: true,
	}
	if err != nil || !reflect.DeepEqual(m, want) {
		t.Errorf("%+v, %v", m, err)
	}
	// Of members of another type, in capitals or missing nothing is known.
	for _, document := range []string{
		`{}`, `{"issuer":7,"token_endpoint":["https://op.test/t"],"scopes_supported":{"a":"b"},"backchannel_logout_supported":"true"}`,
		`{"ISSUER":"https://op.test","Token_Endpoint":"https://op.test/t","jwks_uri":null,"client_id_metadata_document_supported":1}`,
	} {
		if m, err := oauth.ParseMetadata([]byte(document)); err != nil || !reflect.DeepEqual(m, &oauth.Metadata{}) {
			t.Errorf("%s: %+v, %v", document, m, err)
		}
	}
	for _, document := range []string{``, `null`, `[]`, `"x"`, `{`, `{"issuer":"https://a.test","issuer":"https://b.test"}`, `{"x":1,"x":2}`, `{} {}`} {
		if m, err := oauth.ParseMetadata([]byte(document)); err == nil {
			t.Errorf("%s: %+v", document, m)
		}
	}
}
