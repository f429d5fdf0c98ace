package oauth

import (
	"encoding/json"
	"strings"

	"github.com/gosocial/social/internal/fold"
)

// An EmailAuthority limits for which e-mail addresses a provider's word counts, where
// it calls addresses verified that others give out, and may take back. The zero value
// does not limit.
type EmailAuthority struct {
	// Domains are those whose addresses the provider gives out itself.
	Domains []string

	// Claim is a path to text that stands in profiles of accounts whose domain the
	// provider manages for its owner; "" for none.
	Claim string
}

// covers reports whether the provider's word counts for an address of the document.
func (a EmailAuthority) covers(doc json.RawMessage, email string) bool {
	if len(a.Domains) == 0 && a.Claim == "" {
		return true
	}
	at := strings.LastIndexByte(email, '@')
	for _, domain := range a.Domains {
		if at > 0 && fold.ASCII(email[at+1:]) == fold.ASCII(domain) {
			return true
		}
	}
	return textAt(doc, a.Claim) != ""
}
