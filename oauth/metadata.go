package oauth

import (
	"encoding/json"
	"errors"

	josejson "github.com/go-jose/go-jose/v4/json"
)

// Metadata is what an OpenID provider or an authorization server publishes of itself
// (OpenID Connect Discovery 1.0 §3, RFC 8414 §2), as far as clients here use it. Nothing of
// it is judged: whether the issuer is the one that was asked for, and the addresses are
// https, is for the caller to check.
type Metadata struct {
	Issuer string

	// Endpoints has authorization_endpoint, token_endpoint, userinfo_endpoint,
	// revocation_endpoint, jwks_uri, end_session_endpoint and device_authorization_endpoint.
	Endpoints    Endpoints
	Registration string // registration_endpoint (RFC 7591)

	Scopes               []string // scopes_supported
	Claims               []string // claims_supported
	TokenAuths           []string // token_endpoint_auth_methods_supported
	CodeChallengeMethods []string // code_challenge_methods_supported (RFC 7636)
	SigningAlgorithms    []string // id_token_signing_alg_values_supported

	SendsIssuer       bool // authorization_response_iss_parameter_supported (RFC 9207 §3)
	ClientIDMetadata  bool // client_id_metadata_document_supported
	BackchannelLogout bool // backchannel_logout_supported (Back-Channel Logout 1.0 §2.1)
}

// ParseMetadata reads a metadata document. Names are case-sensitive, and a repeated one is
// an error, as is anything but a JSON object. Of a member with a value of another type
// nothing is known: what is required is missed by whoever needs it, and what is optional
// must not lock everybody out.
func ParseMetadata(document []byte) (*Metadata, error) {
	var doc map[string]json.RawMessage
	if josejson.Unmarshal(document, &doc) != nil || doc == nil {
		return nil, errors.New("the discovery document is not the JSON it should be")
	}
	m := &Metadata{}
	e := &m.Endpoints
	for name, field := range map[string]*string{
		"issuer": &m.Issuer, "authorization_endpoint": &e.Authorize, "token_endpoint": &e.Token, "userinfo_endpoint": &e.UserInfo, "jwks_uri": &e.Keys,
		"revocation_endpoint": &e.Revoke, "end_session_endpoint": &e.EndSession, "registration_endpoint": &m.Registration,
		"device_authorization_endpoint": &e.DeviceAuthorization,
	} {
		if value := doc[name]; len(value) > 0 && value[0] == '"' {
			*field = unquote(value)
		}
	}
	for name, field := range map[string]*[]string{
		"scopes_supported": &m.Scopes, "claims_supported": &m.Claims, "token_endpoint_auth_methods_supported": &m.TokenAuths,
		"code_challenge_methods_supported": &m.CodeChallengeMethods, "id_token_signing_alg_values_supported": &m.SigningAlgorithms,
	} {
		*field = texts(doc[name])
	}
	for name, field := range map[string]*bool{
		"authorization_response_iss_parameter_supported": &m.SendsIssuer, "client_id_metadata_document_supported": &m.ClientIDMetadata,
		"backchannel_logout_supported": &m.BackchannelLogout,
	} {
		*field = string(doc[name]) == "true"
	}
	return m, nil
}

// texts returns the texts of a list, nil of anything else.
func texts(value json.RawMessage) (list []string) {
	var elements []json.RawMessage
	json.Unmarshal(value, &elements) // nothing of what is no list
	for _, element := range elements {
		if element[0] == '"' {
			list = append(list, unquote(element))
		}
	}
	return list
}
