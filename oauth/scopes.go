package oauth

import "slices"

// MissingScopes returns the scopes of requested that granted lacks, nil when
// there are none or when nothing is known of what was granted (an empty granted).
// A scope that was granted under another name (ScopeAliases), or that answers do
// not name (UnnamedScopes), is not missing.
func (d Description) MissingScopes(requested, granted []string) []string {
	if len(granted) == 0 {
		return nil
	}
	var missing []string
	for _, scope := range requested {
		if slices.Contains(granted, scope) || slices.Contains(d.UnnamedScopes, scope) {
			continue
		}
		if alias, ok := d.ScopeAliases[scope]; ok && slices.Contains(granted, alias) {
			continue
		}
		missing = append(missing, scope)
	}
	return missing
}

// ScopeText says in words what a scope allows: as the provider's ScopeTexts do, or for
// the scopes of OpenID Connect Core 1.0 §5.4 and §11. ok is false when there are no
// words for it.
func (d Description) ScopeText(scope string) (text string, ok bool) {
	if text, ok = d.ScopeTexts[scope]; ok {
		return text, true
	}
	switch scope {
	case "openid":
		text = "know that it is you"
	case "profile":
		text = "see your name and picture"
	case "email":
		text = "see your e-mail address"
	case "phone":
		text = "see your phone number"
	case "address":
		text = "see your address"
	case "offline_access":
		text = "stay connected while you are away"
	}
	return text, text != ""
}
