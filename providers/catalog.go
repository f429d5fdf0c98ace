package providers

import (
	"fmt"

	"github.com/gosocial/social/oauth"
)

// An Entry is one provider of the catalog: its description, and how to make one.
type Entry struct {
	oauth.Description

	// About is a paragraph for people, Group what kind of provider it is.
	About string
	Group Group

	// Parameters are the parts of its addresses that Settings.Parameters gives.
	Parameters []Parameter

	// New makes the provider. Errors name the setting that is missing or wrong as
	// the configuration file calls it: consumer_key, endpoints.token, issuer.
	New func(Settings) (oauth.Provider, error)
}

// A Group is a kind of providers, in words for people.
type Group string

// The groups of the catalog.
const (
	Social   Group = "Social networks and accounts of everybody"
	Identity Group = "Identity providers that you rent or run"
	Code     Group = "Code and infrastructure"
	Work     Group = "Work and business"
	Money    Group = "Money and shops"
	Media    Group = "Music, video, games and pictures"
	Sport    Group = "Sport and health"
	Public   Group = "Governments, universities and societies"
)

// Groups lists the groups, the most asked for first.
func Groups() []Group { return []Group{Social, Identity, Code, Work, Money, Media, Sport, Public} }

// New makes the provider of the entry with the ID; see Entry.New.
func New(id string, s Settings) (oauth.Provider, error) {
	r, ok := find(id)
	if !ok {
		return nil, fmt.Errorf("providers: the catalog has no %s; see OAuth2 and OIDC for those that it does not have", id)
	}
	p, err := r.new(&s)
	if err != nil {
		return nil, named(id, err)
	}
	return p, nil
}

// A row is an entry as data: a provider without credentials.
type row struct {
	provider   oauth.Provider // *oauth.OAuth1, *oauth.OAuth2 or *oauth.OIDC
	about      string
	group      Group
	parameters []Parameter
	revokes    bool                                   // at an endpoint that discovery finds
	make       func(Settings) (oauth.Provider, error) // for one that needs code; else nil
}

// letters have the functions that make the entries by the first letter of their IDs, in
// order; a letter with many entries has more than one. Each call makes new providers, so
// that the caller may change them.
var letters = [...]struct {
	letter byte
	rows   func() []row
}{
	{'a', rowsA}, {'b', rowsB}, {'c', rowsC}, {'d', rowsD}, {'e', rowsE}, {'f', rowsF},
	{'g', rowsG}, {'h', rowsH}, {'i', rowsI}, {'j', rowsJ}, {'k', rowsK}, {'l', rowsL},
	{'m', rowsM}, {'n', rowsN}, {'o', rowsO}, {'p', rowsP}, {'q', rowsQ}, {'r', rowsR},
	{'s', rowsS}, {'s', rowsSt}, {'t', rowsT}, {'u', rowsU}, {'v', rowsV}, {'w', rowsW}, {'x', rowsX},
	{'y', rowsY}, {'z', rowsZ},
}

// rows makes the catalog, ordered by ID.
func rows() (all []row) {
	for _, l := range letters {
		all = append(all, l.rows()...)
	}
	return all
}

// All returns the catalog, ordered by ID. The slice is the caller's own.
func All() []Entry {
	list := rows()
	all := make([]Entry, len(list))
	for i := range list {
		all[i] = list[i].entry()
	}
	return all
}

// Find returns the entry with the ID.
func Find(id string) (Entry, bool) {
	r, ok := find(id)
	if !ok {
		return Entry{}, false
	}
	return r.entry(), true
}

// find makes only the entries of the ID's first letter, because the whole catalog takes
// long to make.
func find(id string) (row, bool) {
	for _, l := range letters {
		if id == "" || l.letter != id[0] {
			continue
		}
		for _, r := range l.rows() {
			if r.provider.Description().ID == id {
				return r, true
			}
		}
	}
	return row{}, false
}

func (r row) entry() Entry {
	e := Entry{Description: r.describe(), About: r.about, Group: r.group, Parameters: r.parameters}
	e.Revoke = e.Revoke || r.revokes
	e.New = func(s Settings) (oauth.Provider, error) { return New(e.ID, s) }
	return e
}

// new makes the provider of a fresh row.
func (r *row) new(s *Settings) (oauth.Provider, error) {
	if err := r.fill(s); err != nil {
		return nil, err
	}
	if r.make != nil {
		return r.make(*s)
	}
	if err := s.apply(r.provider); err != nil {
		return nil, err
	}
	if err := r.checkFilled(); err != nil {
		return nil, err
	}
	if p, ok := r.provider.(*oauth.OIDC); ok {
		return p, fillIssuer(p)
	}
	return r.provider, nil
}

func named(id string, err error) error { return fmt.Errorf("providers: %s: %w", id, err) }

func missing(key string) error { return fmt.Errorf("%s is missing", key) }

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
