package gateway

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/vault"
)

// Powers of a client.
const (
	PowerReadConnections  = "connections:read"  // list connections and read events
	PowerWriteConnections = "connections:write" // refresh, check and remove connections
	PowerToken            = "token"             // get access tokens for a user's ID
	PowerProxy            = "proxy"             // call APIs through the gateway
	PowerLinks            = "links"             // make connect links
	PowerAdmin            = "admin"             // administer clients, tenants, provider applications and webhooks
)

// Powers returns all powers.
func Powers() []string {
	return []string{PowerReadConnections, PowerWriteConnections, PowerToken, PowerProxy, PowerLinks, PowerAdmin}
}

const (
	tenantPrefix   = "tenant:"
	providerPrefix = "provider:"
	everything     = "*"
)

// Scopes are what a client may do: "tenant:ID" or "tenant:*", "provider:ID" or "provider:*",
// and powers. They are sorted, and none is there twice. The default tenant is
// "tenant:default". No power implies another one.
type Scopes []string

// ParseScopes reads scopes that are separated by spaces (RFC 6749 §3.3).
func ParseScopes(text string) (Scopes, error) {
	s := Scopes(strings.Fields(text))
	for _, scope := range s {
		if err := checkScope(scope); err != nil {
			return nil, err
		}
	}
	slices.Sort(s)
	return slices.Compact(s), nil
}

func checkScope(scope string) error {
	if id, ok := strings.CutPrefix(scope, tenantPrefix); ok && id != "" && len(id) <= longestID {
		return nil
	}
	if id, ok := strings.CutPrefix(scope, providerPrefix); ok && (id == everything || vault.ValidProviderID(id)) {
		return nil
	}
	if slices.Contains(Powers(), scope) {
		return nil
	}
	return fmt.Errorf("gateway: %q is no scope: scopes are tenant:ID or tenant:*, provider:ID or provider:*, and the powers %s",
		scope, strings.Join(Powers(), ", "))
}

// String returns the scopes, separated by spaces.
func (s Scopes) String() string { return strings.Join(s, " ") }

// Has reports whether the scopes have a power.
func (s Scopes) Has(power string) bool { return slices.Contains(s, power) }

// Tenant reports whether a tenant is within the scopes, "" for the default one.
func (s Scopes) Tenant(id string) bool {
	if id == "" {
		id = tenant.Default
	}
	return s.covers(tenantPrefix + id)
}

// Provider reports whether a provider is within the scopes.
func (s Scopes) Provider(id string) bool { return s.covers(providerPrefix + id) }

// Contains reports whether all of other is within the scopes.
func (s Scopes) Contains(other Scopes) bool {
	return !slices.ContainsFunc(other, func(scope string) bool { return !s.covers(scope) })
}

func (s Scopes) covers(scope string) bool {
	if slices.Contains(s, scope) {
		return true
	}
	for _, prefix := range []string{tenantPrefix, providerPrefix} {
		if strings.HasPrefix(scope, prefix) {
			return slices.Contains(s, prefix+everything)
		}
	}
	return false
}

// Lacks returns a kind of scopes without which a client reaches nothing, and which these do not
// have: "tenant:ID", "provider:ID", or "" when there is none.
func (s Scopes) Lacks() string {
	for _, prefix := range []string{tenantPrefix, providerPrefix} {
		if !slices.ContainsFunc(s, func(scope string) bool { return strings.HasPrefix(scope, prefix) }) {
			return prefix + "ID"
		}
	}
	return ""
}

// onlyTenant returns the tenant of scopes that name exactly one.
func (s Scopes) onlyTenant() (id string, ok bool) {
	for _, scope := range s {
		if name, found := strings.CutPrefix(scope, tenantPrefix); found {
			if ok || name == everything {
				return "", false
			}
			id, ok = name, true
		}
	}
	if id == tenant.Default {
		id = ""
	}
	return id, ok
}
