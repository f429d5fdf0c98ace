package accounts

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gosocial/social/accounts/ticket"
	"github.com/gosocial/social/internal/device"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/mail"
)

// A Postbox takes letters to users, and does not wait until they are sent. *mail.Queue
// is one. A context may carry a transaction of the store, which Put joins where it can.
type Postbox interface {
	Put(ctx context.Context, l mail.Letter) error
}

// Errors of mailed links, to be tested with errors.Is.
var (
	// ErrBadToken: a link was used or has expired, a newer one or a change of the account
	// has ended it, or there never was such a link.
	ErrBadToken = errors.New("accounts: the link is not good any more")
	// ErrOff: the configuration does not have this.
	ErrOff = errors.New("accounts: this is turned off")
)

// A linkRequest is what asks for a link by mail.
type linkRequest struct {
	purpose ticket.Purpose
	kind    string // of the letter
	page    string // its path, before the token
	next    string // where to go after the page, "" for nowhere
	within  time.Duration
	account counter // of the address, without its key
	network counter
	code    string // beside the link, "" for none
	keyed   [32]byte
	// gets reports whether a user who can sign in gets the link.
	gets func(*User) bool
}

// requestLink mails a link to the user with the address, and ends the older ones of the
// purpose. It does the same work when there is no such user: then a letter without an
// address is queued. Beyond the account's limit it sends nothing, and does not say so:
// requests from browsers that know the user have a limit of their own.
func (a *Accounts) requestLink(r *http.Request, email string, l linkRequest) (ticket.Ticket, error) {
	ctx := r.Context()
	if email = strings.Trim(email, " "); email == "" {
		return ticket.Ticket{}, wrongEmail(CodeEmailMissing)
	} else if !canBeLogin(email) || !strings.Contains(email, "@") {
		return ticket.Ticket{}, wrongEmail(CodeEmailInvalid)
	}
	if _, err := a.count(ctx, l.network); err != nil {
		return ticket.Ticket{}, err
	}
	u, err := a.store.UserByEmail(ctx, tenant.From(ctx), email)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return ticket.Ticket{}, wrap("finding a user", err)
	}
	nobody := User{ID: ticket.DecoyUserID(Fold(email)), Tenant: tenant.From(ctx)}
	known := err == nil && u.Active && l.gets(&u)
	if !known {
		u = nobody
	}
	// Apart, so that strangers who ask for links do not use up those of the user.
	if b := a.browserOf(r); b.knows(&u) {
		l.account.attemptKey = keyOf(ctx, string(l.purpose)+"-known", u.ID)
	}
	full := (*ThrottledError)(nil)
	_, err = a.count(ctx, l.account)
	silent := errors.As(err, &full)
	if err != nil && !silent {
		return ticket.Ticket{}, err
	}
	if silent {
		return ticket.Ticket{}, nil // it opens nothing: only the answer is as that of others
	}
	about := subject(ctx, "")
	if known {
		about.UserID = u.ID
	}
	var t ticket.Ticket
	err = a.inTx(ctx, func(ctx context.Context) (err error) {
		if t, err = a.mailLink(ctx, u, l); err != nil {
			return err
		}
		return record(ctx, a, LinkRequested{Subject: about, Kind: l.kind, Address: a.address(r)})
	})
	if err != nil {
		return ticket.Ticket{}, wrap("mailing a link", err)
	}
	return t, nil
}

// mailLink writes a ticket and mails its link to the user's address.
func (a *Accounts) mailLink(ctx context.Context, u User, l linkRequest) (ticket.Ticket, error) {
	t, token := a.newTicket(u, l)
	letter := a.letter(ctx, l.kind, &u)
	letter.Link, letter.Code, letter.Until = a.link(ctx, l.page+token, l.next), l.code, t.ExpiresAt
	return t, a.mailTicket(ctx, t, letter)
}

// newTicket returns a ticket for a user, and the token of its link.
func (a *Accounts) newTicket(u User, l linkRequest) (t ticket.Ticket, token string) {
	token, hash := ticket.NewToken()
	now := a.now()
	return ticket.Ticket{
		Hash: hash, Tenant: u.Tenant, UserID: u.ID, Purpose: l.purpose, Address: u.Email, CodeHash: l.keyed,
		CreatedAt: now, ExpiresAt: now.Add(l.within),
	}, token
}

