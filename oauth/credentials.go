package oauth

import "github.com/gosocial/social/secret"

// Credentials are what a provider gave the application when it was registered.
type Credentials struct {
	ID     string      // client_id, consumer key
	Secret secret.Text // client_secret, consumer secret
}

// Endpoints are a provider's addresses. Which ones are needed depends on the
// protocol; a discovery document fills in what is empty.
type Endpoints struct {
	RequestToken string // OAuth 1.0a
	Authorize    string
	Token        string // OAuth 1.0a: access token
	UserInfo     string
	Emails       string // where e-mail addresses have their own endpoint
	Revoke       string
	Keys         string // OpenID Connect: jwks_uri
	EndSession   string // OpenID Connect RP-Initiated Logout

	// API is the base address of the provider's API. Its host may receive the
	// token.
	API string
}

// TokenAuth is how a client proves itself at the token endpoint.
type TokenAuth string

// The ways of client authentication (RFC 6749 §2.3.1, RFC 7523 §2.2).
const (
	AuthBasic         TokenAuth = "basic" // both halves form-encoded
	AuthPost          TokenAuth = "post"
	AuthPrivateKeyJWT TokenAuth = "private_key_jwt"
)

// TokenUse is how a request to a provider's API carries the token.
type TokenUse struct {
	Scheme string // of the Authorization header; "" means Bearer
	Query  string // when set, the name of a query parameter used instead of the header
}
