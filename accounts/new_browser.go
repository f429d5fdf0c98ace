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

// Programs that keep no cookies come from an unknown browser each time. About those in one
// network with the same User-Agent a user gets one mail in sameBrowserFor, and about all
// browsers together newBrowsersADay mails a day.
const (
	sameBrowserFor  = 30 * 24 * time.Hour
	newBrowsersADay = 5
)

// TellsNewBrowsers reports whether users get a mail about a log-in from a browser that does
// not know them: there are Config.Mail and Config.Keys, and not
// Config.NoNewBrowserMail.
func (a *Accounts) TellsNewBrowsers() bool {
	return a.config.Mail != nil && a.config.Keys != nil && !a.config.NoNewBrowserMail
}

// tellNewBrowser mails the user about a session that begins in a browser that does not know
// them. It is called in the transaction of the session, so that there is no session without
// the mail. u is the user as before the log-in: there is no mail about the first session of
// an account.
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
	l.Link, l.At, l.Args = a.link(ctx, "/sessions", ""), s.CreatedAt, withArg(l.Args, mail.ArgVia, cmp.Or(in.ViaName, s.Via))
	return a.notify(ctx, l)
}
