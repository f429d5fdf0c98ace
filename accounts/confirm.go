package accounts

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"time"

	"github.com/gosocial/social/accounts/ticket"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/secret"
)

// ErrNotConfirmed: the password is right, and the user has not confirmed the e-mail
// address yet; see Config.ConfirmEmail. It implements social.Refusal.
var ErrNotConfirmed error = &userRefusal{"accounts: the e-mail address is not confirmed", CodeNotConfirmed}

// ConfirmsEmail reports whether users confirm their address: Config.ConfirmEmail.
func (a *Accounts) ConfirmsEmail() bool { return a.config.ConfirmEmail }

// ConfirmEmailWithin returns how long the link is good by which users confirm their address:
// Config.ConfirmWithin, or 0 without Config.ConfirmEmail.
func (a *Accounts) ConfirmEmailWithin() time.Duration {
	if !a.config.ConfirmEmail {
		return 0
	}
	return a.config.ConfirmWithin
}

// unconfirmed reports whether a user has to confirm the address before a log-in by
// password.
func (a *Accounts) unconfirmed(u *User) bool {
	return a.config.ConfirmEmail && u.Email != "" && u.EmailVerifiedAt.IsZero()
}

// RegisterToConfirm makes an account for a visitor who then confirms the e-mail address by
// a mailed link, and does not sign in. It answers alike when another account has the
// address: then that account's owner gets a mail, and nothing else happens. next is added
// to the link.
//
// It is for Config.ConfirmEmail, and returns ErrOff without. Its errors are those of
// Register, except that a taken address is not an error. A taken username is one.
func (a *Accounts) RegisterToConfirm(w http.ResponseWriter, r *http.Request, reg identity.Registration, next string) error {
	if !a.config.ConfirmEmail {
		return ErrOff
	}
	ctx := r.Context()
	p, err := a.prepare(ctx, a.entered(ctx, reg))
	if err != nil {
		return err
	}
	if reg.Username != "" {
		switch _, err := a.store.UserByUsername(ctx, tenant.From(ctx), reg.Username); {
		case err == nil:
			return usernameTaken(reg.Username)
		case !errors.Is(err, ErrNoUser):
			return wrap("finding a user", err)
		}
	}
	// Beyond the limit of the address there is an account, and no mail.
	full := (*ThrottledError)(nil)
	_, err = a.count(ctx, a.accountLinks(r, "confirm", reg.Email))
	silent := errors.As(err, &full)
	if err != nil && !silent {
		return err
	}
	var made, owner User
	err = a.inTx(ctx, func(ctx context.Context) (err error) {
		// Also for an address that is taken, so that it takes as long.
		made, err = a.insert(ctx, NewUser{Email: reg.Email, Username: reg.Username, Language: a.askedLanguage(ctx)}, p.hash)
		if err != nil && !errors.Is(err, ErrEmailTaken) {
			return err
		}
		if owner, err = a.store.UserByEmail(ctx, tenant.From(ctx), reg.Email); err != nil {
			return wrap("finding a user", err)
		}
		if !silent {
			if err := a.notifyRegistered(ctx, owner, next); err != nil {
				return err
			}
		}
		return a.recordRegistered(ctx, made.ID, owner.ID, Registered{ProviderID: reg.ProviderID, Address: a.address(r)})
	})
	if err != nil {
		return wrap("registering", err)
	}
	marked := made.ID // for "" too, a mark of no user, so that the cookie is as long
	if a.registeredHere(r, owner.ID) {
		marked = owner.ID // the form was sent again
	}
	a.markRegistered(w, r, marked)
	return nil
}

// recordRegistered records that an account was made, or that the owner's address was
// registered again: an event either way, so that both take as long.
func (a *Accounts) recordRegistered(ctx context.Context, madeID, ownerID string, e Registered) error {
	if madeID == "" {
		return record(ctx, a, RegisteredAgain{Subject: subject(ctx, ownerID), Address: e.Address})
	}
	e.Subject = subject(ctx, madeID)
	return record(ctx, a, e)
}

// notifyRegistered mails the owner of an address, new or not, that it was registered. It
// writes a ticket in any case. If the address was never confirmed, the mail has its link;
// otherwise the link is not sent.
func (a *Accounts) notifyRegistered(ctx context.Context, u User, next string) error {
	nobody := User{ID: ticket.DecoyUserID(u.Email), Tenant: u.Tenant}
	l := a.confirmLink(next)
	switch {
	case !u.Active:
		_, err := a.mailLink(ctx, nobody, l)
		return err
	case u.EmailVerifiedAt.IsZero():
		_, err := a.mailLink(ctx, u, l)
		return err
	}
	t, _ := a.newTicket(nobody, l)
	letter := a.letter(ctx, mail.KindAlreadyRegistered, &u)
	letter.Link = a.link(ctx, "/login", next)
	return a.mailTicket(ctx, t, letter)
}

func (a *Accounts) confirmLink(next string) linkRequest {
	return linkRequest{purpose: ticket.Confirm, kind: mail.KindConfirm, page: "/confirm/", next: next, within: a.config.ConfirmWithin}
}

