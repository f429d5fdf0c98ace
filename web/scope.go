package web

import (
	"slices"
	"strconv"

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
func (w *Web) permissions(b social.Button, c vault.Connection) permissions {
	missing := b.Provider.MissingScopes(c.RequestedScopes, c.Scopes)
	return permissions{c.Scopes, missing, w.inWords(b, c.Scopes), w.inWords(b, missing)}
}

// inWords says what scopes allow, each thing once.
func (w *Web) inWords(b social.Button, scopes []string) []string {
	var words []string
	unknown := 0
	for _, scope := range scopes {
		text, ok := w.scopeWord(b, scope)
		switch {
		case !ok:
			unknown++
		case text != "" && !slices.Contains(words, text):
			words = append(words, text)
		}
	}
	switch {
	case unknown == 1 && len(words) == 0:
		words = append(words, "use one permission that only the provider has a name for")
	case unknown == 1:
		words = append(words, "use one more permission, which only the provider has a name for")
	case unknown > 1 && len(words) == 0:
		words = append(words, "use "+strconv.Itoa(unknown)+" permissions that only the provider has names for")
	case unknown > 1:
		words = append(words, "use "+strconv.Itoa(unknown)+" more permissions, which only the provider has names for")
	}
	return words
}

// scopeWord says what one scope allows. "" is a scope that allows nothing by itself.
func (w *Web) scopeWord(b social.Button, scope string) (string, bool) {
	for _, name := range []string{b.Provider.ID + " " + scope, scope} {
		if text, ok := w.opts.Scopes[name]; ok {
			return text, true
		}
	}
	return b.Provider.ScopeText(scope)
}
