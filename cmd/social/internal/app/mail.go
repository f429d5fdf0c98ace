package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/cmd/social/internal/config"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/smtp"
	"github.com/gosocial/social/text"
)

// Mailer returns the Mailer of a configuration, nil when it sends no mail.
func Mailer(c *config.Config, log *slog.Logger) (mail.Mailer, error) {
	switch {
	case c.SMTP != "":
		m, err := smtp.New(c.SMTP.Reveal(), smtp.Options{})
		if err != nil {
			return nil, err // it begins with the key
		}
		return m, nil
	case c.MailToLog || c.OnThisMachine():
		return mailLog{log}, nil
	}
	return nil, nil
}

// A mailLog is a Mailer that writes mails to the log, with their links.
type mailLog struct{ log *slog.Logger }

// Send implements mail.Mailer.
func (l mailLog) Send(ctx context.Context, m mail.Message) error {
	l.log.InfoContext(ctx, "mail", "to", m.To, "subject", m.Subject, "text", m.Text)
	return nil
}

// MailTemplates returns the templates of mails, with the texts of the configuration.
func MailTemplates(c *config.Config, texts *text.Catalog, site string) (*mail.Templates, error) {
	return mail.NewTemplates(mail.TemplateConfig{
		Site: site, SiteURL: c.AppURL, Language: texts.Default().Tag(), Text: texts.Mail, Time: texts.MailTime,
	})
}

// openMail makes the queue, when mail is sent.
func (a *App) openMail(c *config.Config, keys *keyring.Ring, extras Extras) (err error) {
	if a.mailer = extras.Mailer; a.mailer == nil {
		if a.mailer, err = Mailer(c, a.log); err != nil || a.mailer == nil {
			return err
		}
	}
	templates, err := MailTemplates(c, a.Texts, extras.Site)
	if err != nil {
		return err
	}
	a.Mail, err = mail.NewQueue(mail.QueueConfig{
		Store: a.Store, Keys: keys, Mailer: a.mailer, From: MailFrom(c), Templates: templates,
		OnEvent: func(ctx context.Context, e mail.Event) { a.event(ctx, e) }, Logger: a.log,
	})
	if err != nil {
		return fmt.Errorf("mail_from: %q is not an address such as Social <no-reply@app.example.com>", c.MailFrom)
	}
	return nil
}

// postbox returns what takes the letters of accounts, nil when no mail is sent.
func (a *App) postbox() accounts.Postbox {
	if a.Mail == nil {
		return nil
	}
	return a.Mail
}

// closeMail ends the connection to the mail server.
func (a *App) closeMail() error {
	if closer, ok := a.mailer.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// MailFrom returns the sender of mails: by default no-reply at app_url's host.
func MailFrom(c *config.Config) string {
	host := "localhost"
	if u, err := url.Parse(c.AppURL); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	return cmp.Or(c.MailFrom, "no-reply@"+host)
}

// MailGoes says in words where mail goes, and whether that is probably a mistake.
func (a *App) MailGoes() (text string, doubtful bool) {
	switch m := a.mailer.(type) {
	case nil:
		return "no mail is sent, because smtp is missing: nobody can reset a password, sign in by mail or confirm an address (mail_to_log writes mails to the log)", true
	case mailLog:
		return "mail goes to the log, with its links, because smtp is missing", !a.Config.OnThisMachine()
	case *smtp.Mailer:
		if !m.Encrypted() {
			return "mail goes to " + m.Server() + " unencrypted (smtp has tls=insecure-none): everybody on the way can use its links", true
		}
		return "mail goes to " + m.Server() + " from " + MailFrom(a.Config), false
	}
	return "mail goes to the outbox", false
}

// CheckMail asks the mail server whether it can be used, and sends nothing. It returns
// errors.ErrUnsupported when there is none to ask.
func (a *App) CheckMail(ctx context.Context) error {
	if m, ok := a.mailer.(*smtp.Mailer); ok {
		return m.Check(ctx)
	}
	return errors.ErrUnsupported
}
