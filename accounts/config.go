package accounts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"strings"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/secret"
)

// Config configures accounts. Store and AppURL are required; the zero value of every
// other field means its default.
type Config struct {
	// Store keeps users, sessions and roles. Where it is a Transactor, what belongs
	// together is written together.
	Store Store

	// AppURL is the address of the application in browsers, such as
	// "https://app.example.com". With https the session cookie has the prefix
	// "__Host-" and the attribute Secure; with http, meant for localhost, neither.
	AppURL string

	// Keys seal the cookie "social_browser", by which a browser in which a user has
	// logged in before is known: see Throttle.AccountLogins and NoNewBrowserMail. Processes that share a
	// store share keys. Default: a key of this process, so that a restart, and another
	// process, forgets browsers.
	Keys *keyring.Ring

	// CookieName is the session cookie's name without the prefix, of 100 letters, digits,
	// - and _ at the most; default "session". Cookies do not know ports: applications on
	// one host need different names.
	CookieName string

	// SessionLifetime is how long a session lasts after its last use; default 24 hours,
	// at least 10 minutes. It ends with the browser at the latest, but with "remember me"
	// lasts for RememberLifetime after its last use; default 30 days, at least 10
	// minutes. Use is written every 5 minutes at most, beside the request, so that a
	// session may last 5 minutes less.
	SessionLifetime  time.Duration
	RememberLifetime time.Duration
	// SessionMax is how long a session lasts after its log-in at the most, however much
	// it is used; default 90 days. Negative means no limit, but browsers keep no cookie
	// for more than 400 days.
	SessionMax time.Duration
	// SessionStaleness is for how long a session is taken as good, and its user as they
	// are, after the store was asked; default 0: it is asked at each request. What these
	// Accounts end or change holds at once: a log-out, a change of password or role, an
	// account that is deactivated or deleted. What another process does, or the application
	// with the store or in a transaction of its own, holds after this time. At most a
	// minute. 10,000 sessions are kept in memory. A Store that is a Transactor has to be a
	// TxNotifier for it.
	SessionStaleness time.Duration

	// FreshFor is how long after a log-in, or another proof of who they are, a user may do
	// what asks for a recent one: set a password without the one before, for instance.
	// Default 15 minutes.
	FreshFor time.Duration

	// TwoFactor says who has a second factor; default TwoFactorOptional where Keys is set,
	// which seal the secrets, and TwoFactorOff where it is not. With TwoFactorRequired a
	// user without one gets a session in which they can only set one up.
	TwoFactor TwoFactor
	// TwoFactorRoles are roles whose users have to have a second factor.
	TwoFactorRoles []string
	// Factors are kinds of second factors of other packages, beside the codes of
	// authenticator applications.
	Factors []SecondFactor
	// Passkeys has users log in by passkeys, which are a second factor, too, where those are
	// not off: *passkey.RelyingParty of the module accounts/passkey. It needs Keys. Default
	// nil: off, and passkeys that users have are not asked for.
	Passkeys RelyingParty
	// TrustFor is how long no second factor is asked for in a browser that a user trusts;
	// default 30 days.
	TrustFor time.Duration
	// Issuer names the application in authenticator applications; default AppURL's host.
	Issuer string
	// FactorPage and FactorSetupPage are the paths where a second factor is asked for and
	// set up; defaults "/two-factor" and "/security/totp".
	FactorPage, FactorSetupPage string

	// APITokens lets users make tokens with which programs act for them: see CreateToken.
	// TokenScopes are what tokens can be allowed to do, by name, with a text for people;
	// handlers ask for them with RequireScope. TokenLifetime is how long a token is good for
	// which the user does not say it, default 90 days, or TokenMax where that is less.
	// TokenMax is how long a token is good at the most, default 366 days; negative means no
	// limit.
	APITokens     bool
	TokenScopes   map[string]string
	TokenLifetime time.Duration
	TokenMax      time.Duration
	// BasicAuth takes a user's name and password in the header of each request (RFC 7617),
	// of users without a second factor. Each such request hashes the password, which takes
	// the time and memory of a log-in. Its AppURL has to have https, unless it is this
	// machine's. Browsers remember the password and send it by themselves.
	BasicAuth bool

	// Language returns the language that a request asks for, as a BCP 47 tag. It becomes the
	// one of a user who registers, and mails to a user who has none are in it; default: that
	// of the postbox, for all. text.Catalog's Requested is one.
	Language func(*http.Request) string

	// LoginPage is the path that RequireLogin redirects to; default "/login".
	LoginPage string
	// VerifyPage is the path that RequireFresh redirects to; default "/verify".
	VerifyPage string
	// PostLogin is the path that RequireAnonymous redirects signed-in users to;
	// default "/".
	PostLogin string

	// Mail takes the letters to users: links, and notices of what has changed. *mail.Queue
	// is one. Default nil: what needs mail is off.
	Mail Postbox
	// LinkPrefix precedes the paths of the pages that mails link to, such as
	// /reset/TOKEN; default "". They are at AppURL, and package web has them.
	LinkPrefix string
	// NoRecovery turns off that users set a new password by a mailed link.
	NoRecovery bool
	// NoNewBrowserMail turns off the mails about log-ins from a browser that does not know
	// the user, by the cookie that Keys seals: without Keys there are none. There is none
	// about the first log-in of an account, there are at most five a day, and one in 30 days
	// about programs in one network with the same User-Agent.
	NoNewBrowserMail bool
	// ResetWithin is how long such a link is good; default 24 hours.
	ResetWithin time.Duration
	// MagicLink lets users sign in by a link or code that is mailed to them. It needs Mail.
	// MagicLinkWithin is how long they are good; default 15 minutes.
	MagicLink       bool
	MagicLinkWithin time.Duration
	// ChangeEmailWithin is how long the link is good that proves a new e-mail address; default
	// 2 hours. UndoWithin is how long the one is that takes the change back; default 7 days.
	ChangeEmailWithin time.Duration
	UndoWithin        time.Duration
	// ConfirmEmail has users confirm their e-mail address by a mailed link, before they log
	// in by password: see RegisterToConfirm. It needs Mail. ConfirmWithin is how
	// long such a link is good; default 48 hours.
	ConfirmEmail  bool
	ConfirmWithin time.Duration

	// NoDeletion turns off that users delete their own accounts. DeletionGrace is how long
	// after they have asked for it the account is deleted; default 14 days. DeletionPage is
	// the path where they ask for it, and where they keep the account when they sign in
	// before then; default "/account/delete". See Jobs.
	NoDeletion    bool
	DeletionGrace time.Duration
	DeletionPage  string

	// Usernames is whether accounts have usernames; default UsernamesOptional. Import takes
	// users as they are.
	Usernames Usernames

	// PasswordMinLength is the fewest characters of a new password; default 8.
	// Composition does not matter (NIST SP 800-63B §5.1.1.2), but the 10,000 most common
	// passwords are refused, and the user's own e-mail address and username.
	PasswordMinLength int
	// PasswordMaxLength is the most bytes of a password; default 1024.
	PasswordMaxLength int
	// Breached knows passwords that were stolen elsewhere, which are refused as new ones.
	// When it fails a password is taken. Package breached asks a service on the internet.
	// Default nil: none is asked.
	Breached BreachChecker

	// PasswordSalt is Flask-Security's SECURITY_PASSWORD_SALT, for password hashes that
	// were imported from it: it hashes the HMAC-SHA-512 of a password. Hashes that are
	// made here do not use it. Default "": a hash is one of the password itself.
	PasswordSalt secret.Text

	// HashMemory limits the memory in bytes that password hashes take at one time;
	// default 19 MiB, which one hash takes, times the CPUs. Less than for one is an
	// error. Hashes leave their memory to the next ones, and what is not used for two
	// minutes goes back to the system.
	HashMemory int64
	// HashQueue limits how many hashes wait for that memory; default 512. HashWait is
	// how long they wait; default 10 seconds. Beyond either, the error is ErrBusy.
	HashQueue int
	HashWait  time.Duration

	// Throttle limits guessing and mass registration.
	Throttle Throttle

	// TrustedProxies are the networks of proxies whose X-Forwarded-For is believed; one that
	// connects by a Unix socket is 127.0.0.1.
	// Without any, the client's address is that of the connection.
	TrustedProxies []netip.Prefix

	// Record is called with what happens to users, to keep it: it is Record of an
	// *audit.Log, for instance. A change calls it with a context of its transaction, where
	// Store is a Transactor, and an error undoes the change. What was refused is recorded
	// after that, and an error is logged. Of refusals beyond one limit of Throttle the first
	// of a window is recorded. Default nil.
	Record func(context.Context, Event) error
	// OnEvent is called with what happens to users, in the goroutine where it happens
	// and with a context of their tenant. It must not block. Changes in a transaction
	// are reported when it is committed, where Store is a TxNotifier; otherwise at
	// once. The time that it takes for a LoginFailed must not depend on whether the
	// user exists.
	OnEvent func(context.Context, Event)

	// Logger logs what an operator should know, and no secrets; default
	// slog.Default().
	Logger *slog.Logger
	// Now is the clock; default time.Now.
	Now func() time.Time
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// maxSessionStaleness is the longest Config.SessionStaleness.
const maxSessionStaleness = time.Minute

func (c *Config) checkStaleness() error {
	if c.SessionStaleness < 0 || c.SessionStaleness > maxSessionStaleness {
		return fmt.Errorf("accounts: Config.SessionStaleness %v is not between 0 and %v", c.SessionStaleness, maxSessionStaleness)
	}
	_, transactor := c.Store.(Transactor)
	if _, notifies := c.Store.(TxNotifier); c.SessionStaleness > 0 && transactor && !notifies {
		return errors.New("accounts: Config.SessionStaleness needs a Store that says when its transactions end: see TxNotifier")
	}
	return nil
}

// complete checks the configuration and fills in the defaults.
func (c *Config) complete() (app *url.URL, err error) {
	if c.Store == nil {
		return nil, errors.New("accounts: Config.Store is missing")
	}
	app, err = url.Parse(c.AppURL)
	if err != nil || app.Host == "" || app.Scheme != "https" && app.Scheme != "http" {
		return nil, fmt.Errorf("accounts: Config.AppURL %q is not an http or https address", c.AppURL)
	}
	if c.TrustedProxies, err = plainNetworks(c.TrustedProxies); err != nil {
		return nil, err
	}
	setDefault(&c.CookieName, "session")
	if len(c.CookieName) > 100 || strings.ContainsFunc(c.CookieName, func(r rune) bool { return !isAlphanumeric(r) && r != '-' && r != '_' }) {
		return nil, fmt.Errorf("accounts: Config.CookieName %q has more than letters, digits, - and _, or more than 100", c.CookieName)
	}
	setDefault(&c.SessionLifetime, 24*time.Hour)
	setDefault(&c.RememberLifetime, 30*24*time.Hour)
	setDefault(&c.SessionMax, 90*24*time.Hour)
	const shortest = 2 * prolongEvery // or a session could end while it is used
	if c.SessionLifetime < shortest || c.RememberLifetime < shortest {
		return nil, fmt.Errorf("accounts: Config.SessionLifetime or Config.RememberLifetime is below %d minutes", shortest/time.Minute)
	}
	if err := c.checkStaleness(); err != nil {
		return nil, err
	}
	setDefault(&c.FreshFor, 15*time.Minute)
	setDefault(&c.ResetWithin, 24*time.Hour)
	setDefault(&c.ConfirmWithin, 48*time.Hour)
	setDefault(&c.MagicLinkWithin, 15*time.Minute)
	setDefault(&c.ChangeEmailWithin, 2*time.Hour)
	setDefault(&c.UndoWithin, 7*24*time.Hour)
	if c.ConfirmEmail && c.Mail == nil {
		return nil, errors.New("accounts: Config.ConfirmEmail needs Config.Mail")
	}
	setDefault(&c.DeletionGrace, 14*24*time.Hour)
	if c.DeletionGrace < 0 {
		return nil, errors.New("accounts: Config.DeletionGrace is negative")
	}
	setDefault(&c.DeletionPage, "/account/delete")
	if err := c.completeFactors(app); err != nil {
		return nil, err
	}
	if c.Passkeys != nil && c.Keys == nil {
		return nil, errors.New("accounts: Config.Passkeys needs Config.Keys, which seal what is kept of them")
	}
	if err := c.completeTokens(); err != nil {
		return nil, err
	}
	if err := c.checkBasic(app); err != nil {
		return nil, err
	}
	setDefault(&c.LoginPage, "/login")
	setDefault(&c.VerifyPage, "/verify")
	setDefault(&c.PostLogin, "/")
	if setDefault(&c.Usernames, UsernamesOptional); !c.Usernames.known() {
		return nil, fmt.Errorf("accounts: Config.Usernames %q is none of the constants", c.Usernames)
	}
	setDefault(&c.PasswordMinLength, 8)
	setDefault(&c.PasswordMaxLength, 1024)
	if c.PasswordMaxLength < c.PasswordMinLength {
		return nil, errors.New("accounts: Config.PasswordMaxLength is below PasswordMinLength")
	}
	one := int64(current.memory) * 1024
	setDefault(&c.HashMemory, one*int64(runtime.GOMAXPROCS(0)))
	if c.HashMemory < one {
		return nil, fmt.Errorf("accounts: Config.HashMemory %d is below the %d bytes that one password hash takes", c.HashMemory, one)
	}
	setDefault(&c.HashQueue, 512)
	setDefault(&c.HashWait, 10*time.Second)
	c.Throttle.AccountLogins.setDefault(10, 15*time.Minute)
	c.Throttle.AccountVerifications.setDefault(10, 15*time.Minute)
	c.Throttle.NetworkLogins.setDefault(100, 15*time.Minute)
	c.Throttle.NetworkRegistrations.setDefault(20, time.Hour)
	c.Throttle.AccountResets.setDefault(5, time.Hour)
	c.Throttle.NetworkResets.setDefault(50, time.Hour)
	c.Throttle.AccountMagicLinks.setDefault(5, time.Hour)
	c.Throttle.NetworkMagicLinks.setDefault(50, time.Hour)
	c.Throttle.NetworkFlows.setDefault(300, 15*time.Minute)
	setDefault(&c.Throttle.UserSessions, 100)
	setDefault(&c.Throttle.UserTokens, 50)
	setDefault(&c.Logger, slog.Default())
	if c.Now == nil {
		c.Now = time.Now
	}
	return app, nil
}
