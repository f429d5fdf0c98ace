package web

import (
	"slices"

	"github.com/gosocial/social"
	"github.com/gosocial/social/vault"
)

// A permissions is what a connection's user allows, as the provider calls it and in
// words.
type permissions struct {
	Granted, Missing    []string // scopes
	Words, MissingWords []string
}

// permissions is the template function of what a connection may do. Missing is what
// the application asked for and the user or the provider did not allow.
func (l *language) permissions(b social.Button, c vault.Connection) permissions {
	missing := b.Provider.MissingScopes(c.RequestedScopes, c.Scopes)
	return permissions{c.Scopes, missing, l.inWords(b, c.Scopes), l.inWords(b, missing)}
}

// inWords says what scopes allow, each thing once.
func (l *language) inWords(b social.Button, scopes []string) []string {
	var words []string
	unknown := 0
	for _, scope := range scopes {
		text, ok := l.scopeWord(b, scope)
		switch {
		case !ok:
			unknown++
		case text != "" && !slices.Contains(words, text):
			words = append(words, text)
		}
	}
	switch {
	case unknown > 0 && len(words) == 0:
		words = append(words, l.must("connection.scope.unknown.only", "n", unknown))
	case unknown > 0:
		words = append(words, l.must("connection.scope.unknown.more", "n", unknown))
	}
	return words
}

// scopeWord says what one scope allows. "" is a scope that allows nothing by itself. What
// the application says goes first; what a provider's entry says in English, the language
// says in its own words if it can.
func (l *language) scopeWord(b social.Button, scope string) (string, bool) {
	for _, name := range []string{b.Provider.ID + " " + scope, scope} {
		if text, ok := l.web.opts.Scopes[name]; ok {
			return text, true
		}
	}
	english, ok := b.Provider.ScopeText(scope)
	if text, translated := l.Text("scope."+english, nil); translated {
		return text, true
	}
	return english, ok
}
