package accounts

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// ClientAddress returns the address that a request comes from: that of the
// connection or, when that is a trusted proxy, the last one in X-Forwarded-For that
// is not. A connection by a Unix socket comes from 127.0.0.1. It is the zero Addr when the
// request has no address.
func (a *Accounts) ClientAddress(r *http.Request) netip.Addr {
	client := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	if r.RemoteAddr != unixPeer {
		port, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil {
			return netip.Addr{}
		}
		client = plainAddr(port.Addr())
	}
	lines := r.Header["X-Forwarded-For"]
	switch declared := a.trusts(client); {
	case !declared && (lines != nil || proxied(r.Header)):
		a.undeclared(r.Context(), client)
	case lines == nil && proxied(r.Header):
		a.silent(r.Context(), client)
	}
	for i := len(lines) - 1; i >= 0; i-- {
		for rest := lines[i]; rest != ""; {
			if !a.trusts(client) {
				return client
			}
			cut := strings.LastIndexByte(rest, ',')
			hop, err := parseHop(rest[cut+1:])
			if err != nil {
				// No trusted proxy wrote what is to the left of it.
				return client
			}
			client = hop
			rest = rest[:max(cut, 0)]
		}
	}
	return client
}

// unixPeer is what net has for a peer without an address: one of this machine, a proxy as a
// rule, whose clients would share the limits of one network.
const unixPeer = "@"

// parseHop reads an address as proxies write it: alone, with a port as Azure's do, and
// in brackets or quotes as the header Forwarded has it (RFC 7239 §6).
func parseHop(s string) (netip.Addr, error) {
	s = strings.Trim(strings.Trim(s, " \t"), `"`)
	if address, err := netip.ParseAddr(s); err == nil {
		return plainAddr(address), nil
	}
	if inner, ok := strings.CutPrefix(s, "["); ok && strings.HasSuffix(inner, "]") {
		address, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		return plainAddr(address), err
	}
	port, err := netip.ParseAddrPort(s)
	return plainAddr(port.Addr()), err
}

// plainAddr is an address as it is counted and compared.
func plainAddr(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// proxied reports whether a request has a header that proxies send, besides
// X-Forwarded-For.
func proxied(h http.Header) bool {
	for _, name := range [...]string{"Forwarded", "X-Real-Ip", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip"} {
		if h[name] != nil {
			return true
		}
	}
	return false
}

// silent says once that a trusted proxy does not tell who its clients are.
func (a *Accounts) silent(ctx context.Context, proxy netip.Addr) {
	a.unnamed.Do(func() {
		a.config.Logger.WarnContext(ctx, "accounts: a request came through a proxy in TrustedProxies (trusted_proxies) without X-Forwarded-For, "+
			"the only header that is read: let the proxy send it; until then its clients share the limits of one network",
			"address", proxy)
	})
}

// undeclared says once that a proxy is not declared: every request then seems to come
// from it, so that the limits of a network are those of the whole site.
func (a *Accounts) undeclared(ctx context.Context, proxy netip.Addr) {
	a.proxied.Do(func() {
		a.config.Logger.WarnContext(ctx, "accounts: a request came through a proxy that is not trusted: if it is yours, "+
			"name its network in TrustedProxies (trusted_proxies); until then its clients share the limits of one network",
			"address", proxy)
	})
}

func (a *Accounts) trusts(address netip.Addr) bool {
	for _, network := range a.config.TrustedProxies {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// address returns a request's client address as text, "" when it has none.
func (a *Accounts) address(r *http.Request) string {
	if address := a.ClientAddress(r); address.IsValid() {
		return address.String()
	}
	return ""
}

// network returns what a client's attempts are counted under: its IPv4 address or
// its IPv6 /64, because a client with one address of a /64 can use them all. Behind a
// translator to IPv6 (RFC 6052) all IPv4 addresses are in one /64: there the IPv4 address counts.
func (a *Accounts) network(r *http.Request) netip.Prefix {
	address := a.ClientAddress(r)
	if nat64 := netip.PrefixFrom(netip.AddrFrom16([16]byte{1: 0x64, 2: 0xff, 3: 0x9b}), 96); nat64.Contains(address) {
		b := address.As16()
		address = netip.AddrFrom4([4]byte(b[12:]))
	}
	network, _ := address.Prefix(min(address.BitLen(), 64))
	return network
}

// clientAddress is address for the request that the context comes from, "" for a
// context from elsewhere.
func (a *Accounts) clientAddress(ctx context.Context) string {
	if c := requestOf(ctx); c != nil {
		return a.address(c.request)
	}
	return ""
}

// plainNetworks returns networks as addresses are compared with them: those of IPv4
// addresses in IPv6 (::ffff:10.0.0.0/104) as IPv4's.
func plainNetworks(list []netip.Prefix) ([]netip.Prefix, error) {
	var plain []netip.Prefix
	for _, p := range list {
		network := p
		if p.Addr().Is4In6() {
			network = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		if !network.IsValid() {
			return nil, fmt.Errorf("accounts: Config.TrustedProxies has a network that is none: %v", p)
		}
		plain = append(plain, network)
	}
	return plain, nil
}
