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
