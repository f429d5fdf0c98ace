package oauth

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
