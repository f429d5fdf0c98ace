package oauth

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// A Mistake is what is wrong with an application's registration at a provider, or with its
// configuration, as far as the provider's answer shows it.
type Mistake string

// The most frequent mistakes.
const (
	// WrongClient: the client ID or secret is wrong, or the secret has expired.
	WrongClient Mistake = "wrong_client"
	// RedirectNotRegistered: the redirect URI is not among those of the application.
	RedirectNotRegistered Mistake = "redirect_uri_not_registered"
	// ScopeNotAllowed: the application may not ask for one of the scopes, or there is no such
	// scope.
	ScopeNotAllowed Mistake = "scope_not_allowed"
	// WrongTenant: the application, or the user, is of another tenant than the one asked.
	WrongTenant Mistake = "wrong_tenant"
	// TestMode: the application is not published, and this user is none of its testers.
	TestMode Mistake = "test_mode"
)

// mistakesInOrder lists the mistakes, those with the most general words last.
var mistakesInOrder = [...]Mistake{TestMode, WrongTenant, RedirectNotRegistered, ScopeNotAllowed, WrongClient}

// Remedy returns what an operator can do about the mistake at a provider, in English.
// redirectURI is the one to register.
func (m Mistake) Remedy(d Description, redirectURI string) string {
	at := cmp.Or(d.RegisterURL, "the provider "+d.Name)
	switch m {
	case WrongClient:
		return "enter the client ID and the secret as they are at " + at + "; a secret may have expired"
	case RedirectNotRegistered:
		return fmt.Sprintf("register the redirect URI %s at %s, the same to the letter", redirectURI, at)
	case ScopeNotAllowed:
		return fmt.Sprintf("allow the application the scopes (%s) at %s, or set scopes to those that it has", strings.Join(d.Scopes, " "), at)
	case WrongTenant:
		return "name the tenant in which the application is registered, or open the application to other tenants at " + at
	case TestMode:
		return fmt.Sprintf("add this user to the testers of the application at %s, or publish it", at)
	}
	return ""
}

// Mistakes recognise mistakes by the words in which a provider says them: in the answers of
// its token and user-info endpoints, on the callback, and on a page that it shows in place
// of its log-in. The path "page" is the text of a page, or of an answer that is not JSON.
// The other paths of a page are the parameters of its address.
type Mistakes map[Mistake][]Condition

// OfPage returns the mistake that a provider's page shows, by its address, its status and
// its text; "" when it shows none, or when a condition of m cannot be read.
func (m Mistakes) OfPage(address *url.URL, status int, text []byte) Mistake {
	known, err := readMistakes(m)
	if err != nil {
		return ""
	}
	parameters := address.Query()
	fragment, _ := url.ParseQuery(address.Fragment)
	return known.first(status, func(path string) string {
		if path == pathPage {
			return string(text)
		}
		return cmp.Or(parameters.Get(path), fragment.Get(path))
	})
}

// pathPage is where the text of a page is.
const pathPage = "page"

// knownMistakes are Mistakes that have been read, in the order of mistakesInOrder.
type knownMistakes [len(mistakesInOrder)]conditions

func readMistakes(m Mistakes) (known knownMistakes, err error) {
	read := 0
	for i, mistake := range mistakesInOrder {
		if list, ok := m[mistake]; ok {
			read++
			if known[i], err = parseConditions(list); err != nil {
				return known, fmt.Errorf("Mistakes: %s: %w", mistake, err)
			}
		}
	}
	if read < len(m) {
		return known, fmt.Errorf("Mistakes: they are %q", mistakesInOrder)
	}
	return known, nil
}

func (known *knownMistakes) first(status int, valueAt func(path string) string) Mistake {
	for i, mistake := range mistakesInOrder {
		if known[i].any(status, valueAt) {
			return mistake
		}
	}
	return ""
}

// ofAnswer returns the mistake that an answer shows, "" for none. code is the standard's.
func (known *knownMistakes) ofAnswer(a *answer, op, code string) Mistake {
	switch op {
	case opToken, opUserInfo, opRequestToken:
	default:
		return "" // the registration was right once
	}
	valueAt := func(path string) string { return literal(at(a.body, path)) }
	if !json.Valid(a.body) {
		form, _ := url.ParseQuery(string(a.body))
		valueAt = func(path string) string {
			if path == pathPage {
				return string(a.body)
			}
			return form.Get(path)
		}
	}
	if m := known.first(a.status, valueAt); m != "" || op == opUserInfo {
		return m
	}
	return mistakeOfCode(code)
}

// ofCallback returns the mistake that a callback's parameters show, "" for none.
func (known *knownMistakes) ofCallback(callback url.Values) Mistake {
	return known.first(0, func(path string) string {
		if path == pathPage {
			return ""
		}
		return callback.Get(path)
	})
}

// mistakeOfCode returns the mistake that a standard's code says.
func mistakeOfCode(code string) Mistake {
	switch code {
	case "invalid_client", "consumer_key_unknown", "consumer_key_rejected", "signature_invalid":
		return WrongClient
	case "invalid_redirect_uri":
		return RedirectNotRegistered
	case "invalid_scope":
		return ScopeNotAllowed
	}
	return ""
}
