package doctor

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/gosocial/social/oauth"
)

// discover takes the endpoints that are not configured from the discovery document. It
// reports false when the document cannot be used.
func (p *providerCheck) discover(ctx context.Context) bool {
	address := cmp.Or(p.discoveryURL, strings.TrimSuffix(p.issuer, "/")+"/.well-known/openid-configuration")
	status, body, err := p.get(ctx, address)
	var m *oauth.Metadata
	if err == nil && status == http.StatusOK {
		m, _ = oauth.ParseMetadata(body)
	}
	switch {
	case err != nil:
		p.report(Wrong, "discovery: %v", err)
	case status != http.StatusOK:
		p.report(Wrong, "discovery: %s answers %d: is the issuer right?", address, status)
	case m == nil:
		p.report(Wrong, "discovery: %s is not the JSON that it should be: is the issuer right?", address)
	case m.Issuer != p.issuer:
		p.report(Wrong, "discovery: the document is of issuer %q, and the configuration says %q", m.Issuer, p.issuer)
	default:
		e := &p.endpoints
		for _, f := range []struct {
			now   *string
			found string
		}{
			{&e.UserInfo, m.Endpoints.UserInfo}, {&e.Keys, m.Endpoints.Keys}, {&e.Revoke, m.Endpoints.Revoke}, {&e.EndSession, m.Endpoints.EndSession},
			{&e.DeviceAuthorization, m.Endpoints.DeviceAuthorization},
		} {
			*f.now = cmp.Or(*f.now, f.found)
		}
		p.backchannel = m.BackchannelLogout
		p.report(OK, "discovery at %s", p.issuer)
		p.signing(m.SigningAlgorithms)
		return true
	}
	return false
}

// needsKeys reports whether ID tokens are verified by the provider's key set.
func (p *providerCheck) needsKeys() bool {
	return p.algorithms == nil || slices.ContainsFunc(p.algorithms, byKey)
}

// byKey reports whether an algorithm needs no secret.
func byKey(algorithm string) bool { return !strings.HasPrefix(algorithm, "HS") && algorithm != "none" }

// signing compares the algorithms of ID tokens that a discovery document names with those
// that are allowed.
func (p *providerCheck) signing(supported []string) {
	for _, algorithm := range supported {
		if p.algorithms == nil && byKey(algorithm) || slices.Contains(p.algorithms, algorithm) {
			return
		}
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
