package outbound

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"syscall"
)

// ErrPrivate is a request to an address that is not public, ErrPlain one whose
// secrets would be in the open.
var (
	ErrPrivate = errors.New("outbound: the address is not public")
	ErrPlain   = errors.New("outbound: http, where only https is safe")
)

// reserved are the networks that are not public (IANA's special-purpose
// registries) and that netip has no predicate for. Those of the last line carry
// an IPv4 address inside.
var reserved = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"100::/64", "2001:db8::/32", "3fff::/20", "5f00::/16", "fec0::/10",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/23", "2002::/16",
)

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// plainKey marks the context of a request by http.
type plainKey struct{}

// guard judges the address that is about to be dialled, after the name was
// resolved, so that no name can hide it.
func guard(ctx context.Context, _, address string, _ syscall.RawConn) error {
	var refusal error
	host, _ := netip.ParseAddrPort(address) // of no address there is none, which is not public
	if !public(host.Addr()) {
		refusal = fmt.Errorf("%w: %s", ErrPrivate, address)
	}
	if ctx.Value(plainKey{}) != nil {
		refusal = errors.Join(ErrPlain, refusal)
	}
	return refusal
}

func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range reserved {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
