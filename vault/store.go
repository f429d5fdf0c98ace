package vault

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gosocial/social/onetime"
)

// Errors that a Store returns, to be tested with errors.Is.
var (
	// ErrNoConnection: there is no such connection.
	ErrNoConnection = errors.New("vault: no such connection")
	// ErrTaken: the provider account is connected already; see Store.Insert.
	ErrTaken = errors.New("vault: the provider account is connected already")
	// ErrStale: the row has changed since it was read, or is gone.
	ErrStale = errors.New("vault: the connection has changed since it was read")
	// ErrLastLogin: removing would leave the user no way to log in.
	ErrLastLogin = errors.New("vault: the last way to log in cannot be removed")
	// ErrAuthorizedSince: the user has authorized the connection after Removal.NotAfter.
	ErrAuthorizedSince = errors.New("vault: the connection has been authorized since")
	// ErrLeased: another owner is refreshing the connection.
	ErrLeased = errors.New("vault: another process is refreshing the connection")
	// ErrClaimed: the key was claimed before.
	ErrClaimed = errors.New("vault: already claimed")
)

// A Store keeps connections, claims and one-time values. *sqlstore.Store is one;
// package storetest tests another. All methods are safe for concurrent use, by
// several processes too, and times keep at least milliseconds.
//
// A row belongs to a tenant: "" is the default one, others have IDs of at most
// 255 bytes. Row IDs are unique among all tenants; everything else that a row is
// found by, but for ByAccount, is found in one tenant.
//
// A method that is called with a context of a transaction of the same store (see
// Transactor) is part of that transaction.
type Store interface {
	ConnectionStore
	LeaseStore
	ClaimStore
	onetime.Store
}

// A ConnectionStore keeps connections and their sealed tokens. It never gets a
// token in the clear.
type ConnectionStore interface {
	// Insert adds a connection with Version 1 and its sealed token. ErrTaken
	// when there is a connection with the same Tenant, ProviderID and
	// ProviderUserID, also when many insert at once. A Rank below 0 means after
	// the user's other connections to the provider; the rank given is returned.
	Insert(ctx context.Context, c Connection, sealed []byte) (rank int, err error)

	// ByID returns one connection, of any tenant, or ErrNoConnection.
	ByID(ctx context.Context, id string) (Connection, error)

	// ByIdentity returns the connection of an account at a provider, or
	// ErrNoConnection.
	ByIdentity(ctx context.Context, i Identity) (Connection, error)

	// ByAccount lists the connections of an account at a provider, of all tenants, in any
	// order.
	ByAccount(ctx context.Context, providerID, providerUserID string) ([]Connection, error)

	// ByUser lists a user's connections by provider, rank and ID; those to one
	// provider when providerID is not "".
	ByUser(ctx context.Context, tenant, userID, providerID string) ([]Connection, error)

	// Token returns a connection with its sealed token, or ErrNoConnection.
	Token(ctx context.Context, id string) (Connection, []byte, error)

	// Version returns a connection's Version, or ErrNoConnection. It is called
	// to check a cached token, so it should be the cheapest read.
	Version(ctx context.Context, id string) (int64, error)

	// Update writes everything but ID, Tenant, UserID, ProviderID, ProviderUserID
	// and CreatedAt, if the row still has c.Version; the row then has
	// c.Version+1. A lease stays as it is, because its holder may have a request
	// under way. Nil sealed leaves the sealed token as it is, and whether a lease was
	// interrupted (see LeaseStore). ErrStale when the version differs or the row is
	// gone.
	Update(ctx context.Context, c Connection, sealed []byte) error

	// Remove deletes connections as one step and returns what it deleted, sealed
	// tokens included. Removal.Select says which.
	Remove(ctx context.Context, r Removal) ([]Removed, error)
}

// An Identity is an account at a provider, as a tenant's users have it. One
// identity is connected at most once.
type Identity struct {
	Tenant         string
	ProviderID     string
	ProviderUserID string
}

