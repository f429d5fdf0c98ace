package social

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/internal/origin"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A Config is what New needs. AppURL, Users and Keys are required, and either
// Connections with Providers or Source, or Vault. Everything else has a default.
type Config struct {
	// AppURL is the address the application is known by, such as
	// https://app.example.com: scheme, host and port, no path. Redirect URIs are
	// built from it and never from a request. It is https, or http on localhost; a default
	// port is left out.
	AppURL string

	// URLPrefix precedes the path of every endpoint: "/social" gives
	// /social/login/google. "" by default.
	URLPrefix string

	// Providers are those that users may choose from, in this order.
	Providers []oauth.Provider

	// Source replaces Providers where they change at run time, or differ from
	// tenant to tenant.
	Source vault.Source

	// Connections keeps the connections. When it is a vault.Transactor whose
	// transactions Users joins, a new account and its connection are one step.
	// With other stores the connection is written last, and of several first
	// log-ins by one identity at once a later one may fail.
	Connections vault.Store

	// Vault keeps the connections, in place of one that New makes of Connections,
	// Providers or Source, Timeout, Limits, AllowPrivateAddresses, KeepAlive,
	// Transport and OnCall, which must be empty then. It reports its own events.
	Vault *vault.Vault

	// Limits bound what the vault takes of memory and of providers.
	Limits vault.Limits

	// Users knows the application's users.
	Users Users

	// Keys seal tokens, flows and flash messages.
	Keys *keyring.Ring

	// PostLogin is where to go after a log-in: a path on this site, or any http
	// or https address. "/profile" by default, as the next two.
	PostLogin string
	// ConnectAllow is where to go after a connection was made.
	ConnectAllow string
	// ConnectDeny is where to go after the user said no at the provider.
	ConnectDeny string
	// LoginPage is the application's log-in page. "/login" by default.
	LoginPage string
	// VerifyPage is where the user proves once more who they are. "/verify" by default.
	VerifyPage string
	// RegisterPage is the page of an unfinished sign-up; "/" and the provider's ID
	// are added. URLPrefix and "/register" by default: there Handler has a plain form,
	// and package web a page.
	RegisterPage string
	// ConnectPage asks the user whether to connect a PendingConnection. URLPrefix and
	// "/connections/pending" by default.
	ConnectPage string

	// TrustedOrigins are the origins of front ends elsewhere, such as
	// https://spa.example.com, exactly: their pages may call every endpoint with the
	// user's cookies (CORS), and next may be an address there. The cookies are
	// SameSite=Lax, so that only pages of the same site are signed in: of
	// spa.example.com beside app.example.com, not of example.net.
	TrustedOrigins []string

	// NoFlash turns flash messages off.
	NoFlash bool

	// PostLoginSessionKey and PostConnectSessionKey name the sealed one-time
	// cookies in which ReturnAfterLogin and ReturnAfterConnect leave an address.
	// "post_oauth_login_url" and "post_oauth_connect_url" by default.
	PostLoginSessionKey   string
	PostConnectSessionKey string

	// SignUp says what becomes of a log-in with an identity that no user has. Refuse
	// by default, of which New warns in the log unless RegisterPage is set; the others
	// need Users to be a Registrar.
	SignUp SignUp

	// LinkVerifiedEmail signs such a log-in in to the local account with the same
	// e-mail address, which is then connected. It happens only if the provider is
	// trusted to verify addresses and says it did, if the local address is
	// verified, and if that account has no connection to the provider yet. Users
	// must be an EmailFinder.
	LinkVerifiedEmail bool

	// DeleteAccounts deletes the whole account when a user asks a provider to have their data
	// deleted (POST /data-deletion/PROVIDER), after the time that Users gives them to keep it.
	// Without it their connection to the provider is removed, with its profile and tokens.
	// Users must be a DeletionScheduler.
	DeleteAccounts bool

	// LegacyCallbacks makes GET /login/PROVIDER and GET /connect/PROVIDER
	// callbacks, and sends them as redirect URIs, for applications that are
	// registered at their providers that way.
	LegacyCallbacks bool

	// FlowTTL is how long a flow may take. 10 minutes by default.
	FlowTTL time.Duration
	// Timeout bounds each request to a provider. 15 seconds by default.
	Timeout time.Duration
	// AllowPrivateAddresses lets providers be on this machine or network, and be
	// reached by http. Without it a provider is reached by https alone.
	AllowPrivateAddresses bool
	// KeepAlive, when positive, has connections refreshed before their token has been
	// unchanged for so long; see vault.Config.KeepAlive.
	KeepAlive time.Duration
	// Transport carries the requests to providers, when not nil.
	Transport http.RoundTripper

	// Record, when not nil, is called with what happened, to keep it: it is Record of an
	// *audit.Log, for instance. A change calls it with a context of its transaction, where
	// Connections is a Transactor, and an error undoes the change. What was refused is
	// recorded after that, and an error is logged. The vault records by it, too: see
	// vault.Config.Record.
	Record func(context.Context, Event) error
	// OnEvent, when not nil, is called with what happened, in order within a request
	// and before it is answered.
	OnEvent func(context.Context, Event)
	// OnCall, when not nil, is called after each call to a provider. Module metrics
	// makes metrics of both.
	OnCall func(context.Context, vault.Call)
	// Logger gets what went wrong. slog.Default() by default.
	Logger *slog.Logger
	// Now is the clock. time.Now by default.
	Now func() time.Time
}

// SignUp is a policy for log-ins with an identity that no user has.
type SignUp string

