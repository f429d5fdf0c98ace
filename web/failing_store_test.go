package web_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
	accountstore "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/accounts/ticket"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// An outage lets one call to the stores fail. It is safe for concurrent use.
type outage struct {
	mu     sync.Mutex
	after  int    // calls until one fails; 0 and below: none does
	failed string // the method that failed, or ""
	during func() // runs before the next transaction, once; nil: nothing does
	method string // that fails at its next call; "" is none
}

// beginAt lets the next call of a method fail.
func (o *outage) beginAt(method string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.method = method
}

// interrupt runs f before the next transaction.
func (o *outage) interrupt(f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.during = f
}

func (o *outage) interrupted() {
	o.mu.Lock()
	f := o.during
	o.during = nil
	o.mu.Unlock()
	if f != nil {
		f()
	}
}

// begin lets the nth call from now fail; 0 is none.
func (o *outage) begin(n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.after, o.failed = n, ""
}

// end returns the method that has failed, if any, and lets no further call fail.
func (o *outage) end() (method string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.after = 0
	return o.failed
}

func (o *outage) call(method string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.after--; o.after != 0 && method != o.method {
		return nil
	}
	o.failed, o.method = method, ""
	return errors.New("the disk is full")
}

// failing calls a method of a store, unless it is the one that fails.
func failing[T any](o *outage, method string, call func() (T, error)) (v T, err error) {
	if err := o.call(method); err != nil {
		return v, err
	}
	return call()
}

// failingAccounts are a store of accounts with an outage. The session of a request is read,
// because that is not the pages' business.
type failingAccounts struct {
	*accountstore.Store
	*outage
}

func (f failingAccounts) UserByID(ctx context.Context, tenant, id string) (accounts.User, error) {
	return failing(f.outage, "UserByID", func() (accounts.User, error) { return f.Store.UserByID(ctx, tenant, id) })
}

func (f failingAccounts) UserByEmail(ctx context.Context, tenant, email string) (accounts.User, error) {
	return failing(f.outage, "UserByEmail", func() (accounts.User, error) { return f.Store.UserByEmail(ctx, tenant, email) })
}

func (f failingAccounts) Factors(ctx context.Context, tenant, userID string) ([]accounts.StoredFactor, error) {
	return failing(f.outage, "Factors", func() ([]accounts.StoredFactor, error) { return f.Store.Factors(ctx, tenant, userID) })
}

func (f failingAccounts) Sessions(ctx context.Context, tenant, userID string, now time.Time) ([]accounts.Session, error) {
	return failing(f.outage, "Sessions", func() ([]accounts.Session, error) { return f.Store.Sessions(ctx, tenant, userID, now) })
}

func (f failingAccounts) DeleteSessions(ctx context.Context, filter accounts.SessionFilter) (map[string]int, error) {
	return failing(f.outage, "DeleteSessions", func() (map[string]int, error) { return f.Store.DeleteSessions(ctx, filter) })
}

func (f failingAccounts) DeleteSession(ctx context.Context, tenant string, hash [32]byte) error {
	if err := f.call("DeleteSession"); err != nil {
		return err
	}
	return f.Store.DeleteSession(ctx, tenant, hash)
}

func (f failingAccounts) Tokens(ctx context.Context, tenant, userID string, now time.Time) ([]apitoken.Token, error) {
	return failing(f.outage, "Tokens", func() ([]apitoken.Token, error) { return f.Store.Tokens(ctx, tenant, userID, now) })
}

func (f failingAccounts) ListAudit(ctx context.Context, filter audit.Filter) ([]audit.Entry, error) {
	return failing(f.outage, "ListAudit", func() ([]audit.Entry, error) { return f.Store.ListAudit(ctx, filter) })
}

func (f failingAccounts) Ticket(ctx context.Context, tenant string, hash [32]byte, now time.Time) (ticket.Ticket, error) {
	return failing(f.outage, "Ticket", func() (ticket.Ticket, error) { return f.Store.Ticket(ctx, tenant, hash, now) })
}

func (f failingAccounts) InTx(ctx context.Context, do func(context.Context) error) error {
	if err := f.call("InTx"); err != nil {
		return err
	}
	f.interrupted()
	return f.Store.InTx(ctx, do)
}

// failingConnections are a store of connections with an outage.
type failingConnections struct {
	*memstore.Store
	*outage
}

func (f failingConnections) ByID(ctx context.Context, id string) (vault.Connection, error) {
	return failing(f.outage, "ByID", func() (vault.Connection, error) { return f.Store.ByID(ctx, id) })
}

func (f failingConnections) ByUser(ctx context.Context, tenant, userID, providerID string) ([]vault.Connection, error) {
	return failing(f.outage, "ByUser", func() ([]vault.Connection, error) { return f.Store.ByUser(ctx, tenant, userID, providerID) })
}

func (f failingConnections) OneTime(ctx context.Context, id string, now time.Time) (onetime.Value, error) {
	return failing(f.outage, "OneTime", func() (onetime.Value, error) { return f.Store.OneTime(ctx, id, now) })
}

func (f failingConnections) Token(ctx context.Context, id string) (vault.Connection, []byte, error) {
	if err := f.call("Token"); err != nil {
		return vault.Connection{}, nil, err
	}
	return f.Store.Token(ctx, id)
}

// A failingSource lists providers with an outage.
type failingSource struct {
	list []oauth.Provider
	*outage
}

func (f failingSource) Provider(_ context.Context, id string) (oauth.Provider, error) {
	for _, p := range f.list {
		if p.Description().ID == id {
			return p, nil
		}
	}
	return nil, vault.ErrUnknownProvider
}

func (f failingSource) Providers(context.Context) ([]oauth.Provider, error) {
	return failing(f.outage, "Providers", func() ([]oauth.Provider, error) { return f.list, nil })
}
