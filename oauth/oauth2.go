package oauth

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/gosocial/social/secret"
)

// OAuth2 is a provider that speaks OAuth 2.0 (RFC 6749) with PKCE (RFC 7636).
// ID, Credentials, the endpoints Authorize, Token and UserInfo (but see ProfileFromToken), and
// Profile.Subject (or MapProfile) are required. Without a secret or key the
// client is a public one (RFC 8252).
type OAuth2 struct {
	ID, Name    string // Name is ID when empty
	Mark        string // as in Description; ID when empty
	Credentials []Credentials
	// Endpoints.Authorize may end in a fragment, although RFC 6749 §3.1 has none.
	// Endpoints.Revoke may hold {client_id} and {token}, the token to revoke.
	// Endpoints.Token, UserInfo and Revoke may hold {callback:NAME}, a parameter of the
	// callback, the last two also {token:NAME}, a path in the token answer. Code, token and
	// secret go to no other host than those that may receive the token.
	Endpoints Endpoints

	// Scopes are asked for by default. ScopeAliases, UnnamedScopes and ScopeTexts are
	// as in Description.
	Scopes        []string
	ScopeAliases  map[string]string
	UnnamedScopes []string
	ScopeTexts    map[string]string

	// Issuer is the value that iss on the callback must have (RFC 9207). Empty: an
	// iss that is present is not checked.
	Issuer string
	// RequireIssuer refuses a callback without iss.
	RequireIssuer bool

	// FormPost asks for response_mode=form_post.
	FormPost bool

	// TokenAuth is how the client proves itself, AuthBasic when empty. Credentials
	// with a PrivateKey and no ClientSecret do it by AuthPrivateKeyJWT anyhow.
	TokenAuth TokenAuth

	// RefreshAuth is how the client proves itself where a refresh token is exchanged, when not
	// by TokenAuth: AuthBasic or AuthPost.
	RefreshAuth TokenAuth

	// AssertionAudience is for whom assertions are, AudienceToken when empty.
	AssertionAudience AssertionAudience

	// WithoutPKCE is for the few providers that fail when they see a
	// code_challenge. It costs security.
	WithoutPKCE bool

	ScopeSeparator string // " " when empty

	// Names are the provider's own names of parameters, and of the members of token
	// answers, by those of the standard: "client_id": "client_key". TokenNames, when not
	// nil, are in their place where the names at the token endpoint are others than those of
	// the authorization request. CodeName is the callback's own name of code.
	Names, TokenNames map[string]string
	CodeName          string

	// Further parameters of the authorization, token and refresh request. None
	// may be one that the protocol sets, but for redirect_uri where AuthParams and
	// TokenParams have the same: the name under which a provider keeps the address. Values
	// of TokenParams and RefreshParams may hold {callback:NAME}, those of RefreshParams also
	// {token:NAME}, which are kept in Token.Extra.
	AuthParams    url.Values
	TokenParams   url.Values
	RefreshParams url.Values

	// TokenRepeats names parameters of the authorization request that a provider wants
	// again where the standard leaves them out (RFC 6749 §4.1.3, §6): "scope" in token and
	// refresh requests, where a refresh asks for the scopes that were granted, and
	// "redirect_uri" in refresh requests. Complete keeps the redirect URI in Token.Extra; a
	// token from elsewhere is refreshed without it.
	TokenRepeats []string

	// TokenBody is how token and refresh requests carry their parameters.
	TokenBody TokenBody
	// TokenHeader goes with token, refresh and revocation requests. Values may hold
	// {client_id} and {client_secret}: a provider that wants the secret there wants it
	// nowhere else, so that TokenAuth is AuthNone.
	TokenHeader http.Header
	// TokenAt is the path of the object with the token in an answer that has more around
	// it; "" means that it is the answer.
	TokenAt string

	// LongLived, when set, is how a provider without refresh tokens lets access tokens live
	// longer.
	LongLived LongLived

	// UserAgent goes with each request, to the API too, where a request has none of its
	// own (RFC 9110 §10.1.5).
	UserAgent string

	// Hints are the hints that a flow may carry, by the names of Request.Hints, each
	// with the name of the provider's parameter. For OpenID Connect nil means the
	// standard's: login_hint, prompt and, for locale, ui_locales.
	Hints map[string]string
	// Consent, ChooseAccount and Reauthenticate are the parameters by which the fields
	// of Request with these names are asked for. For OpenID Connect nil means
	// prompt=consent where offline_access is asked for (Core §11), prompt=select_account,
	// and prompt=login with max_age=0.
	Consent, ChooseAccount, Reauthenticate url.Values

	// Use is how API requests carry the token; APIParams and APIHeader go with
	// each of them where they are not already set. Values of both and of
	// UserInfoHeader may hold {client_id} and {client_secret}. A secret in APIParams gets
	// into the logs of whatever writes addresses down: it is for providers that want it there.
	Use       TokenUse
	APIParams url.Values
	APIHeader http.Header

	UserInfoParams url.Values
	UserInfoHeader http.Header
	// UserInfoBy is how Endpoints.UserInfo is asked; UserInfoBody is the JSON document
	// that UserInfoByPost sends, such as a GraphQL query, "" for none.
	UserInfoBy   UserInfoMethod
	UserInfoBody string
	// Further are calls after the user info, whose answers become part of the document
	// that Profile reads. Profile may have {token:NAME} and {callback:NAME} too, as in
	// "{token:team}/{id}".
	Further []FurtherCall
	Profile Mapping
	// ProfileFromToken says that the token answer, or its object at TokenAt, is the user info:
	// Endpoints.UserInfo is not needed, and Client.Profile cannot ask later.
	ProfileFromToken bool

	// Authority limits for which addresses EmailVerified counts.
	Authority EmailAuthority

	// APIHosts may receive the token besides the hosts of Endpoints.UserInfo,
	// Emails and API. A leading dot means all subdomains.
	APIHosts []string

	// ErrorCodes are the provider's own error codes with the standard's that each
	// means: "bad_refresh_token": "invalid_grant".
	ErrorCodes map[string]string

	// Denied recognises callbacks by which the user said no, besides
	// error=access_denied (RFC 6749 §4.1.2.1). Refused recognises answers of the
	// token and user-info endpoints that say no although their status is 2xx and
	// they have no error code. DeadRefresh recognises refusals that mean
	// invalid_grant: the refresh token is dead. Each condition names a value, not a
	// status alone.
	Denied, Refused, DeadRefresh []Condition

	// LateRefresh says that the provider exchanges a refresh token only once the access token
	// has expired: Refresh fails before that, with Kind Transient and without a call. TooEarly
	// recognises the answers of one whose clock is behind, which mean that nothing is dead.
	LateRefresh bool
	TooEarly    []Condition

	// Mistakes recognise mistakes in the application's registration, besides those that the
	// codes of the standard say.
	Mistakes Mistakes

	// Revocation is how tokens are ended at Endpoints.Revoke.
	Revocation Revocation

	// SignedRequests says that the provider tells by requests which a client's secret signs
	// that a user has removed the application there, or wants their data deleted: see
	// SignedRequestVerifier.
	SignedRequests bool

	// NoRefresh says that the provider gives no refresh tokens.
	NoRefresh   bool
	TrustEmail  bool
	RegisterURL string

	// MakeSecret, when set, makes the client secret anew for each request, such as
	// by signing it with the PrivateKey of the credentials. Open calls it once to
	// see that it can.
	MakeSecret func(c Credentials, now time.Time) (secret.Text, error) `json:"-"`
	// MapProfile, when set, replaces Profile for what paths cannot say.
	MapProfile func(json.RawMessage) (Profile, error) `json:"-"`
	// CheckCallback, when set, checks what the provider's callback proves beyond state,
	// such as a signature under the client's secret. It is called with each of the flow's
	// client's credentials until one is fine. Its error must not quote a value.
	CheckCallback func(answer url.Values, c Credentials) error `json:"-"`
}
