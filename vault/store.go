package vault

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Errors that a Store returns, to be tested with errors.Is.
var (
	// ErrNoConnection: there is no such connection.
	ErrNoConnection = errors.New("vault: no such connection")
	// ErrTaken: the provider account is connected already; see Store.Insert.
	ErrTaken = errors.New("vault: the provider account is connected already")
	// ErrStale: the row changed since it was read, or is gone.
	ErrStale = errors.New("vault: the connection changed meanwhile")
	// ErrLastLogin: removing would leave the user no way to log in.
	ErrLastLogin = errors.New("vault: the last way to log in cannot be removed")
	// ErrLeased: somebody else is refreshing the connection.
	ErrLeased = errors.New("vault: the connection is being refreshed elsewhere")
	// ErrClaimed: the key was claimed before.
	ErrClaimed = errors.New("vault: already claimed")
	// ErrNoParcel: there is no such parcel, or it has expired.
	ErrNoParcel = errors.New("vault: no such parcel")
)

// A Store keeps connections, claims and parcels. *sqlstore.Store is one;
// package storetest tells whether another is. All methods are safe for
// concurrent use, by several processes too, and times keep at least
// milliseconds.
//
// A method called with a context that carries a transaction of the same store
// (see Transactor) joins it.
type Store interface {
	ConnectionStore
	LeaseStore
	ClaimStore
	ParcelStore
}

// A ConnectionStore keeps connections and their sealed tokens. It never sees a
// token in the clear.
type ConnectionStore interface {
	// Insert adds a connection with Version 1 and its sealed token. ErrTaken
	// when a connection with the same ProviderID and ProviderUserID exists, also
	// when many insert at once. A Rank below 0 means behind the user's other
	// connections to the provider; the rank given is returned.
	Insert(ctx context.Context, c Connection, sealed []byte) (rank int, err error)

	// ByID, ByIdentity find one connection, or ErrNoConnection.
	ByID(ctx context.Context, id string) (Connection, error)
	ByIdentity(ctx context.Context, providerID, providerUserID string) (Connection, error)

	// ByUser lists a user's connections by provider, rank and ID; those to one
	// provider when providerID is not "".
	ByUser(ctx context.Context, userID, providerID string) ([]Connection, error)

	// Token returns a connection with its sealed token, or ErrNoConnection.
	Token(ctx context.Context, id string) (Connection, []byte, error)

	// Version returns a connection's Version, or ErrNoConnection: the cheapest
	// read there is, made to check a cached token.
	Version(ctx context.Context, id string) (int64, error)

	// Update writes everything but ID, UserID, ProviderID, ProviderUserID and
	// CreatedAt, if the row still has c.Version; the row then has c.Version+1. A
	// lease runs on, whoever writes: its holder may have a request under way. Nil
	// sealed leaves the sealed token as it is. ErrStale when the version differs or
	// the row is gone.
	Update(ctx context.Context, c Connection, sealed []byte) error

	// Remove deletes connections as one step and returns what it deleted, sealed
	// tokens included. Removal.Decide says which go.
	Remove(ctx context.Context, r Removal) ([]Removed, error)
}

// A Removal says which connections to delete: those of UserID to ProviderID
// (every provider when ""), and of these ProviderUserID alone when it is not "".
//
// When KeepLogin is not nil and no connection of the user to one of these
// providers would remain, nothing is deleted and the error is ErrLastLogin; this
// holds among parallel removals. (An empty, non-nil KeepLogin thus refuses every
// removal.) Nothing that fits is ErrNoConnection.
type Removal struct {
	UserID         string
	ProviderID     string
	ProviderUserID string
	KeepLogin      []string
}

// A Removed is a connection that was deleted, with its sealed token.
type Removed struct {
	Connection
	Sealed []byte
}

// Decide is for stores: it returns which of all the user's connections go, in their
// order. ErrNoConnection and ErrLastLogin are as Removal says.
func (r Removal) Decide(all []Removed) (gone []Removed, err error) {
	loginRemains := r.KeepLogin == nil
	for _, c := range all {
		switch {
		case (r.ProviderID == "" || r.ProviderID == c.ProviderID) &&
			(r.ProviderUserID == "" || r.ProviderUserID == c.ProviderUserID):
			gone = append(gone, c)
		case slices.Contains(r.KeepLogin, c.ProviderID):
			loginRemains = true
		}
	}
	switch {
	case len(gone) == 0:
		return nil, ErrNoConnection
	case !loginRemains:
		return nil, ErrLastLogin
	}
	return gone, nil
}

// A LeaseStore lets one process at a time refresh a connection.
type LeaseStore interface {
	// Lease gives owner the connection until the deadline and returns it as it
	// stands then. ErrLeased while another owner's lease runs at now. The owner
	// that holds it may lease again to prolong it. A lease does not change
	// Version.
	//
	// interrupted says that an earlier lease ended by its deadline and not by
	// Release: its holder died, and whether it refreshed is unknown. An Update
	// with a sealed token settles that.
	Lease(ctx context.Context, id, owner string, now, until time.Time) (c Connection, sealed []byte, interrupted bool, err error)

	// Release ends owner's lease. One that is not there is no error.
	Release(ctx context.Context, id, owner string) error
}

// A ClaimStore makes things happen once.
type ClaimStore interface {
	// Claim takes key for the time until the deadline: among any number of
	// parallel calls exactly one succeeds, and the others get ErrClaimed. The
	// key may be any bytes up to 64.
	Claim(ctx context.Context, key []byte, now, until time.Time) error
}

// A ParcelStore keeps what must outlive a request without a user: sealed,
// expiring rows.
type ParcelStore interface {
	// PutParcel adds a parcel, under an ID that is new.
	PutParcel(ctx context.Context, p Parcel) error
	// Parcel returns a parcel that has not expired at now, or ErrNoParcel.
	Parcel(ctx context.Context, id string, now time.Time) (Parcel, error)
	// TakeParcel returns and deletes it: among parallel calls one succeeds.
	TakeParcel(ctx context.Context, id string, now time.Time) (Parcel, error)
	// DueParcels lists parcels of a purpose with NotBefore at or before now, the
	// longest due first, expired ones included.
	DueParcels(ctx context.Context, purpose string, now time.Time, limit int) ([]Parcel, error)
	// DeferParcel moves NotBefore; one that is not there is ErrNoParcel.
	DeferParcel(ctx context.Context, id string, notBefore time.Time) error
}

// A Parcel is a sealed, expiring row.
type Parcel struct {
	ID        string
	Purpose   string // "signup", "revoke"
	Sealed    []byte
	NotBefore time.Time
	Expires   time.Time
}

// A Walker is a Store that can go through all its connections: what resealing
// needs.
type Walker interface {
	// Walk lists the IDs of up to limit connections behind the ID after, in the
	// order of their IDs; after is "" at the start.
	Walk(ctx context.Context, after string, limit int) (ids []string, err error)
}

// A Joiner is a Transactor that knows whether a context carries a transaction: its
// own or, where an application may begin one, the application's.
type Joiner interface {
	Joined(ctx context.Context) bool
}

// A Transactor is a Store that can do several things as one.
type Transactor interface {
	// InTx calls f with a context that carries a transaction: calls to this store
	// (and whatever else shares its database and knows how) with that context
	// happen together or not at all. It commits when f returns nil. Inside
	// another InTx of the same store it joins that one. A store may call f again,
	// from the beginning, after it undid what f did.
	InTx(ctx context.Context, f func(ctx context.Context) error) error
}
