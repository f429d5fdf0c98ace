package accounts

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/gosocial/social/accounts/ticket"
	"github.com/gosocial/social/mail"
)

// CanChangeEmail reports whether users can change their e-mail address: there is
// Config.Mail.
func (a *Accounts) CanChangeEmail() bool { return a.config.Mail != nil }

// RequestEmailChange mails a link to the address that the signed-in user wants to have,
// and ends an older one. The address changes when ChangeEmail is called with the link's
// token. When another account has the address the answer is the same, and no mail is sent.
// next is added to the link.
//
// It returns ErrNotSignedIn, ErrNotFresh, *FieldError for what is no address,
// *ThrottledError beyond Throttle.AccountResets or NetworkResets, and ErrOff.
func (a *Accounts) RequestEmailChange(r *http.Request, email, next string) error {
	ctx := r.Context()
	switch {
	case !a.CanChangeEmail():
		return ErrOff
	case a.CurrentUser(ctx) == "":
		return ErrNotSignedIn
	case !a.IsFresh(ctx):
		return ErrNotFresh
	}
	email = strings.Trim(email, " ")
	if err := checkEmail(email); err != nil {
		return err
	}
	u, session := *Current(ctx), CurrentSession(ctx)
	if email == u.Email {
		return wrongEmail(CodeEmailSame)
	}
	for _, c := range []counter{a.networkLinks(r, "change-email-network"), a.accountLinks(r, "change-email", u.ID)} {
		if _, err := a.count(ctx, c); err != nil {
			return err
		}
	}
	other, err := a.store.UserByEmail(ctx, u.Tenant, email)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return wrap("finding a user", err)
	}
	t, token := a.newTicket(u, linkRequest{purpose: ticket.ChangeEmail, within: a.config.ChangeEmailWithin})
	t.NewAddress = email
	l := a.letter(ctx, mail.KindChangeEmail, &u)
	l.To, l.Link, l.Until = email, a.link(ctx, "/change-email/"+token, next), t.ExpiresAt
	if err == nil && other.ID != u.ID {
		t.UserID, l.To = ticket.DecoyUserID(Fold(email)), ""
	}
	// In the transaction that locks the session: one that was ended leaves no link.
	err = a.inTx(ctx, func(ctx context.Context) error {
		if err := a.lockSession(ctx, session); err != nil {
			return err
		}
		if err := a.mailTicket(ctx, t, l); err != nil {
			return err
		}
		return record(ctx, a, LinkRequested{Subject: subject(ctx, u.ID), Kind: mail.KindChangeEmail, Address: a.address(r)})
	})
	if err != nil {
		return wrap("changing the e-mail address", err)
	}
	return nil
}

// CheckEmailChange returns the address that the signed-in user gets by a link. It returns
// ErrBadToken, and ErrNotSignedIn when the link is another user's than the one signed in.
// It changes nothing.
func (a *Accounts) CheckEmailChange(ctx context.Context, token string) (email string, err error) {
	t, u, err := a.openTicket(ctx, token, ticket.ChangeEmail)
	if err != nil {
		return "", err
	}
	if a.CurrentUser(ctx) != u.ID {
		return "", ErrNotSignedIn
	}
	return t.NewAddress, nil
}

