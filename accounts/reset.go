package accounts

import (
	"context"
	"net/http"

	"github.com/gosocial/social/accounts/ticket"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/secret"
)

// CanReset reports whether users can set a new password by a mailed link: there is
// Config.Mail, and not Config.NoRecovery.
func (a *Accounts) CanReset() bool { return a.config.Mail != nil && !a.config.NoRecovery }

// RequestReset mails a link to the page that sets a new password, if an active user has
// the e-mail address, and ends older ones. It does not tell whether that is so, also not
// by the time that it takes. next is added to the link, for the page to go on to; "" is
// nowhere.
//
// It returns *FieldError for what is no e-mail address, *ThrottledError beyond
// Throttle.NetworkResets, and ErrOff. Beyond Throttle.AccountResets nothing is sent.
func (a *Accounts) RequestReset(r *http.Request, email, next string) error {
	if !a.CanReset() {
		return ErrOff
	}
	l := a.resetLink(next)
	l.account, l.network = a.accountLinks(r, "reset", email), a.networkLinks(r, "reset-network")
	l.gets = func(*User) bool { return true }
	_, err := a.requestLink(r, email, l)
	return err
}

func (a *Accounts) resetLink(next string) linkRequest {
	return linkRequest{purpose: ticket.Reset, kind: mail.KindReset, page: "/reset/", next: next, within: a.config.ResetWithin}
}

// CheckReset returns the user whose password the link sets, or ErrBadToken. It changes
// nothing: programs that look for harmful links open them, too.
func (a *Accounts) CheckReset(ctx context.Context, token string) (User, error) {
	_, u, err := a.openTicket(ctx, token, ticket.Reset)
	return u, err
}

// ResetPassword sets a new password by a link, once, and ends all sessions, API tokens and
// other links of the user, who then logs in with it. Failed log-ins are forgotten, so that an
// account that strangers have locked opens. The link proves the e-mail address: an
// account whose address was not verified is handed over as by VerifyAndTakeOver, with its
// connections where there is a social.Social. The browser counts from then on as one in
// which the user has logged in.
//
// It returns ErrBadToken, *FieldError for a password that is refused, after which the
// link is still good, and ErrBusy.
func (a *Accounts) ResetPassword(w http.ResponseWriter, r *http.Request, token string, password secret.Text) error {
	ctx := r.Context()
	t, u, err := a.openTicket(ctx, token, ticket.Reset)
	if err != nil {
		return err
	}
	if err := a.checkPassword(password, u.Email, u.Username); err != nil {
		return err
	}
	if err := a.checkBreached(ctx, u.ID, password); err != nil {
		return err
	}
	hash, err := a.hashPassword(ctx, password)
	if err != nil {
		return err
	}
	take := a.taking(t)
	err = a.change(ctx, u.ID, &SessionFilter{}, func(ctx context.Context, u *User) ([]Event, error) {
		if err := take(ctx, u); err != nil {
			return nil, err
		}
		events, err := a.provedByMail(ctx, u)
		if err != nil {
			return nil, err
		}
		u.PasswordHash = hash
		return append(events, PasswordChanged{Subject: subject(ctx, u.ID)}), nil
	})
	if err != nil {
		return err
	}
	locked := keyOf(ctx, "login-user", u.ID)
	if err := a.store.ForgetAttempts(ctx, tenant.From(ctx), locked.key); err != nil {
		a.config.Logger.WarnContext(ctx, "accounts: failed log-ins are not forgotten", "user", u.ID, "error", err)
	}
	u.PasswordHash = hash
	if err := a.rememberBrowser(w, r, &u); err != nil {
		a.config.Logger.WarnContext(ctx, "accounts: the browser is not remembered", "error", err)
	}
	return nil
}
