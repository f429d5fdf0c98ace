package accounts

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"

	"github.com/gosocial/social/accounts/ticket"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/mail"
)

// ErrBadCode: that is not the code of the mail, or it is not good any more, or this is not
// the browser that asked for it.
var ErrBadCode = errors.New("accounts: the code is not good")

const (
	codeDigits = 8
	codeTries  = 5 // of one code
)

// CanMagicLink reports whether users can sign in by a mailed link: Config.MagicLink.
func (a *Accounts) CanMagicLink() bool { return a.config.MagicLink && a.config.Mail != nil }

// RequestMagicLink mails a link and a code to sign in, if an active user has the e-mail
// address, and ends older ones. As RequestReset it does not tell whether that is so; its
// limits are Throttle.AccountMagicLinks and NetworkMagicLinks. The code is good in this
// browser alone, which gets a cookie. next is added to the link.
func (a *Accounts) RequestMagicLink(w http.ResponseWriter, r *http.Request, email, next string) error {
	if !a.CanMagicLink() {
		return ErrOff
	}
	code := newCode()
	var secret [32]byte // which makes the code's hash, and is in the browser alone
	rand.Read(secret[:])
	account, network := a.accountLinks(r, "magic-link", email), a.networkLinks(r, "magic-link-network")
	account.name, account.limit = "AccountMagicLinks", a.config.Throttle.AccountMagicLinks
	network.name, network.limit = "NetworkMagicLinks", a.config.Throttle.NetworkMagicLinks
	t, err := a.requestLink(r, email, linkRequest{
		purpose: ticket.MagicLink, kind: mail.KindMagicLink, page: "/magic-link/", next: next, within: a.config.MagicLinkWithin,
		account: account, network: network, code: code, keyed: hashCode(secret[:], code),
		gets: func(*User) bool { return true },
	})
	if err != nil {
		return err
	}
	value := append(t.Hash[:], secret[:]...)
	if err := a.browsers.Set(w, magicLinkCookie, value, a.config.MagicLinkWithin); err != nil {
		return fmt.Errorf("accounts: keeping that this browser asked for a link: %w", err)
	}
	return nil
}

// magicLinkCookie has what names the ticket that the browser asked for, and the secret
// that its code is hashed with. The ticket's hash does not open its link.
const magicLinkCookie = "social_magic_link"

// newCode returns a random code.
func newCode() string {
	n, _ := rand.Int(rand.Reader, new(big.Int).Exp(big.NewInt(10), big.NewInt(codeDigits), nil)) // rand.Reader never fails
	return fmt.Sprintf("%0*d", codeDigits, n)
}

// hashCode returns the hash of a code. Trying all codes against it needs the browser's
// secret.
func hashCode(secret []byte, code string) (hash [32]byte) {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(code))
	copy(hash[:], mac.Sum(nil))
	return hash
}

// CheckMagicLink returns the user whom the link signs in, or ErrBadToken. It changes
// nothing.
func (a *Accounts) CheckMagicLink(ctx context.Context, token string) (User, error) {
	if !a.CanMagicLink() {
		return User{}, ErrOff
	}
	_, u, err := a.openTicket(ctx, token, ticket.MagicLink)
	return u, err
}

// LogInByLink signs in by a link, once, in any browser. The link proves the e-mail address:
// an account whose address was not verified is handed over as by VerifyAndTakeOver, unless
// this is the browser in which it was registered. It returns ErrBadToken, and what SignIn
// does.
func (a *Accounts) LogInByLink(w http.ResponseWriter, r *http.Request, token string) error {
	if !a.CanMagicLink() {
		return ErrOff
	}
	t, u, err := a.openTicket(r.Context(), token, ticket.MagicLink)
	if err != nil {
		return err
	}
	return a.logInByTicket(w, r, t, u)
}

// LogInByCode signs in by the code of a mail, once, in the browser that asked for it with
// the e-mail address. A code has five tries, and an account Throttle.AccountCodes. It
// returns ErrBadCode, *ThrottledError, and what SignIn does.
func (a *Accounts) LogInByCode(w http.ResponseWriter, r *http.Request, email, code string) error {
	if !a.CanMagicLink() {
		return ErrOff
	}
	ctx := r.Context()
	value, err := a.browsers.Get(r, magicLinkCookie)
	if err != nil || len(value) != 64 {
		return ErrBadCode
	}
	hash, secret := [32]byte(value[:32]), value[32:]
	t, err := a.store.Ticket(ctx, tenant.From(ctx), hash, a.now())
	if errors.Is(err, ticket.ErrNone) {
		return ErrBadCode
	}
	if err != nil {
		return wrap("opening a code", err)
	}
	if _, err := a.count(ctx, counter{keyOf(ctx, "mailed-code", t.UserID), "AccountCodes", a.config.Throttle.AccountCodes, r}); err != nil {
		return err
	}
	tries := Limit{Per: a.config.MagicLinkWithin}
	n, _, err := a.attempts(ctx, counter{keyOf(ctx, "code-tries", string(hash[:])), "", tries, r}, 1)
	if err != nil {
		return err
	}
	given := hashCode(secret, strings.Map(digits, code))
	if n > codeTries || !hmac.Equal(given[:], t.CodeHash[:]) {
		return ErrBadCode
	}
	u, err := a.store.UserByID(ctx, t.Tenant, t.UserID)
	if errors.Is(err, ErrNoUser) || err == nil && Fold(strings.Trim(email, " ")) != Fold(u.Email) {
		return ErrBadCode
	}
	if err != nil {
		return wrap("finding a user", err)
	}
	if err = a.logInByTicket(w, r, t, u); errors.Is(err, ErrBadToken) {
		return ErrBadCode
	}
	return err
}

// digits leaves out what people write between the digits of a code.
func digits(r rune) rune {
	if r == ' ' || r == '-' || r == '\u00a0' {
		return -1
	}
	return r
}

// logInByTicket takes the ticket and signs in.
func (a *Accounts) logInByTicket(w http.ResponseWriter, r *http.Request, t ticket.Ticket, u User) error {
	ctx := r.Context()
	here := a.registeredHere(r, u.ID)
	ends := (*SessionFilter)(nil)
	if u.EmailVerifiedAt.IsZero() && !here {
		ends = &SessionFilter{}
	}
	take := a.taking(t)
	err := a.change(ctx, u.ID, ends, func(ctx context.Context, now *User) ([]Event, error) {
		if err := take(ctx, now); err != nil {
			return nil, err
		}
		switch {
		case !now.EmailVerifiedAt.IsZero():
			return nil, nil
		case ends != nil:
			return a.handOver(ctx, now)
		case !here: // verified when the link was opened, and not any more
			return nil, ErrBadToken
		}
		now.EmailVerifiedAt = a.now()
		return []Event{VerificationChanged{Subject: subject(ctx, now.ID), Verified: true}}, nil
	})
	if err != nil {
		return err
	}
	a.browsers.Clear(w, magicLinkCookie)
	return a.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: identity.ViaMail})
}
