package accounts

import (
	"context"
	"errors"
	"time"

	"github.com/gosocial/social/accounts/apitoken"
)

// ErrNoToken: no such API token, or it has expired.
var ErrNoToken = errors.New("accounts: no such API token")

// A TokenStore keeps API tokens.
type TokenStore interface {
	// InsertToken adds a token. One of a missing user is never found; ErrNoUser says so
	// where the database checks references.
	InsertToken(ctx context.Context, t apitoken.Token) error
	// TokenUser returns a token that has not expired at now with its user, by one indexed
	// read, or ErrNoToken.
	TokenUser(ctx context.Context, tenant string, hash [32]byte, now time.Time) (apitoken.Token, User, error)
	// Tokens lists a user's tokens that have not expired, newest first.
	Tokens(ctx context.Context, tenant, userID string, now time.Time) ([]apitoken.Token, error)
	// UseToken writes when a token was used, unless it was used later; a missing one is no
	// error.
	UseToken(ctx context.Context, tenant string, hash [32]byte, at time.Time) error
	// DeleteTokens deletes the tokens that the filter chooses, and returns how many: of
	// parallel calls one deletes a token.
	DeleteTokens(ctx context.Context, f TokenFilter) (deleted int, err error)
}

// A TokenFilter chooses API tokens of a user: all, or one.
type TokenFilter struct {
	Tenant, UserID string
	ID             string // "": any
}
