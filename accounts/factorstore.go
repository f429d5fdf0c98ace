package accounts

import (
	"context"
	"errors"
	"time"
)

// ErrNoFactor: no such second factor, or its counter has passed that already.
var ErrNoFactor = errors.New("accounts: no such second factor")

// A StoredFactor is a second factor of a user, as a Store keeps it. A user's factors have
// different kinds or IDs.
type StoredFactor struct {
	Tenant, UserID string
	Kind           string // FactorTOTP, FactorPasskey, FactorRecoveryCode or SecondFactor.Kind
	ID             string
	Name           string // given by the user, or ""
	Secret         []byte `json:"-"` // sealed, or nothing
	// Counter grows with each use, so that what a use showed does not count again. It stays
	// 0 for a passkey that does not count.
	Counter     int64
	CreatedAt   time.Time
	ConfirmedAt time.Time // zero while it is being set up
	LastUsedAt  time.Time // zero: never
}

// A FactorStore keeps second factors.
type FactorStore interface {
	// PutFactor adds a factor, or replaces the user's with its kind and ID. One of a
	// missing user is never found; ErrNoUser says so where the database checks references.
	PutFactor(ctx context.Context, f StoredFactor) error
	// Factors lists a user's factors, by kind and ID.
	Factors(ctx context.Context, tenant, userID string) ([]StoredFactor, error)
	// UseFactor writes the counter and when the factor was used, if its counter is lower,
	// else ErrNoFactor: of parallel calls with one counter one succeeds. Where both counters
	// are 0 the factor does not count, and every call succeeds (Web Authentication §6.1.1).
	UseFactor(ctx context.Context, use FactorUse) error
	// RenameFactor writes the name of the one factor that the filter chooses; a missing one
	// is no error.
	RenameFactor(ctx context.Context, f FactorFilter, name string) error
	// ResealFactor replaces the factor's Secret if it is still f.Secret, else ErrNoFactor.
	// The rest of f only says which factor it is.
	ResealFactor(ctx context.Context, f StoredFactor, sealed []byte) error
	// DeleteFactors deletes the factors that the filter chooses, and returns how many: of
	// parallel calls one deletes a factor.
	DeleteFactors(ctx context.Context, f FactorFilter) (deleted int, err error)
}

// A FactorUse is the argument of FactorStore.UseFactor.
type FactorUse struct {
	Tenant, UserID, Kind, ID string
	Counter                  int64
	At                       time.Time
}

// A FactorFilter chooses second factors of a user: all, those of a kind, or one.
type FactorFilter struct {
	Tenant, UserID string
	Kind           string    // "": any
	ID             string    // "": any; with a Kind only
	Since          time.Time // when they were created or confirmed, or later; zero: any time
}
