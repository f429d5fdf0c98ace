package outbound

import (
	"context"
	"net/netip"
)

// Public lets black-box tests judge addresses that cannot be dialled here.
func Public(a netip.Addr) bool { return public(a) }

// Guard likewise, by http or not.
func Guard(ctx context.Context, plain bool, address string) error {
	if plain {
		ctx = context.WithValue(ctx, plainKey{}, true)
	}
	return guard(ctx, "tcp", address, nil)
}