// RequestConfirmation mails the link again that confirms an address, as RequestReset does
// for its link.
func (a *Accounts) RequestConfirmation(r *http.Request, email, next string) error {
	if !a.config.ConfirmEmail {
		return ErrOff
	}
	l := a.confirmLink(next)
	l.account, l.network = a.accountLinks(r, "confirm", email), a.networkLinks(r, "confirm-network")
	l.gets = func(u *User) bool { return u.EmailVerifiedAt.IsZero() }
	_, err := a.requestLink(r, email, l)
	return err
}

// CheckConfirmation returns the user whose address the link confirms, or ErrBadToken, and
// whether the browser is known to be the user's: it registered the account, or the user
// is signed in to it. It changes nothing.
func (a *Accounts) CheckConfirmation(r *http.Request, token string) (u User, here bool, err error) {
	_, u, err = a.openConfirmation(r.Context(), token)
	if err != nil {
		return User{}, false, err
	}
	return u, a.registeredHere(r, u.ID) || a.hasSession(r.Context(), u.ID), nil
}

func (a *Accounts) openConfirmation(ctx context.Context, token string) (t ticket.Ticket, u User, err error) {
	if t, u, err = a.openTicket(ctx, token, ticket.Confirm); err == nil && !u.EmailVerifiedAt.IsZero() {
		err = ErrBadToken
	}
	return t, u, err
}

// A Confirmer says how a person who opens a link to confirm an address is known to be the
// one who registered, in another browser than that.
type Confirmer struct {
	Password secret.Text // of the account, or ""
	// NotMe says that the person did not register: the account is handed over as by
	// VerifyAndTakeOver.
	NotMe bool
}

// ConfirmEmail marks the address of an account as its owner's, by a link, once, and signs
// in. In a browser of the user's, as CheckConfirmation says, the link is enough;
// elsewhere it takes what the Confirmer has: the address is proved, but the account may be
// a stranger's who entered it.
//
// It returns ErrBadToken; ErrCredentials when neither fits, after which the link is still
// good; *ThrottledError and ErrBusy.
func (a *Accounts) ConfirmEmail(w http.ResponseWriter, r *http.Request, token string, c Confirmer) error {
	ctx := r.Context()
	t, u, err := a.openConfirmation(ctx, token)
	if err != nil {
		return err
	}
	ends, proved := (*SessionFilter)(nil), ""
	switch {
	case c.NotMe:
		ends = &SessionFilter{}
	case a.hasSession(ctx, u.ID) || a.registeredHere(r, u.ID):
	default:
		if err := a.proveForConfirmation(r, u, c.Password); err != nil {
			return err
		}
		proved = u.PasswordHash
	}
	take := a.taking(t)
	err = a.change(ctx, u.ID, ends, func(ctx context.Context, u *User) ([]Event, error) {
		if !u.EmailVerifiedAt.IsZero() {
			return nil, ErrBadToken
		}
		if proved != "" && u.PasswordHash != proved {
			return nil, ErrCredentials
		}
		if err := take(ctx, u); err != nil {
			return nil, err
		}
		if c.NotMe {
			return a.handOver(ctx, u)
		}
		u.EmailVerifiedAt = a.now()
		return []Event{VerificationChanged{Subject: subject(ctx, u.ID), Verified: true}}, nil
	})
	if err != nil {
		return err
	}
	a.browsers.Clear(w, registeredCookie)
	if a.hasSession(ctx, u.ID) && !c.NotMe {
		return nil
	}
	return a.signIn(w, r, identity.SignIn{UserID: u.ID, Via: identity.ViaMail}, start{known: true})
}

// hasSession reports whether the request that ctx comes from is in a session of the user's.
func (a *Accounts) hasSession(ctx context.Context, userID string) bool {
	return a.CurrentUser(ctx) == userID && CurrentSession(ctx) != nil
}

// proveForConfirmation compares the password as a log-in does.
func (a *Accounts) proveForConfirmation(r *http.Request, u User, password secret.Text) error {
	if password == "" {
		return ErrCredentials
	}
	trials, err := a.tryPassword(r, &u, u.Email)
	if err != nil {
		return err
	}
	defer a.done(trials...)
	_, err = a.provePassword(r, u, password, trials)
	return err
}

// registeredCookie marks the browser in which an account was registered: sealed, by a hash
// of the user's ID.
const registeredCookie = "social_registered"

func registeredMark(tenant, userID string) (m mark) {
	sum := sha256.Sum256([]byte("registered\x00" + tenant + "\x00" + userID))
	copy(m[:], sum[:])
	return m
}

func (a *Accounts) markRegistered(w http.ResponseWriter, r *http.Request, userID string) {
	m := registeredMark(tenant.From(r.Context()), userID)
	if err := a.browsers.Set(w, registeredCookie, m[:], a.config.ConfirmWithin); err != nil {
		a.config.Logger.WarnContext(r.Context(), "accounts: the browser is not remembered", "error", err)
	}
}

// registeredHere reports whether the user registered in the request's browser.
func (a *Accounts) registeredHere(r *http.Request, userID string) bool {
	value, err := a.browsers.Get(r, registeredCookie)
	m := registeredMark(tenant.From(r.Context()), userID)
	return err == nil && string(value) == string(m[:])
}
