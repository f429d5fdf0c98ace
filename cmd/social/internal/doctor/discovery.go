package doctor

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/gosocial/social/oauth"
)

// discover takes the endpoints that are not configured from the discovery document. It
// reports false when the document cannot be used.
func (p *providerCheck) discover(ctx context.Context) bool {
	address := strings.TrimSuffix(p.issuer, "/") + "/.well-known/openid-configuration"
	status, body, err := p.get(ctx, address)
	// As a log-in reads it: a member of another type is as if it were not there.
	var doc map[string]any
	switch {
	case err != nil:
		p.report(Wrong, "discovery: %v", err)
	case status != http.StatusOK:
		p.report(Wrong, "discovery: %s answers %d: is the issuer right?", address, status)
	case json.Unmarshal(body, &doc) != nil:
		p.report(Wrong, "discovery: %s is not JSON: is the issuer right?", address)
	case doc["issuer"] != p.issuer:
		p.report(Wrong, "discovery: the document is of issuer %q, and the configuration says %q", textOf(doc["issuer"]), p.issuer)
	default:
		e := &p.endpoints
		for name, endpoint := range map[string]*string{
			"userinfo_endpoint": &e.UserInfo, "jwks_uri": &e.Keys, "revocation_endpoint": &e.Revoke, "end_session_endpoint": &e.EndSession,
		} {
			*endpoint = cmp.Or(*endpoint, textOf(doc[name]))
		}
		p.backchannel = doc["backchannel_logout_supported"] == true // Back-Channel Logout 1.0 §2.1
		p.report(OK, "discovery at %s", p.issuer)
		p.signing(doc["id_token_signing_alg_values_supported"])
		return true
	}
	return false
}

func textOf(value any) string {
	text, _ := value.(string)
	return text
}

// needsKeys reports whether ID tokens are verified by the provider's key set.
func (p *providerCheck) needsKeys() bool {
	return p.algorithms == nil || slices.ContainsFunc(p.algorithms, byKey)
}

// byKey reports whether an algorithm needs no secret.
func byKey(algorithm string) bool { return !strings.HasPrefix(algorithm, "HS") && algorithm != "none" }

// signing compares the algorithms of ID tokens that a discovery document names with those
// that are allowed.
func (p *providerCheck) signing(named any) {
	list, _ := named.([]any)
	var supported []string
	for _, one := range list {
		algorithm := textOf(one)
		if p.algorithms == nil && byKey(algorithm) || slices.Contains(p.algorithms, algorithm) {
			return
		}
		supported = append(supported, algorithm)
	}
	if len(supported) > 0 {
		p.report(Wrong, "ID tokens: the provider signs them by %s, which is not allowed: name one in algorithms", strings.Join(supported, ", "))
	}
}

// keySet counts the keys that can verify ID tokens, as a log-in does.
func (p *providerCheck) keySet(ctx context.Context, provider oauth.Provider) {
	client, err := provider.Open(oauth.Env{HTTP: p.http})
	counter, ok := client.(oauth.KeyCounter)
	if err != nil || !ok {
		return // New would have failed
	}
	usable, err := counter.CountKeys(ctx)
	switch {
	case err != nil:
		p.report(Wrong, "keys: %s: %s", p.endpoints.Keys, describe(err))
	case usable == 0:
		p.report(Wrong, "keys: none of those in %s can verify ID tokens", p.endpoints.Keys)
	default:
		p.report(OK, "%d signing keys", usable)
	}
}
