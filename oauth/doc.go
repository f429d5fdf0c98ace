// Package oauth speaks the protocols of social log-in as a client: OAuth 1.0a,
// OAuth 2.0 with PKCE, and OpenID Connect.
//
// A provider is data: an [OAuth1], [OAuth2] or [OIDC] value. Opening it gives a
// [Client], which begins a flow, completes it into a [Grant], and signs requests
// with the grant's [Token]. Package providers holds a catalog of such values.
//
// Most applications want the package social above this one, which keeps the
// grants and knows the users.
package oauth
