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
	Kind           string // FactorTOTP, FactorRecoveryCode or SecondFactor.Kind
	ID             string
	Name           string // given by the user, or ""
	Secret         []byte `json:"-"` // sealed, or nothing
	// Counter grows with each use, so that what a use showed does not count again.
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
	// else ErrNoFactor: of parallel calls with one counter one succeeds.
	UseFactor(ctx context.Context, use FactorUse) error
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
	Kind           string // "": any
	ID             string // "": any; with a Kind only
}
