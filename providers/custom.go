package providers

import (
	"fmt"

	"github.com/gosocial/social/oauth"
)

// OAuth1 is any OAuth 1.0a provider with a user-info endpoint that takes signed
// requests. The mapping reads the usual names; replace Profile where the provider
// has others. id is the provider's name in URLs and rows, name the one for
// people.
func OAuth1(id, name string, e oauth.Endpoints, credentials ...oauth.Credentials) *oauth.OAuth1 {
	return &oauth.OAuth1{
		ID: id, Name: name, Credentials: credentials, Endpoints: e, Profile: usual,
		ErrorCodes: map[string]string{"invalid_nonce": "nonce_used"},
	}
}

// OAuth2 is any OAuth 2.0 provider with a user-info endpoint. The mapping reads
// the usual names, and the error codes and other refusals are those of many
// providers; replace fields where the provider has others. id is the provider's
// name in URLs and rows, name the one for people.
func OAuth2(id, name string, e oauth.Endpoints, credentials ...oauth.Credentials) *oauth.OAuth2 {
	p := &oauth.OAuth2{
		ID: id, Name: name, Credentials: credentials, Endpoints: e, Profile: usual,
		UnnamedScopes: []string{"openid", "offline_access"}, // it may speak OpenID Connect too
	}
	addCommonWords(p)
	return p
}

// OIDC is any OpenID Connect provider: its endpoints are discovered at issuer.
// It knows the same error codes and refusals as OAuth2. id is the provider's name in URLs and
// rows, name the one for people.
func OIDC(id, name, issuer string, credentials ...oauth.Credentials) *oauth.OIDC {
	p := &oauth.OIDC{OAuth2: oauth.OAuth2{
		ID: id, Name: name, Credentials: credentials,
		Issuer: issuer,
		Scopes: []string{"openid", "profile", "email"},
	}}
	if issuer == googleIssuer {
		p.Authority = googleAuthority() // what is true of its word does not depend on the entry
	}
	addCommonWords(&p.OAuth2)
	return p
}

// Custom makes a provider that is not in the catalog under Settings.ID, which is
// required. kind is "oidc", "oauth2" or "oauth1", which need the issuer or the
// endpoints, or the ID of an entry: so one provider can be there twice.
// Fields of a user-info answer for which Settings.Profile has no path are read by
// the usual names.
func Custom(kind string, s Settings) (oauth.Provider, error) {
	if s.ID == "" {
		return nil, fmt.Errorf("providers: a provider of type %q needs an ID", kind)
	}
	if entry, ok := Find(kind); ok {
		return entry.New(s)
	}
	r := row{}
	switch kind {
	case "oidc":
		if s.Issuer == "" {
			return nil, named(s.ID, missing("issuer"))
		}
		r.provider = OIDC(s.ID, s.ID, s.Issuer)
	case "oauth2":
		r.provider = OAuth2(s.ID, s.ID, s.Endpoints)
	case "oauth1":
		r.provider = OAuth1(s.ID, s.ID, s.Endpoints)
	default:
		return nil, fmt.Errorf("providers: %s: type %q is not oidc, oauth2, oauth1 or an entry of the catalog", s.ID, kind)
	}
	p, err := r.new(&s)
	if err != nil {
		return nil, named(s.ID, err)
	}
	return p, nil
}

// usual has the names of many providers.
var usual = oauth.Mapping{
	Subject:       "id_str|id|sub|user_id",
	DisplayName:   "name|display_name|username|login|preferred_username|screen_name",
	FullName:      "name|display_name",
	Email:         "email",
	EmailVerified: "email_verified",
	ProfileURL:    "profile|link|html_url|url",
	ImageURL:      "picture|avatar_url|avatar|image",
}
