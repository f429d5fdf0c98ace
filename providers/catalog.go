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