// Identity returns which account the connection is to.
func (c *Connection) Identity() Identity { return Identity{c.Tenant, c.ProviderID, c.ProviderUserID} }

// A Removal says which connections to delete: those of UserID in Tenant to
// ProviderID (every provider when ""), and of these ProviderUserID alone when it
// is not "", and only those that were connected at Since or later.
//
// When KeepLogin is not nil and no connection of the user to one of these
// providers would remain, nothing is deleted and the error is ErrLastLogin; this
// holds among parallel removals. (An empty, non-nil KeepLogin thus refuses every
// removal.) When there is nothing to delete, the error is ErrNoConnection.
//
// Check, when not nil, is asked last, with what is to be deleted and what remains; this
// holds among parallel removals, too. With its error nothing is deleted. It may be called
// again, and must not use the store.
type Removal struct {
	Tenant         string
	UserID         string
	ProviderID     string
	ProviderUserID string
	Since          time.Time
	KeepLogin      []string
	Check          func(removes, leaves []Removed) error

	// NotAfter, when not zero, keeps connections that the user has authorized later, to the
	// second: then nothing is deleted, and the error is ErrAuthorizedSince. Stores do not need
	// it.
	NotAfter time.Time

	// GrantEnded says that the provider has ended the grants already: no token is revoked.
	// Stores do not need it.
	GrantEnded bool
}

// A Removed is a connection that was deleted, with its sealed token.
type Removed struct {
	Connection
	Sealed []byte
}

// Select is for stores: given all connections of the removal's tenant and user,
// it returns those to delete, in the same order. ErrNoConnection, ErrLastLogin and Check's
// error are as Removal says.
func (r Removal) Select(all []Removed) (remove []Removed, err error) {
	loginRemains := r.KeepLogin == nil
	var leave []Removed
	for _, c := range all {
		if (r.ProviderID == "" || r.ProviderID == c.ProviderID) &&
			(r.ProviderUserID == "" || r.ProviderUserID == c.ProviderUserID) && !c.CreatedAt.Before(r.Since) {
			remove = append(remove, c)
			continue
		}
		leave = append(leave, c)
		loginRemains = loginRemains || slices.Contains(r.KeepLogin, c.ProviderID)
	}
	switch {
	case len(remove) == 0:
		return nil, ErrNoConnection
	case !loginRemains:
		return nil, ErrLastLogin
	}
	if r.Check != nil {
		if err := r.Check(remove, leave); err != nil {
			return nil, err
		}
	}
	return remove, nil
}

// A LeaseStore lets one process at a time refresh a connection.
type LeaseStore interface {
	// Lease gives owner the connection until the deadline and returns it as it
	// is then. ErrLeased while another owner's lease runs at now. The owner of a
	// lease may call Lease again to prolong it. A lease does not change Version.
	//
	// interrupted says that an earlier lease ended by its deadline and not by
	// Release or UpdateAndRelease: its owner died, and may or may not have refreshed the token. It
	// stays true until an update with a sealed token: a Release, further leases and
	// an update without one leave it as it is.
	Lease(ctx context.Context, id, owner string, now, until time.Time) (c Connection, sealed []byte, interrupted bool, err error)

	// UpdateAndRelease is Update, and ends owner's lease in the same step; another owner's
	// stays. With an error nothing has changed, unless it is unknown whether it has.
	UpdateAndRelease(ctx context.Context, c Connection, sealed []byte, owner string) error

	// Release ends owner's lease and changes nothing else: not the row, its Version,
	// or whether a lease was interrupted. It is no error when there is none, or when
	// another owner has one, which then stays.
	Release(ctx context.Context, id, owner string) error
}

// A ClaimStore makes things happen once.
type ClaimStore interface {
	// Claim takes a key for some time: among any number of parallel calls exactly
	// one succeeds, and the others get ErrClaimed.
	Claim(ctx context.Context, c Claim) error
}

