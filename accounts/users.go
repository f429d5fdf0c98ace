package accounts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gosocial/social/accounts/ticket"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/secret"
)

// wrap says what failed, unless the error is of this package and says so itself.
func wrap(doing string, err error) error {
	if field := (*FieldError)(nil); errors.As(err, &field) || strings.HasPrefix(err.Error(), "accounts: ") {
		return err
	}
	return fmt.Errorf("accounts: %s: %w", doing, err)
}

// wrapped is wrap for an error that may be nil.
func wrapped(doing string, err error) error {
	if err == nil {
		return nil
	}
	return wrap(doing, err)
}

// User returns the user with the ID, or ErrNoUser.
func (a *Accounts) User(ctx context.Context, id string) (User, error) {
	u, err := a.store.UserByID(ctx, tenant.From(ctx), id)
	if err != nil {
		return User{}, wrap("finding a user", err)
	}
	return u, nil
}

// Find returns the user with the e-mail address or username, or ErrNoUser.
func (a *Accounts) Find(ctx context.Context, login string) (User, error) {
	if !canBeLogin(login) {
		return User{}, ErrNoUser
	}
	find := a.store.UserByUsername
	if strings.Contains(login, "@") {
		find = a.store.UserByEmail
	}
	u, err := find(ctx, tenant.From(ctx), login)
	if err != nil {
		return User{}, wrap("finding a user", err)
	}
	return u, nil
}

// Users lists up to limit users whose IDs follow the given one, by ID. IDs that this
// package made sort by age.
func (a *Accounts) Users(ctx context.Context, after string, limit int) ([]User, error) {
	us, err := a.store.Users(ctx, tenant.From(ctx), after, limit)
	if err != nil {
		return nil, wrap("listing users", err)
	}
	return us, nil
}

// Tenants lists the tenants that have users. The context's tenant does not matter.
func (a *Accounts) Tenants(ctx context.Context) ([]string, error) {
	tenants, err := a.store.Tenants(ctx)
	if err != nil {
		return nil, wrap("listing tenants", err)
	}
	return tenants, nil
}

// HasPassword reports whether the user can log in with a password, or ErrNoUser.
func (a *Accounts) HasPassword(ctx context.Context, userID string) (bool, error) {
	u, err := a.User(ctx, userID)
	return u.PasswordHash != "", err
}

// SetPassword gives the user a new password, or none when it is "", and ends all of
// their sessions and API tokens. It does not ask for the old one. It returns *FieldError, ErrNoUser
// and ErrBusy.
func (a *Accounts) SetPassword(ctx context.Context, userID string, password secret.Text) error {
	if password != "" {
		u, err := a.User(ctx, userID)
		if err != nil {
			return err
		}
		if err := a.checkPassword(password, u.Email, u.Username); err != nil {
			return err
		}
		if err := a.checkBreached(ctx, u.ID, password); err != nil {
			return err
		}
	}
	hash, err := a.hashPassword(ctx, password)
	if err != nil {
		return err
	}
	return a.change(ctx, userID, &SessionFilter{}, func(ctx context.Context, u *User) ([]Event, error) {
		u.PasswordHash = hash
		return []Event{PasswordChanged{Subject: subject(ctx, userID), Removed: hash == ""}}, nil
	})
}

// SetActive allows the user to sign in, or forbids it and ends their sessions and API
// tokens. It returns ErrNoUser.
func (a *Accounts) SetActive(ctx context.Context, userID string, active bool) error {
	ends := &SessionFilter{}
	if active {
		ends = nil
	}
	return a.change(ctx, userID, ends, func(ctx context.Context, u *User) ([]Event, error) {
		if u.Active == active {
			return nil, nil
		}
		u.Active = active
		return []Event{ActivityChanged{Subject: subject(ctx, userID), Active: active}}, nil
	})
}

// SetVerifiedKeepingAccess marks the user's e-mail address as proved to be their own,
// or not, and keeps the password, the sessions and the connections. It is for an
// address that was proved by the very person who has the password: a stranger may have
// registered with another person's address, and waits for its owner to prove it. Use
// VerifyAndTakeOver when anybody else has proved it. It returns ErrNoUser.
func (a *Accounts) SetVerifiedKeepingAccess(ctx context.Context, userID string, verified bool) error {
	now := a.now()
	return a.change(ctx, userID, nil, func(ctx context.Context, u *User) ([]Event, error) {
		if verified != u.EmailVerifiedAt.IsZero() {
			return nil, nil
		}
		u.EmailVerifiedAt = time.Time{}
		if verified {
			u.EmailVerifiedAt = now
		}
		return []Event{VerificationChanged{Subject: subject(ctx, userID), Verified: verified}}, nil
	})
}

