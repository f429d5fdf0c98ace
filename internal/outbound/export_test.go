package outbound

import "net/netip"

// Public lets black-box tests judge addresses that cannot be dialled here.
func Public(a netip.Addr) bool { return public(a) }
