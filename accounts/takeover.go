package accounts

import (
	"context"
	"errors"
	"time"

	"github.com/gosocial/social/accounts/ticket"
)

// ErrVerified: the account's address is verified, so the account cannot be taken over.
var ErrVerified = errors.New("accounts: the e-mail address is verified already")

// VerifyAndTakeOver marks the e-mail address of an account as proved by a person who may not
// be the one who had the account so far, and ends what the latter left in it, in one
// transaction: the password, second factors, all sessions, API tokens and mailed links, and
// what OnTakeOver was given. Give the person a new password or sign them in afterwards. The
// username and the roles stay.
//
// It returns ErrNoUser, and ErrVerified when there is nothing to take over.
func (a *Accounts) VerifyAndTakeOver(ctx context.Context, userID string) error {
	return a.change(ctx, userID, &SessionFilter{}, func(ctx context.Context, u *User) ([]Event, error) {
		if !u.EmailVerifiedAt.IsZero() {
			return nil, ErrVerified
		}
		return a.handOver(ctx, u)
	})
}

// OnTakeOver has end called when an account is handed over to the person who has proved
// its address: by VerifyAndTakeOver, and by a mailed link. It ends what this package does
// not keep: social.New gives it what ends connections. UndoEmailChange calls it, too, with
// the time of the change as since: what the account had before that stays. A zero since is
// everything. The context may carry a transaction of the store, and end may be called again
// when that is.
func (a *Accounts) OnTakeOver(end func(ctx context.Context, userID string, since time.Time) error) {
	a.takeOvers.mu.Lock()
	defer a.takeOvers.mu.Unlock()
	a.takeOvers.ends = append(a.takeOvers.ends, end)
}

// provedByMail marks a user's address as proved by a link that was sent there. If it
// was not verified before, this person may not be the one who has used the account so
// far.
func (a *Accounts) provedByMail(ctx context.Context, u *User) ([]Event, error) {
	if !u.EmailVerifiedAt.IsZero() {
		return nil, nil
	}
	return a.handOver(ctx, u)
}

// handOver is the change of a user that VerifyAndTakeOver makes. It ends what lets the
// person who has had the account so far go on, besides sessions, which the caller ends.
func (a *Accounts) handOver(ctx context.Context, u *User) ([]Event, error) {
	about := subject(ctx, u.ID)
	events := []Event{VerificationChanged{Subject: about, Verified: true}, TakenOver{about}}
	if u.PasswordHash != "" {
		events = append(events, PasswordChanged{Subject: about, Removed: true})
	}
	u.EmailVerifiedAt, u.PasswordHash = a.now(), ""
	// Those that take a change of address back, too.
	return events, a.store.DeleteTickets(ctx, ticket.Filter{Tenant: u.Tenant, UserID: u.ID})
}

// endTakenOver ends second factors and what OnTakeOver was given, after the user's
// sessions: what there is since a time, all when that is zero.
func (a *Accounts) endTakenOver(ctx context.Context, userID string, since time.Time) error {
	if err := a.dropFactors(ctx, userID, since); err != nil {
		return err
	}
	a.takeOvers.mu.Lock()
	ends := a.takeOvers.ends
	a.takeOvers.mu.Unlock()
	for _, end := range ends {
		if err := end(ctx, userID, since); err != nil {
			return err
		}
	}
	return nil
}
