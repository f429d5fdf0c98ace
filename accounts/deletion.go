package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/jobs"
	"github.com/gosocial/social/mail"
)

// ErrDeletionDue: the account is deleted now, and cannot be kept any more.
var ErrDeletionDue = errors.New("accounts: the account is being deleted")

const (
	keepWithin    = time.Hour // to decide whether to keep an account, after a log-in
	deletionBatch = 100       // users read at once
)

// CanDelete reports whether users may delete their own accounts: Config.NoDeletion is not
// set.
func (a *Accounts) CanDelete() bool { return !a.config.NoDeletion }

// DeletionDate returns when an account would be deleted if that were asked for now.
func (a *Accounts) DeletionDate() time.Time { return a.now().Add(a.config.DeletionGrace) }

// PendingDeletion returns when the account is deleted of the user whose session is limited
// to LimitedToDeletion, or the zero time when there is no such session.
func (a *Accounts) PendingDeletion(ctx context.Context) time.Time {
	if a.limited(ctx, LimitedToDeletion) == nil {
		return time.Time{}
	}
	return requestOf(ctx).sessionIn(ctx).user.DeletionAt
}

// OnDeletion has Accounts call what d has when the deletion of an account is asked for,
// taken back, and done. It is for what this package does not keep: social.New gives it what
// suspends, resumes and removes connections.
func (a *Accounts) OnDeletion(d identity.Deletion) {
	a.deletions.mu.Lock()
	defer a.deletions.mu.Unlock()
	a.deletions.all = append(a.deletions.all, d)
}

func (a *Accounts) onDeletion() []identity.Deletion {
	a.deletions.mu.Lock()
	defer a.deletions.mu.Unlock()
	return a.deletions.all
}

// RequestDeletion has the signed-in user's account deleted after Config.DeletionGrace, and
// returns when. Until then the account is not used: all its sessions end, this one too,
// and its connections are suspended. A mail says until when the user may keep it: by
// signing in and Undelete. The request went through Middleware. Jobs, which have to run,
// end it.
//
// It returns ErrOff with Config.NoDeletion, ErrNotSignedIn, and ErrNotFresh when the user
// proved too long ago who they are.
func (a *Accounts) RequestDeletion(w http.ResponseWriter, r *http.Request) (at time.Time, err error) {
	ctx := r.Context()
	switch {
	case !a.CanDelete():
		return time.Time{}, ErrOff
	case a.CurrentUser(ctx) == "":
		return time.Time{}, ErrNotSignedIn
	case !a.IsFresh(ctx):
		return time.Time{}, ErrNotFresh
	}
	if at, err = a.scheduleDeletion(ctx, a.CurrentUser(ctx), CurrentSession(ctx)); err != nil {
		return time.Time{}, err
	}
	requestOf(ctx).login.Store(nil)
	a.clearCookie(w)
	a.endVisit(w, r)
	return at, nil
}

// ScheduleDeletion is RequestDeletion without a proof of the user: for administrators, and
// for a request that came by another way. Where the deletion was asked for before, its
// time stays. It returns ErrNoUser.
func (a *Accounts) ScheduleDeletion(ctx context.Context, userID string) (at time.Time, err error) {
	return a.scheduleDeletion(ctx, userID, nil)
}

// scheduleDeletion does it while the session by goes on, if there is one.
func (a *Accounts) scheduleDeletion(ctx context.Context, userID string, by *Session) (at time.Time, err error) {
	err = a.change(ctx, userID, &SessionFilter{}, func(ctx context.Context, u *User) ([]Event, error) {
		if by != nil {
			if err := a.lockSession(ctx, by); err != nil {
				return nil, err
			}
		}
		if at = u.DeletionAt; !at.IsZero() {
			return nil, nil
		}
		at = a.DeletionDate()
		u.DeletionAt = at
		return []Event{DeletionRequested{Subject: subject(ctx, u.ID), At: at}}, nil
	})
	return at, err
}

// Undelete keeps the account of the user whose session is limited to LimitedToDeletion: a
// whole session begins in its place, with a new token. It returns ErrNotSignedIn when
// there is no such session, ErrDeletionDue and ErrInactive.
func (a *Accounts) Undelete(w http.ResponseWriter, r *http.Request) error {
	s := a.limited(r.Context(), LimitedToDeletion)
	if s == nil {
		return ErrNotSignedIn
	}
	if err := a.cancelDeletion(r.Context(), s.UserID, keepingSession(s)); err != nil {
		return err
	}
	return a.finishLimited(w, r, s)
}

// CancelDeletion keeps an account whose deletion was asked for, for an administrator. That
// of one that is kept anyway is no error. It returns ErrNoUser and ErrDeletionDue.
func (a *Accounts) CancelDeletion(ctx context.Context, userID string) error {
	if u, err := a.User(ctx, userID); err != nil || u.DeletionAt.IsZero() {
		return err
	}
	return a.cancelDeletion(ctx, userID, &SessionFilter{LimitedTo: LimitedToDeletion})
}

