package providers_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/secret"
)

// settings are such that every provider of the catalog can be made.
// somePEM is a key that nothing was signed with.
var somePEM = sync.OnceValue(func() secret.Text { _, text := newAppleKey(); return text })

func settings(id string) providers.Settings {
	s := providers.Settings{Credentials: []oauth.Credentials{{ClientID: "key", ClientSecret: "secret of at least thirty-two bytes"}}}
	if id == "apple" {
		s.TeamID, s.Credentials[0].KeyID, s.Credentials[0].PrivateKey = "TEAM", "KEY", somePEM()
	}
	if id == "logingov" {
		s.Credentials[0].ClientSecret, s.Credentials[0].PrivateKey = "", somePEM()
	}
	if e, _ := providers.Find(id); len(e.Parameters) > 0 {
		s.Parameters = map[string]string{}
		for _, p := range e.Parameters {
			s.Parameters[p.Name] = p.Example
		}
	}
	return s
}

func TestCatalog(t *testing.T) {
	t.Parallel()
	all := providers.All()
	if !slices.IsSortedFunc(all, func(a, b providers.Entry) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("the catalog is not in order")
	}
	for _, e := range all {
		if found, ok := providers.Find(e.ID); !ok || found.ID != e.ID {
			t.Errorf("%s is not found", e.ID)
		}
		if e.Name == "" || e.Protocol == "" || !strings.HasPrefix(e.RegisterURL, "https://") {
			t.Errorf("%s: %+v", e.ID, e.Description)
		}
		p, err := e.New(settings(e.ID))
		if err != nil {
			t.Errorf("%s: %v", e.ID, err)
			continue
		}
		if got := p.Description(); got.ID != e.ID || got.Protocol != e.Protocol {
			t.Errorf("%s: %+v", e.ID, got)
		}
		if _, err := p.Open(oauth.Env{}); err != nil {
			t.Errorf("%s: %v", e.ID, err)
		}
		s := settings(e.ID)
		s.Credentials[0].ClientID = ""
		if _, err := e.New(s); err == nil || !strings.Contains(err.Error(), "consumer_key is missing") {
			t.Errorf("%s without a key: %v", e.ID, err)
		}
	}
	if _, ok := providers.Find("none"); ok {
		t.Error("a provider that is none is found")
	}
}

// People read in words what each scope allows that the catalog asks for, also where an
// entry has another ID.
func TestCatalogSaysWhatItsScopesAllow(t *testing.T) {
	t.Parallel()
	scopes := 0
	for _, entry := range providers.All() {
		set := settings(entry.ID)
		set.ID = "another"
		p, err := providers.Custom(entry.ID, set)
		if err != nil {
			t.Errorf("%s: %v", entry.ID, err)
			continue
		}
		of := p.Description()
		for _, scope := range of.Scopes {
			scopes++
			if _, ok := of.ScopeText(scope); !ok {
				t.Errorf("%s: there are no words for the scope %s", entry.ID, scope)
			}
			if alias := of.ScopeAliases[scope]; strings.HasPrefix(alias, "https:") {
				if _, ok := of.ScopeText(alias); !ok {
					t.Errorf("%s: there are no words for the scope %s", entry.ID, alias)
				}
			}
		}
	}
	if scopes < 30 {
		t.Errorf("only %d scopes were found", scopes)
	}
}
