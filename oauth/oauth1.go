package oauth

import (
	"encoding/json"
	"net/url"
)

// OAuth1 is a provider that speaks OAuth 1.0a (RFC 5849) with HMAC-SHA1
// signatures.
type OAuth1 struct {
	ID, Name string
	Credentials
	Endpoints Endpoints

	// UserInfoParams go with the user-info request.
	UserInfoParams url.Values
	Profile        Mapping

	// APIHosts may receive signed requests besides the hosts of Endpoints.
	APIHosts    []string
	TrustEmail  bool
	RegisterURL string

	// MapProfile, when set, replaces Profile for what paths cannot say.
	MapProfile func(json.RawMessage) (Profile, error)
}
