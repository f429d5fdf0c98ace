package providers

import "github.com/gosocial/social/oauth"

// What most providers' scopes allow, in words that the languages of package text have.
const (
	seeProfile   = "see your profile"
	seePublic    = "see your public profile"
	seeName      = "see your name"
	seeNameFace  = "see your name and picture"
	seeEmail     = "see your e-mail address"
	seeThere     = "see what you see there"
	changeThere  = "see and change what you have there"
	knowYou      = "know that it is you"
	stayWhenAway = "stay connected while you are away"
)

// openIDScopes are what most providers of OpenID Connect are asked for.
func openIDScopes() []string { return []string{"openid", "profile", "email"} }

// unverifiedClaims are the standard claims of a provider that does not say whether it
// verifies addresses.
func unverifiedClaims() oauth.Mapping {
	claims := oauth.StandardClaims()
	claims.EmailVerified = ""
	return claims
}
