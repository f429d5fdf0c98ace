package oauth

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// maxHint bounds the value of a hint.
const maxHint = 255

// openIDHints are the hints of OpenID Connect Core §3.1.2.1.
var openIDHints = map[string]string{"login_hint": "login_hint", "prompt": "prompt", "locale": "ui_locales"}

// isPrompt reports whether a word may stand in prompt (OpenID Connect Core
// §3.1.2.1, Initiating User Registration 1.0 §4).
func isPrompt(word string) bool {
	switch word {
	case "none", "login", "consent", "select_account", "create":
		return true
	}
	return false
}

// hinted returns the provider's own parameters with those of the request: Params
// replace them, and what hints ask for joins them.
func hinted(own url.Values, r *Request, hints map[string]string, consent, account, login url.Values) url.Values {
	if len(r.Params)+len(r.Hints) == 0 && !r.Consent && !r.ChooseAccount && !r.Reauthenticate {
		return own // at nearly every log-in
	}
	params := url.Values{}
	maps.Copy(params, own)
	maps.Copy(params, r.Params)
	for _, name := range slices.Sorted(maps.Keys(r.Hints)) {
		parameter, value := hints[name], r.Hints[name]
		if parameter == "" || value == "" || len(value) > maxHint || !clean(value) {
			continue
		}
		if parameter == "prompt" {
			joinPrompt(params, value)
		} else if !params.Has(parameter) {
			params.Set(parameter, value)
		}
	}
	if r.Consent {
		addMissing(params, consent)
	}
	if r.ChooseAccount {
		addMissing(params, account)
	}
	if r.Reauthenticate {
		addMissing(params, login)
	}
	return params
}

// addMissing adds parameters that are not there yet.
func addMissing(params, more url.Values) {
	for name, values := range more {
		if name == "prompt" {
			joinPrompt(params, strings.Join(values, " "))
		} else if !params.Has(name) {
			params[name] = values
		}
	}
}

// joinPrompt adds words to prompt. With any other word "none" would be an error, so
// it stands alone or not at all.
func joinPrompt(params url.Values, more string) {
	words := strings.Fields(strings.Join(params["prompt"], " "))
	for _, word := range strings.Fields(more) {
		if isPrompt(word) && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	if len(words) > 1 {
		words = slices.DeleteFunc(words, func(word string) bool { return word == "none" })
	}
	if len(words) > 0 {
		params.Set("prompt", strings.Join(words, " "))
	}
}

// hintNames lists the hints that a provider takes.
func hintNames(hints map[string]string) []string { return slices.Sorted(maps.Keys(hints)) }