// ChangeEmail gives the signed-in user the address that a link was mailed to, once, and
// ends their other sessions and all other links. It needs a session of the account itself,
// so that opening a link by mistake does not prove one's address for a stranger's account.
// A mail tells the old address about the change. If that address was verified, the mail has
// a link that undoes the change, valid for Config.UndoWithin: see UndoEmailChange.
//
// It returns ErrBadToken, ErrNotSignedIn, after which the link is still good, and
// *FieldError when another account has the address by now.
func (a *Accounts) ChangeEmail(r *http.Request, token string) error {
	ctx := r.Context()
	if _, err := a.CheckEmailChange(ctx, token); err != nil {
		return err
	}
	// The session has a new token, perhaps because the link was used at the same time.
	notSignedIn := func() error {
		_, _, gone := a.openTicket(ctx, token, ticket.ChangeEmail)
		return cmp.Or(gone, ErrNotSignedIn)
	}
	if a.requireSession(ctx) != nil {
		return notSignedIn()
	}
	t, u, err := a.openTicket(ctx, token, ticket.ChangeEmail)
	if err != nil {
		return err
	}
	take := a.taking(t)
	undo, undoToken := a.newTicket(u, linkRequest{purpose: ticket.UndoEmail, within: a.config.UndoWithin})
	err = a.change(ctx, u.ID, keepingSession(CurrentSession(ctx)), func(ctx context.Context, u *User) ([]Event, error) {
		if err := take(ctx, u); err != nil {
			return nil, err
		}
		l := a.letter(ctx, mail.KindEmailChanged, u)
		if !u.EmailVerifiedAt.IsZero() {
			undo.Address, undo.NewAddress = t.NewAddress, u.Email
			if err := a.store.PutTicket(ctx, undo); err != nil {
				return nil, err
			}
			l.Link, l.Until = a.link(ctx, "/change-email/undo/"+undoToken, ""), undo.ExpiresAt
			l.Args = withArg(l.Args, mail.ArgEmail, t.NewAddress)
		}
		if err := a.notify(ctx, l); err != nil {
			return nil, err
		}
		u.Email, u.EmailVerifiedAt = t.NewAddress, a.now()
		return []Event{EmailChanged{Subject: subject(ctx, u.ID)}}, nil
	})
	switch {
	case errors.Is(err, ErrEmailTaken):
		return emailTaken(t.NewAddress)
	case errors.Is(err, ErrNotSignedIn):
		return notSignedIn()
	}
	return err
}

// CheckEmailUndo returns the address that the link gives back to its account, or
// ErrBadToken. It changes nothing.
func (a *Accounts) CheckEmailUndo(ctx context.Context, token string) (email string, err error) {
	t, _, err := a.openTicket(ctx, token, ticket.UndoEmail)
	return t.NewAddress, err
}

// UndoEmailChange undoes a change of the e-mail address, by the link that was mailed to the
// old address, once. An attacker may have made the change: all sessions, trusted devices, API
// tokens, links and the password end, and a link to set a new one is mailed to the address;
// without CanReset the password stays. Second factors that were created or confirmed since
// the change, and connections that were made since, are removed, and so is what OnTakeOver
// ends; what the account had before stays. Of several such links the one to the older address
// stays good, and its use ends those to younger ones.
//
// It returns ErrBadToken, and *FieldError when another account has the address by now.
func (a *Accounts) UndoEmailChange(r *http.Request, token string) error {
	ctx := r.Context()
	t, u, err := a.openTicket(ctx, token, ticket.UndoEmail)
	if err != nil {
		return err
	}
	take := a.taking(t)
	err = a.change(ctx, u.ID, &SessionFilter{}, func(ctx context.Context, u *User) ([]Event, error) {
		if err := take(ctx, u); err != nil {
			return nil, err
		}
		younger := ticket.Filter{Tenant: u.Tenant, UserID: u.ID, Only: ticket.UndoEmail, Since: t.CreatedAt}
		if err := a.store.DeleteTickets(ctx, younger); err != nil {
			return nil, err
		}
		about := subject(ctx, u.ID)
		events := []Event{EmailChanged{Subject: about, Undone: true, UndoneSince: t.CreatedAt}}
		u.Email, u.EmailVerifiedAt = t.NewAddress, a.now()
		if a.CanReset() && u.PasswordHash != "" {
			u.PasswordHash = ""
			events = append(events, PasswordChanged{Subject: about, Removed: true})
		}
		return events, nil
	})
	if errors.Is(err, ErrEmailTaken) {
		return emailTaken(t.NewAddress)
	}
	return err
}

func withArg(args map[string]string, name, value string) map[string]string {
	if args == nil {
		args = map[string]string{}
	}
	args[name] = value
	return args
}
