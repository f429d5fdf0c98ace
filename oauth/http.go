package oauth

import (
	"net/http"
	"time"

	"github.com/gosocial/social/internal/outbound"
)

// HTTPOptions change a client of NewHTTPClient. The zero value is the safe default.
type HTTPOptions struct {
	// Timeout bounds a whole request, reading the body included; default 15 s.
	Timeout time.Duration
	// AllowPrivateAddresses lets requests reach loopback, private and other addresses
	// that are not public, and use http. Without it they use https alone.
	AllowPrivateAddresses bool
}

// NewHTTPClient returns a client as Env.HTTP describes it: it verifies TLS, follows no
// redirect, reaches no private address and reads at most 1 MiB of an answer. It is safe
// for concurrent use, and keeps its connections.
func NewHTTPClient(o HTTPOptions) *http.Client {
	return outbound.New(outbound.Options{Timeout: o.Timeout, AllowPrivate: o.AllowPrivateAddresses})
}