// A Claim asks for a key of a tenant from Now on, until Until. The same key of
// another tenant is another key. It may be any bytes up to 64.
type Claim struct {
	Tenant     string
	Key        []byte
	Now, Until time.Time
}

// A Lister is a Store that can list its connections, as resealing them, keeping
// them alive and administration need it.
type Lister interface {
	// List returns up to limit connections that f selects and whose IDs follow
	// after, by ID; after is "" at the start. A page with fewer than limit is the
	// last one. A limit of 0 or below returns none.
	List(ctx context.Context, f Filter, after string, limit int) ([]Connection, error)

	// SealedTokens is List of sealed tokens, with no more of their connections than opening
	// them takes.
	SealedTokens(ctx context.Context, f Filter, after string, limit int) ([]SealedToken, error)
}

// A SealedToken is the sealed token of a connection, and what it is bound to.
type SealedToken struct {
	ID, Tenant, UserID, ProviderID string
	CreatedAt                      time.Time // of the connection
	Sealed                         []byte
}

// A Filter selects connections. Each field that is not empty has to match; the zero
// value selects those of the default tenant.
type Filter struct {
	Tenant     string
	AllTenants bool // instead of Tenant

	ProviderID string
	ClientID   string
	Status     Status
	// RefreshedAfter selects connections whose token was refreshed after it.
	RefreshedAfter time.Time
	// Refused selects connections that have Refusals.
	Refused bool
	// RestingSince selects connections that are neither Suspended nor in the state
	// NeedsReauthorization, and whose row has not changed after it, or whose access token
	// had ended before it.
	RestingSince time.Time
}

// Selects is for stores that compare in Go: it reports whether f selects c.
func (f *Filter) Selects(c *Connection) bool {
	return (f.AllTenants || f.Tenant == c.Tenant) &&
		(f.ProviderID == "" || f.ProviderID == c.ProviderID) &&
		(f.ClientID == "" || f.ClientID == c.ClientID) &&
		(f.Status == "" || f.Status == c.Status) &&
		(f.RefreshedAfter.IsZero() || c.RefreshedAt.After(f.RefreshedAfter)) &&
		(!f.Refused || c.Refusals > 0) &&
		(f.RestingSince.IsZero() || c.restingSince(f.RestingSince))
}

func (c *Connection) restingSince(t time.Time) bool {
	lapsed := !c.ExpiresAt.IsZero() && c.ExpiresAt.Before(t)
	return !c.Suspended && c.Status != NeedsReauthorization && (lapsed || !c.UpdatedAt.After(t))
}

// A Joiner is a Transactor that knows whether a context carries a transaction: its
// own or, where an application may begin one, the application's.
type Joiner interface {
	Joined(ctx context.Context) bool
}

// A Transactor is a Store that can do several things as one.
type Transactor interface {
	// InTx calls f with a context that carries a transaction: calls to this store
	// (and to others that share its database and support it) with that context
	// happen together or not at all. It commits when f returns nil. Inside
	// another InTx of the same store it joins that one. A store may call f again,
	// from the beginning, after it undid what f did. A context of WithDurable asks for
	// a commit that is on the disk.
	InTx(ctx context.Context, f func(ctx context.Context) error) error
}

// An OptimisticTransactor is a Transactor that can save round trips to its database.
type OptimisticTransactor interface {
	// InOptimisticTx is InTx, except that a write may return at once, as if it had done
	// what it usually does: it is sent with the next call that needs an answer, or with the
	// commit. Where it then does something else, such as ErrTaken or ErrStale, the store
	// undoes the transaction and calls f again, with calls that return what they do. A read
	// may return what the same transaction has read before.
	//
	// So f is called twice more often than by InTx. It must not do anything outside of the
	// store that is wrong when a write before it turns out to have failed.
	InOptimisticTx(ctx context.Context, f func(ctx context.Context) error) error
}