// The policies.
const (
	// Refuse sends people back to the log-in page.
	Refuse SignUp = "refuse"
	// Form shows the page at RegisterPage, and keeps the provider's grant for 30 minutes,
	// or as long as EmailConfirmer.ConfirmEmailWithin.
	Form SignUp = "form"
	// Auto makes an account at once. Where the provider is not trusted to verify the
	// e-mail address (oauth.Description.TrustEmail), does not say that it did, or gives
	// none, it is Form, with the address that it claims filled in.
	Auto SignUp = "auto"
)

// defaults returns the config with its defaults, or an error that names the
// first field that is wrong.
func (c Config) defaults() (Config, error) {
	app, err := appURL(c.AppURL)
	if err != nil {
		return c, err
	}
	c.AppURL = app
	if !prefixes.MatchString(c.URLPrefix) {
		return c, fmt.Errorf("social: URLPrefix %q: want \"\", or a path such as /social without a slash at its end", c.URLPrefix)
	}
	switch {
	case c.Vault != nil && (c.Connections != nil || c.Providers != nil || c.Source != nil || c.Limits != (vault.Limits{}) || c.Timeout != 0 ||
		c.AllowPrivateAddresses || c.KeepAlive != 0 || c.Transport != nil || c.OnCall != nil):
		return c, errors.New("social: Vault replaces Connections, Providers, Source, Limits, Timeout, AllowPrivateAddresses, KeepAlive, Transport and OnCall")
	case c.Vault == nil && c.Connections == nil:
		return c, errors.New("social: Connections is missing")
	case c.Source != nil && c.Providers != nil:
		return c, errors.New("social: Source replaces Providers")
	case c.Users == nil:
		return c, errors.New("social: Users is missing")
	case c.Keys == nil:
		return c, errors.New("social: Keys is missing")
	}

	set(&c.PostLogin, "/profile")
	set(&c.ConnectAllow, "/profile")
	set(&c.ConnectDeny, "/profile")
	set(&c.LoginPage, "/login")
	set(&c.VerifyPage, "/verify")
	set(&c.RegisterPage, c.URLPrefix+"/register")
	set(&c.ConnectPage, c.URLPrefix+"/connections/pending")
	for name, page := range map[string]string{
		"PostLogin": c.PostLogin, "ConnectAllow": c.ConnectAllow, "ConnectDeny": c.ConnectDeny,
		"LoginPage": c.LoginPage, "VerifyPage": c.VerifyPage, "RegisterPage": c.RegisterPage, "ConnectPage": c.ConnectPage,
	} {
		if !nexturl.Valid(page) {
			return c, fmt.Errorf("social: %s %q: want a path, or an http or https address", name, page)
		}
	}
	c.TrustedOrigins = slices.Clone(c.TrustedOrigins)
	for i, text := range c.TrustedOrigins {
		if c.TrustedOrigins[i], err = origin.Parse(text); err != nil {
			return c, fmt.Errorf("social: TrustedOrigins %q: %w", text, err)
		}
	}
	set(&c.PostLoginSessionKey, "post_oauth_login_url")
	set(&c.PostConnectSessionKey, "post_oauth_connect_url")
	for name, key := range map[string]string{
		"PostLoginSessionKey": c.PostLoginSessionKey, "PostConnectSessionKey": c.PostConnectSessionKey,
	} {
		if !sessionKeys.MatchString(key) {
			return c, fmt.Errorf("social: %s %q: want letters, digits, - and _", name, key)
		}
	}
	if c.PostLoginSessionKey == c.PostConnectSessionKey {
		return c, errors.New("social: PostLoginSessionKey and PostConnectSessionKey are the same")
	}

	switch c.SignUp {
	case "":
		c.SignUp = Refuse
	case Refuse:
	case Form, Auto:
		if _, ok := c.Users.(Registrar); !ok {
			return c, fmt.Errorf("social: SignUp %q needs Users to be a Registrar", c.SignUp)
		}
	default:
		return c, fmt.Errorf("social: SignUp %q: want refuse, form or auto", c.SignUp)
	}
	if _, ok := c.Users.(EmailFinder); c.LinkVerifiedEmail && !ok {
		return c, errors.New("social: LinkVerifiedEmail needs Users to be an EmailFinder")
	}

	if _, ok := c.Users.(DeletionScheduler); c.DeleteAccounts && !ok {
		return c, errors.New("social: DeleteAccounts needs Users to be a DeletionScheduler")
	}
	if c.FlowTTL < 0 || c.Timeout < 0 {
		return c, errors.New("social: FlowTTL and Timeout cannot be negative")
	}
	if c.FlowTTL == 0 {
		c.FlowTTL = 10 * time.Minute
	}
	if c.Timeout == 0 {
		c.Timeout = 15 * time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c, nil
}

// vaultConfig returns what the vault is made of.
func (c *Config) vaultConfig() vault.Config {
	return vault.Config{
		Store:                 c.Connections,
		Keys:                  c.Keys,
		Providers:             c.Providers,
		Source:                c.Source,
		Timeout:               c.Timeout,
		Limits:                c.Limits,
		AllowPrivateAddresses: c.AllowPrivateAddresses,
		Transport:             c.Transport,
		Now:                   c.Now,
		Logger:                c.Logger,
		Record:                c.Record,
		OnEvent:               c.OnEvent,
		OnCall:                c.OnCall,
		KeepAlive:             c.KeepAlive,
	}
}

var (
	prefixes    = regexp.MustCompile(`^(/[A-Za-z0-9_-][A-Za-z0-9._~-]*)*$`)
	sessionKeys = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
)

func set(field *string, value string) {
	if *field == "" {
		*field = value
	}
}