func (a *Accounts) cancelDeletion(ctx context.Context, userID string, ends *SessionFilter) error {
	return a.change(ctx, userID, ends, func(ctx context.Context, u *User) ([]Event, error) {
		switch {
		case u.DeletionAt.IsZero():
			return nil, nil
		case !a.now().Before(u.DeletionAt):
			return nil, ErrDeletionDue
		}
		u.DeletionAt = time.Time{}
		return []Event{DeletionCanceled{subject(ctx, u.ID)}}, nil
	})
}

// beginDeletion is what follows when deletion is asked for, in its transaction.
func (a *Accounts) beginDeletion(ctx context.Context, u *User) error {
	for _, d := range a.onDeletion() {
		if err := d.Suspend(ctx, u.ID); err != nil {
			return err
		}
	}
	l := a.letter(ctx, mail.KindDeletion, u)
	l.Link, l.Until = a.link(ctx, "/login", ""), u.DeletionAt
	return a.notify(ctx, l)
}

// endDeletion is what follows when the account is kept, in its transaction.
func (a *Accounts) endDeletion(ctx context.Context, u *User) error {
	for _, d := range a.onDeletion() {
		if err := d.Resume(ctx, u.ID); err != nil {
			return err
		}
	}
	return nil
}

// Jobs returns the background work of accounts: DeleteDue, every minute, or more often
// where Config.DeletionGrace is shorter.
func (a *Accounts) Jobs() []jobs.Job {
	every := max(min(a.config.DeletionGrace, time.Minute), time.Second)
	return []jobs.Job{{Name: "accounts/deletions", Every: every, Run: func(ctx context.Context) error {
		_, err := a.DeleteDue(ctx)
		return err
	}}}
}

// DeleteDue deletes the accounts, of all tenants, whose time of deletion has come: with
// what OnDeletion was given, which removes their connections, and all that this package
// keeps of them. It returns how many. One that fails keeps no other from its turn, and is
// tried again by the next call; so is one whose deletion was interrupted. Several
// processes may call it at once.
func (a *Accounts) DeleteDue(ctx context.Context) (deleted int, err error) {
	now := a.now()
	var failed error // the first one
	for after := (User{}); ; {
		page, err := a.store.UsersToDelete(ctx, now, after, deletionBatch)
		if err != nil {
			return deleted, fmt.Errorf("accounts: listing the users to delete: %w", err)
		}
		for _, u := range page {
			after = u
			err := a.deleteDue(tenant.With(ctx, u.Tenant), u)
			switch {
			case err == nil:
				deleted++
			case ctx.Err() != nil:
				return deleted, ctx.Err()
			case errors.Is(err, ErrStale), errors.Is(err, ErrNoUser): // changed, or deleted by another
			default:
				a.config.Logger.ErrorContext(ctx, "accounts: deleting a user failed", "user", u.ID, "error", err)
				if failed == nil {
					failed = err
				}
			}
		}
		if len(page) < deletionBatch {
			return deleted, failed
		}
	}
}

// deleteDue deletes one user, if the row is still as it was read.
func (a *Accounts) deleteDue(ctx context.Context, u User) error {
	// From here on nobody signs in, nor keeps the account by a clock that is behind. It is
	// a step of its own because not every store deletes a user and their connections at once.
	u.Active, u.UpdatedAt = false, a.now()
	if err := a.store.UpdateUser(ctx, u); err != nil {
		return wrap("deleting a user", err)
	}
	remove := func(ctx context.Context) error { return a.Delete(ctx, u.ID) }
	for _, d := range a.onDeletion() {
		inner := remove
		remove = func(ctx context.Context) error { return d.Delete(ctx, u.ID, inner) }
	}
	return remove(ctx)
}

// Delete deletes the user with their sessions, roles and all else that this package keeps,
// at once, and tells them by mail; or it returns ErrNoUser. It leaves their connections:
// social.Social.DeleteUser deletes both.
func (a *Accounts) Delete(ctx context.Context, userID string) error {
	u, err := a.User(ctx, userID)
	if err != nil {
		return err
	}
	err = a.inTx(ctx, func(ctx context.Context) error {
		// The letter first: if the store has no transactions, it is sent twice at worst.
		if err := a.notify(ctx, a.letter(ctx, mail.KindDeleted, &u)); err != nil {
			return err
		}
		if err := a.store.DeleteUser(ctx, u.Tenant, userID); err != nil {
			return err
		}
		return record(ctx, a, Deleted{subject(ctx, userID)})
	})
	if err != nil {
		return wrap("deleting a user", err)
	}
	return nil
}
