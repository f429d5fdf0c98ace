package outbound

import (
	"context"
	"fmt"
	"net/http"
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

// Transport returns the transport of net/http below what NewTransport returns.
func Transport(rt http.RoundTripper) (*http.Transport, error) {
	switch t := rt.(type) {
	case *http.Transport:
		return t, nil
	case guarded:
		return t.Transport, nil
	}
	return nil, fmt.Errorf("%T", rt)
}
