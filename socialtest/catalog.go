package socialtest

import (
	"time"

	"github.com/gosocial/social/oauth"
)

// A dialect has the differences between providers. Paths are below the provider's
// prefix.
type dialect struct {
	id, name, tagline string
	protocol          oauth.Protocol
	alg               string // of ID tokens

	requestToken, authorize, token, userInfo, revoke, keys, endSession, device, api string

	life        time.Duration // of access tokens; 0: they do not expire
	refresh     bool          // gives refresh tokens
	rotate      bool          // each refresh token serves once
	offline     bool          // refresh tokens only for access_type=offline
	issuer      bool          // iss on the callback (RFC 9207)
	requirePKCE bool
	postOnly    bool   // client credentials only as parameters
	comma       bool   // scopes may be separated by commas
	emailScope  string // the scope that gives the e-mail address
	fatIDToken  bool   // the ID token has the profile claims

	subjects [4]string // of the four people, see people.go
}

var catalog = [...]dialect{
	{
		id: "facebook", name: "Facebook", tagline: "A pretend social network", protocol: oauth.ProtocolOAuth2,
		authorize: "/dialog/oauth", token: "/oauth/access_token", userInfo: "/me", revoke: "/me/permissions",
		life: 60 * 24 * time.Hour, postOnly: true, comma: true, emailScope: "email",
		subjects: [4]string{"10158000000000001", "10158000000000002", "10158000000000003", "10158000000000004"},
	},
	{
		id: "twitter", name: "Twitter", tagline: "Pretend short messages", protocol: oauth.ProtocolOAuth1,
		requestToken: "/oauth/request_token", authorize: "/oauth/authorize", token: "/oauth/access_token",
		userInfo: "/1.1/account/verify_credentials.json", revoke: "/1.1/oauth/invalidate_token.json", api: "/1.1",
		subjects: [4]string{"1700000000000000001", "1700000000000000002", "1700000000000000003", "1700000000000000004"},
	},
	{
		id: "foursquare", name: "foursquare", tagline: "Pretend places", protocol: oauth.ProtocolOAuth2,
		authorize: "/oauth2/authenticate", token: "/oauth2/access_token", userInfo: "/v2/users/self",
		postOnly: true,
		subjects: [4]string{"32000001", "32000002", "32000003", "32000004"},
	},
	{
		id: "google", name: "Google", tagline: "Pretend accounts", protocol: oauth.ProtocolOIDC, alg: "RS256",
		authorize: "/o/oauth2/v2/auth", token: "/token", userInfo: "/v1/userinfo", revoke: "/revoke", keys: "/oauth2/v3/certs", device: "/device",
		life: time.Hour, refresh: true, offline: true, issuer: true, emailScope: "email", fatIDToken: true,
		subjects: [4]string{"117000000000000000001", "117000000000000000002", "117000000000000000003", "117000000000000000004"},
	},
	{
		id: "acme", name: "Acme", tagline: "A generic OpenID provider", protocol: oauth.ProtocolOIDC, alg: "ES256",
		authorize: "/authorize", token: "/token", userInfo: "/userinfo", revoke: "/revoke", keys: "/keys", endSession: "/logout", device: "/device",
		life: 10 * time.Minute, refresh: true, rotate: true, issuer: true, requirePKCE: true, emailScope: "email",
		subjects: [4]string{"3f6c1a52-matt", "8b0e77d4-ana", "c2915e08-jun", "e44d0b93-noor"},
	},
	{
		id: "hub", name: "Hub", tagline: "A generic OAuth 2.0 provider", protocol: oauth.ProtocolOAuth2,
		authorize: "/oauth/authorize", token: "/oauth/token", userInfo: "/api/user", revoke: "/oauth/revoke", device: "/device", api: "/api",
		life: 10 * time.Minute, refresh: true, rotate: true, issuer: true, requirePKCE: true, emailScope: "email",
		subjects: [4]string{"1001", "1002", "1003", "1004"},
	},
}
