package providers

import (
	"fmt"
	"slices"

	"github.com/gosocial/social/oauth"
)

// An Entry is one provider of the catalog: what is known of it beforehand, and
// how to make one.
type Entry struct {
	oauth.Description

	// New makes the provider. Errors name the setting that is missing or wrong as
	// the configuration file calls it: consumer_key, endpoints.token, issuer.
	New func(Settings) (oauth.Provider, error)
}

// All returns the catalog, ordered by ID. The slice is the caller's own.
func All() []Entry {
	return []Entry{
		{Apple("").Description(), newApple},
		entryOAuth2(Facebook),
		entryOAuth2(Foursquare),
		entryOAuth2(GitHub),
		entryOIDC(Google),
		entryOAuth2(LinkedIn),
		{Microsoft("").Description(), newMicrosoft},
		entryOAuth1(Twitter),
		entryOAuth2(VK),
		entryOAuth2(X),
	}
}

// Find returns the entry with the ID.
func Find(id string) (Entry, bool) {
	all := All()
	i := slices.IndexFunc(all, func(e Entry) bool { return e.ID == id })
	if i < 0 {
		return Entry{}, false
	}
	return all[i], true
}

// Custom makes a provider that is not in the catalog. kind is "oidc", "oauth2" or
// "oauth1"; Settings.ID is required, and so are the issuer or the endpoints.
// Where Settings.Profile is silent, a user-info answer is read by the usual
// names.
func Custom(kind string, s Settings) (oauth.Provider, error) {
	if s.ID == "" {
		return nil, fmt.Errorf("providers: a provider of type %q needs an ID", kind)
	}
	switch kind {
	case "oidc":
		return newOIDC(s)
	case "oauth2":
		return newOAuth2(s)
	case "oauth1":
		return newOAuth1(s)
	}
	return nil, fmt.Errorf("providers: %s: type %q is not oidc, oauth2 or oauth1", s.ID, kind)
}

func entryOAuth1(provider func(...oauth.Credentials) *oauth.OAuth1) Entry {
	about := provider().Description()
	return Entry{about, func(s Settings) (oauth.Provider, error) {
		p := provider(s.Credentials...)
		if err := s.applyOAuth1(p); err != nil {
			return nil, named(about.ID, err)
		}
		return p, nil
	}}
}

func entryOAuth2(provider func(...oauth.Credentials) *oauth.OAuth2) Entry {
	about := provider().Description()
	return Entry{about, func(s Settings) (oauth.Provider, error) {
		p := provider(s.Credentials...)
		if err := s.apply(p); err != nil {
			return nil, named(about.ID, err)
		}
		return p, nil
	}}
}

func entryOIDC(provider func(...oauth.Credentials) *oauth.OIDC) Entry {
	about := provider().Description()
	return Entry{about, func(s Settings) (oauth.Provider, error) {
		p := provider(s.Credentials...)
		if err := s.applyOIDC(p); err != nil {
			return nil, named(about.ID, err)
		}
		return p, nil
	}}
}

func newApple(s Settings) (oauth.Provider, error) {
	if s.TeamID == "" {
		return nil, named("apple", missing("team_id"))
	}
	p := Apple(s.TeamID, s.Credentials...)
	s.TeamID = ""
	s.secretSigned = true
	if err := s.applyOIDC(p); err != nil {
		return nil, named("apple", err)
	}
	return p, nil
}

func newMicrosoft(s Settings) (oauth.Provider, error) {
	p := Microsoft(s.Tenant, s.Credentials...)
	s.Tenant = ""
	if err := s.applyOIDC(p); err != nil {
		return nil, named("microsoft", err)
	}
	return p, nil
}

func newOIDC(s Settings) (oauth.Provider, error) {
	if s.Issuer == "" {
		return nil, named(s.ID, missing("issuer"))
	}
	p := OIDC(s.ID, s.ID, s.Issuer, s.Credentials...)
	if err := s.applyOIDC(p); err != nil {
		return nil, named(s.ID, err)
	}
	return p, nil
}

func newOAuth2(s Settings) (oauth.Provider, error) {
	p := OAuth2(s.ID, s.ID, s.Endpoints, s.Credentials...)
	if err := s.apply(p); err != nil {
		return nil, named(s.ID, err)
	}
	return p, nil
}

func newOAuth1(s Settings) (oauth.Provider, error) {
	p := OAuth1(s.ID, s.ID, s.Endpoints, s.Credentials...)
	if err := s.applyOAuth1(p); err != nil {
		return nil, named(s.ID, err)
	}
	return p, nil
}

func named(id string, err error) error { return fmt.Errorf("providers: %s: %w", id, err) }

func missing(key string) error { return fmt.Errorf("%s is missing", key) }
