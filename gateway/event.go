package gateway

import (
	"context"

	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/vault"
)

// ClientChanged: a client was made, changed or deleted. Change is "created", "updated",
// "secret_added", "secret_retired" or "deleted".
type ClientChanged struct {
	ClientID string
	Change   string
}

// TokenGiven: a client got an access token for a user.
type TokenGiven struct {
	vault.Subject
	ClientID string
}

// TokenRefused: a request to the token endpoint was refused. Code is that of the answer.
type TokenRefused struct {
	ClientID string // as it was given; it may be none
	UserID   string // "" when it is not known
	Code     string
}

// ProxyUsed: a client has called a provider's API for a user. It is recorded at most once an
// hour for a client and connection in each process.
type ProxyUsed struct {
	vault.Subject
	ClientID string // "" of Gateway.Forward
}

// TokenEchoed: the answer of a provider's API had the access token in it, which the proxy
// overwrote. It is recorded at most once an hour for a connection in each process.
type TokenEchoed struct{ vault.Subject }

// Event returns "client_changed".
func (ClientChanged) Event() string { return "client_changed" }

// Provider returns "".
func (ClientChanged) Provider() string { return "" }

// Event returns "token_given".
func (TokenGiven) Event() string { return "token_given" }

// Event returns "proxy_used".
func (ProxyUsed) Event() string { return "proxy_used" }

// Event returns "token_echoed".
func (TokenEchoed) Event() string { return "token_echoed" }

// Event returns "client_token_refused".
func (TokenRefused) Event() string { return "client_token_refused" }

// Provider returns "".
func (TokenRefused) Provider() string { return "" }

// Refused marks an event of something that was refused.
func (TokenRefused) Refused() {}

// change does what f does and records it, in one transaction where the store can.
func (g *Gateway) change(ctx context.Context, e audit.Event, f func(ctx context.Context) error) error {
	do := func(ctx context.Context) error {
		if err := f(ctx); err != nil {
			return err
		}
		return g.record(ctx, e)
	}
	if t, ok := g.documents.(vault.Transactor); ok {
		return t.InTx(ctx, do)
	}
	return do(ctx)
}

func (g *Gateway) record(ctx context.Context, e audit.Event) error {
	if g.cfg.Record == nil {
		return nil
	}
	return g.cfg.Record(ctx, e)
}