// mailTicket writes a ticket and puts the letter with its link into the postbox,
// together where the store can.
func (a *Accounts) mailTicket(ctx context.Context, t ticket.Ticket, l mail.Letter) error {
	err := a.inTx(ctx, func(ctx context.Context) error {
		if err := a.store.PutTicket(ctx, t); err != nil {
			return err
		}
		return a.config.Mail.Put(ctx, l)
	})
	if err != nil {
		return wrap("mailing a link", err)
	}
	return nil
}

// letter begins a letter to a user. One without an address is queued and not sent.
func (a *Accounts) letter(ctx context.Context, kind string, u *User) mail.Letter {
	l := mail.Letter{Kind: kind, To: u.Email, Name: u.Username, Language: a.languageFor(ctx, u)}
	if address := a.clientAddress(ctx); address != "" {
		l.Args = map[string]string{mail.ArgAddress: address}
	}
	if site := tenant.SiteOf(ctx); site.Base != "" || site.Name != "" || site.Color != "" {
		for _, arg := range []struct{ name, value string }{
			{mail.ArgSite, site.Name}, {mail.ArgSiteURL, site.Base}, {mail.ArgColor, site.Color}, {mail.ArgDarkColor, site.DarkColor},
		} {
			if arg.value != "" {
				l.Args = withArg(l.Args, arg.name, arg.value)
			}
		}
	}
	if c := requestOf(ctx); c != nil {
		if words := device.Words(c.request.UserAgent()); words != "" {
			l.Args = withArg(l.Args, mail.ArgDevice, words)
		}
	}
	return l
}

// notify puts a letter to a user into the postbox, if there is one.
func (a *Accounts) notify(ctx context.Context, l mail.Letter) error {
	if a.config.Mail == nil || l.To == "" {
		return nil
	}
	return a.config.Mail.Put(ctx, l)
}

// link returns the address of a page of the application.
func (a *Accounts) link(ctx context.Context, path, next string) string {
	address := tenant.Base(ctx, strings.TrimSuffix(a.config.AppURL, "/")) + a.config.LinkPrefix + path
	if next != "" {
		address += "?next=" + url.QueryEscape(next)
	}
	return address
}

// resetPage returns the address where a user asks for a new password, or "".
func (a *Accounts) resetPage(ctx context.Context) string {
	if !a.CanReset() {
		return ""
	}
	return a.link(ctx, "/reset", "")
}

// openTicket returns the ticket of a link with its user, or ErrBadToken. It changes
// nothing.
func (a *Accounts) openTicket(ctx context.Context, token string, p ticket.Purpose) (ticket.Ticket, User, error) {
	hash, err := ticket.HashOf(token)
	if err != nil {
		return ticket.Ticket{}, User{}, ErrBadToken
	}
	t, err := a.store.Ticket(ctx, tenant.From(ctx), hash, a.now())
	if err == nil && t.Purpose != p {
		err = ticket.ErrNone
	}
	if err != nil {
		return ticket.Ticket{}, User{}, badToken(err)
	}
	u, err := a.store.UserByID(ctx, t.Tenant, t.UserID)
	if err == nil && !isFor(&t, &u) {
		err = ticket.ErrNone
	}
	return t, u, badToken(err)
}

// isFor reports whether a ticket is the user's as they are now. Links to take a change
// of address back are, whatever the address is.
func isFor(t *ticket.Ticket, u *User) bool {
	return t.UserID == u.ID && u.Active && (t.Purpose == ticket.UndoEmail || Fold(t.Address) == Fold(u.Email))
}

// taking returns a function that takes a ticket for its user in a transaction, or
// returns ErrBadToken. A store without transactions does not undo that when it is called
// again: then it returns the ticket again.
func (a *Accounts) taking(t ticket.Ticket) func(ctx context.Context, u *User) error {
	_, undone := a.config.Store.(Transactor)
	taken := false
	return func(ctx context.Context, u *User) error {
		if !isFor(&t, u) {
			return ErrBadToken
		}
		if taken && !undone {
			return nil
		}
		if _, err := a.store.TakeTicket(ctx, t.Tenant, t.Hash, a.now()); err != nil {
			return badToken(err)
		}
		taken = true
		return nil
	}
}

// badToken is ErrBadToken for what is not there.
func badToken(err error) error {
	if errors.Is(err, ticket.ErrNone) || errors.Is(err, ErrNoUser) {
		return ErrBadToken
	}
	if err != nil {
		return wrap("opening a mailed link", err)
	}
	return nil
}