// change changes a user, and tries again when the row has changed since it was read. With
// ends it ends the user's mailed links, and their sessions, but for the one that ends.Except
// has the hash of: that one makes the change, and where it has ended itself the error is
// ErrNotSignedIn. A change that no session makes ends API tokens, too: the person who has had
// the account so far may be an intruder. edit returns the events to report, or an error to
// change nothing; the user gets a mail about those that concern them.
func (a *Accounts) change(ctx context.Context, userID string, ends *SessionFilter, edit func(ctx context.Context, u *User) ([]Event, error)) error {
	const tries = 10
	var err error
	var renewed *renewal
	for range tries {
		err = a.inTx(ctx, func(ctx context.Context) error {
			if ends != nil && ends.Except != ([32]byte{}) {
				err := a.store.LockSession(ctx, tenant.From(ctx), ends.Except, a.now())
				if errors.Is(err, ErrNoSession) {
					err = ErrNotSignedIn
				}
				if err != nil {
					return err
				}
			}
			u, err := a.store.UserByID(ctx, tenant.From(ctx), userID)
			if err != nil {
				return err
			}
			events, err := edit(ctx, &u)
			if err != nil {
				return err
			}
			u.UpdatedAt = a.now()
			if err := a.store.UpdateUser(ctx, u); err != nil {
				return err
			}
			var ended map[string]int
			if ends != nil {
				ended, err = a.store.DeleteSessions(ctx, SessionFilter{Tenant: u.Tenant, UserID: userID, LimitedTo: ends.LimitedTo,
					Except: ends.Except, ExceptDevice: ends.ExceptDevice})
				if err != nil {
					return err
				}
				if err := a.store.DeleteTickets(ctx, ticket.Filter{Tenant: u.Tenant, UserID: userID, Except: ticket.UndoEmail}); err != nil {
					return err
				}
				if l := requestOf(ctx).loginIn(ctx); l != nil && l.inSession() && l.session.Hash == ends.Except {
					if renewed, err = a.renewSession(ctx, l, l.session); err != nil {
						return err
					}
				}
				if ends.Except == ([32]byte{}) {
					if _, err := a.endTokens(ctx, TokenFilter{Tenant: u.Tenant, UserID: userID}); err != nil {
						return err
					}
				}
			}
			if err := a.followChange(ctx, &u, events); err != nil {
				return err
			}
			for _, event := range events {
				if err := record(ctx, a, event); err != nil {
					return err
				}
			}
			return a.recordEnded(ctx, userID, ended[userID])
		})
		if !errors.Is(err, ErrStale) {
			break
		}
	}
	if err != nil {
		return wrap("changing a user", err)
	}
	renewed.finish()
	return nil
}

// followChange does what follows from a change in its transaction, after the user's
// sessions have ended.
func (a *Accounts) followChange(ctx context.Context, u *User, events []Event) error {
	takenOver := false
	for _, event := range events {
		switch e := event.(type) {
		case EmailChanged:
			if !e.Undone {
				continue
			}
			takenOver = true // the person gets a link to set the password
			if err := a.endTakenOver(ctx, u.ID, e.UndoneSince); err != nil {
				return err
			}
			if a.CanReset() {
				if _, err := a.mailLink(ctx, *u, a.resetLink("")); err != nil {
					return err
				}
			}
		case UsernameChanged:
			l := a.letter(ctx, mail.KindUsernameChanged, u)
			l.Link, l.Args = a.resetPage(ctx), withArg(l.Args, mail.ArgUsername, u.Username)
			if err := a.notify(ctx, l); err != nil {
				return err
			}
		case DeletionRequested:
			if err := a.beginDeletion(ctx, u); err != nil {
				return err
			}
		case DeletionCanceled:
			if err := a.endDeletion(ctx, u); err != nil {
				return err
			}
		case TakenOver:
			takenOver = true
			if err := a.endTakenOver(ctx, u.ID, time.Time{}); err != nil {
				return err
			}
		case PasswordChanged:
			if takenOver && e.Removed {
				continue // by the person who has just got the account
			}
			l := a.letter(ctx, mail.KindPasswordChanged, u)
			l.Link = a.resetPage(ctx)
			if err := a.notify(ctx, l); err != nil {
				return err
			}
		}
	}
	return nil
}

func sorted(names []string) []string {
	names = slices.Clone(names)
	slices.Sort(names)
	return slices.Compact(names)
}
