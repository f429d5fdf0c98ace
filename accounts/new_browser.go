package accounts

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/mail"
)

// Programs that keep no cookies come from an unknown browser each time. Of those in one
// network that call themselves the same a user is told once in sameBrowserFor, and of all
// browsers together newBrowsersADay times a day.
const (
	sameBrowserFor  = 30 * 24 * time.Hour
	newBrowsersADay = 5
)

// TellsNewBrowsers reports whether users are told by mail of a log-in from a browser that
// does not know them: there are Config.Mail and Config.Keys, and not
// Config.NoNewBrowserMail.
func (a *Accounts) TellsNewBrowsers() bool {
	return a.config.Mail != nil && a.config.Keys != nil && !a.config.NoNewBrowserMail
}

// tellNewBrowser tells the user of a session that begins in a browser that does not know
// them. It is called in the transaction of the session: whoever stops one stops the other.
// u is the user as before the log-in: of the first session of an account nobody is told.
func (a *Accounts) tellNewBrowser(ctx context.Context, r *http.Request, u *User, s *Session, in identity.SignIn) error {
	if !a.TellsNewBrowsers() || u.Login.Count == 0 {
		return nil
	}
	browser := strings.Join([]string{u.ID, a.network(r).String(), s.UserAgent}, "\x00")
	same := counter{keyOf(ctx, "new-browser-of", browser), "", Limit{1, sameBrowserFor}, r}
	n, _, err := a.attempts(ctx, same, 0)
	if err != nil {
		return err
	}
	if n >= same.limit.Count {
		return nil
	}
	day := counter{keyOf(ctx, "new-browser", u.ID), "", Limit{newBrowsersADay, 24 * time.Hour}, r}
	if n, _, err = a.attempts(ctx, day, 1); err != nil {
		return err
	}
	if n > day.limit.Count {
		return nil
	}
	if _, _, err := a.attempts(ctx, same, 1); err != nil {
		return err
	}
	l := a.letter(ctx, mail.KindNewBrowser, u)
	l.Link, l.At, l.Args = a.link("/sessions", ""), s.CreatedAt, withArg(l.Args, mail.ArgVia, cmp.Or(in.ViaName, s.Via))
	return a.notify(ctx, l)
}
