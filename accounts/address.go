package accounts

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
)

// ClientAddress returns the address a request comes from: the connection's, or,
// when that is a trusted proxy's, the last one in X-Forwarded-For that is not.
// It is not valid when the request has none.
func (a *Accounts) ClientAddress(r *http.Request) netip.Addr {
	port, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	client := port.Addr().Unmap().WithZone("")
	lines := r.Header["X-Forwarded-For"]
	for i := len(lines) - 1; i >= 0; i-- {
		for rest := lines[i]; rest != ""; {
			if !a.trusts(client) {
				return client
			}
			cut := strings.LastIndexByte(rest, ',')
			hop, err := netip.ParseAddr(strings.TrimSpace(rest[cut+1:]))
			if err != nil {
				// What stands further left was not written by a proxy of ours.
				return client
			}
			client = hop.Unmap().WithZone("")
			rest = rest[:max(cut, 0)]
		}
	}
	return client
}

func (a *Accounts) trusts(address netip.Addr) bool {
	for _, network := range a.config.TrustedProxies {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// address returns where a request comes from as text, "" when unknown.
func (a *Accounts) address(r *http.Request) string {
	if address := a.ClientAddress(r); address.IsValid() {
		return address.String()
	}
	return ""
}

// network returns what a client's attempts are counted under: its IPv4 address
// or its IPv6 /64, since whoever has one address of a /64 has all.
func (a *Accounts) network(r *http.Request) string {
	address := a.ClientAddress(r)
	if address.Is6() {
		p, _ := address.Prefix(64)
		return p.String()
	}
	return address.String()
}

// clientAddress is address for the request that the context comes from, "" for a
// context from elsewhere.
func (a *Accounts) clientAddress(ctx context.Context) string {
	if v := visitOf(ctx); v != nil {
		return a.address(v.request)
	}
	return ""
}
