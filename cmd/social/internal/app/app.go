// Package app makes the application that the program serves: Social, accounts
// and pages on one database.
package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/totp"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/cmd/social/internal/config"
	"github.com/gosocial/social/gateway"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/tenants"
	"github.com/gosocial/social/text"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/web"
	"github.com/gosocial/social/webhook"
)

// An App is the application of one configuration. It is safe for concurrent use.
type App struct {
	Config   *config.Config
	Store    Store
	Accounts *accounts.Accounts
	Social   *social.Social
	Mail     *mail.Queue // nil when no mail is sent
	Audit    *audit.Log
	Gateway  *gateway.Gateway // nil without gateway: true
	Tenants  *tenants.Directory
	Texts    *text.Catalog

	// Providers are those of the configuration.
	Providers []oauth.Provider

	keys     *keyring.Ring
	webhooks *webhook.Sender // nil without gateway: true
	handler  http.Handler
	mailer   mail.Mailer           // of Mail
	stop     func(context.Context) // ends the jobs
	metrics  *metrics
	log      *slog.Logger
}

// Extras change the application for the demo and for the doctor.
type Extras struct {
	Site  string
	Files fs.FS                      // see web.Options
	More  func(*http.Request) any    // see web.Options
	Mount func(*App, *http.ServeMux) // adds handlers

	Mailer mail.Mailer // sends mails; nil for what the configuration says

	// OnlyAccounts leaves out Social and the pages, for commands: providers are not looked
	// at. There are no jobs to start: mails wait for the program that serves.
	OnlyAccounts bool

	// Store opens the database; nil means OpenStore.
	Store func(context.Context, *config.Config) (Store, error)
}

// Open makes the application and opens its database. The error names the keys of
// the configuration that are wrong.
func Open(ctx context.Context, c *config.Config, log *slog.Logger, extras Extras) (_ *App, err error) {
	keys, err := Keys(c)
	if err != nil {
		return nil, err
	}
	a := &App{Config: c, stop: func(context.Context) {}, keys: keys, log: log}
	if !extras.OnlyAccounts {
		if a.Providers, err = newProviders(c); err != nil {
			return nil, err
		}
	}
	proxies, err := prefixes(c.TrustedProxies)
	if err != nil {
		return nil, err
	}
	if a.Texts, err = Texts(c); err != nil {
		return nil, err
	}
	if a.metrics, err = newMetrics(); err != nil {
		return nil, err
	}
	if extras.Store == nil {
		extras.Store = OpenStore
	}
	if a.Store, err = extras.Store(ctx, c); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			a.Store.Close()
		}
	}()

	if a.Audit, err = OpenAudit(c, a.Store, log); err != nil {
		return nil, err
	}
	if err := a.openMail(c, keys, extras); err != nil {
		return nil, err
	}
	loginPage, verifyPage := "/login", "/verify"
	factorPage, factorSetupPage, deletionPage := "/two-factor", "/security/totp", "/account/delete"
	if c.PagesPrefix {
		loginPage, verifyPage = c.URLPrefix+loginPage, c.URLPrefix+verifyPage
		factorPage, factorSetupPage, deletionPage = c.URLPrefix+factorPage, c.URLPrefix+factorSetupPage, c.URLPrefix+deletionPage
	}
	linkPrefix := ""
	if c.PagesPrefix {
		linkPrefix = c.URLPrefix
	}
	checker, err := Breached(c)
	if err != nil {
		return nil, err
	}
	party, err := passkeys(c, log)
	if err != nil {
		return nil, err
	}
	a.Accounts, err = accounts.New(accounts.Config{
		Mail: a.postbox(), LinkPrefix: linkPrefix, NoRecovery: !c.Recovery, NoNewBrowserMail: !c.NewBrowserMail, ResetWithin: c.ResetWithin,
		Usernames: accounts.Usernames(c.Username), ConfirmEmail: c.ConfirmEmail, ConfirmWithin: c.ConfirmWithin, MagicLink: c.MagicLink, MagicLinkWithin: c.MagicLinkWithin, ChangeEmailWithin: c.ChangeEmailWithin, UndoWithin: c.UndoWithin,
		Store: a.Store, AppURL: c.AppURL, LoginPage: loginPage, VerifyPage: verifyPage, PostLogin: c.PostLogin, Keys: keys,
		SessionLifetime: c.SessionLifetime, RememberLifetime: c.RememberLifetime, SessionMax: limit(c.SessionMax), SessionStaleness: c.SessionStaleness, FreshFor: c.FreshFor,
		Passkeys: party, TwoFactor: accounts.TwoFactor(c.TwoFactor), TwoFactorRoles: c.TwoFactorRoles, APITokens: c.APITokens, TokenScopes: c.Scopes(), TokenLifetime: c.TokenLifetime, TokenMax: limit(c.TokenMax), BasicAuth: c.BasicAuth, FactorPage: factorPage, FactorSetupPage: factorSetupPage,
		NoDeletion: !c.AccountDeletion, DeletionGrace: c.DeletionGrace, DeletionPage: deletionPage,
		HashMemory: c.HashMemoryBytes(), PasswordSalt: c.PasswordSalt, Breached: checker,
		Throttle: accounts.Throttle{
			AccountLogins:        accounts.Limit{Count: limit(c.Throttle.LoginAccount)},
			AccountCodes:         accounts.Limit{Count: limit(c.Throttle.CodeAccount)},
			AccountVerifications: accounts.Limit{Count: limit(c.Throttle.VerifyAccount)},
			NetworkLogins:        accounts.Limit{Count: limit(c.Throttle.LoginNetwork)},
			NetworkRegistrations: accounts.Limit{Count: limit(c.Throttle.RegistrationNetwork)},
			AccountResets:        accounts.Limit{Count: limit(c.Throttle.ResetAccount)},
			NetworkResets:        accounts.Limit{Count: limit(c.Throttle.ResetNetwork)},
			AccountMagicLinks:    accounts.Limit{Count: limit(c.Throttle.MagicLinkAccount)},
			NetworkMagicLinks:    accounts.Limit{Count: limit(c.Throttle.MagicLinkNetwork)},
			UserSessions:         limit(c.Throttle.SessionsUser),
			UserTokens:           limit(c.Throttle.TokensUser),
			NetworkFlows:         accounts.Limit{Count: limit(c.Throttle.FlowNetwork)},
		},
		TrustedProxies: proxies, Logger: log, Language: a.Texts.Requested,
		OnEvent: func(ctx context.Context, e accounts.Event) { a.event(ctx, e) },
		Record:  RecordAccounts(c, a.Audit),
	})
	if err != nil {
		return nil, withKeys(err)
	}
	if extras.OnlyAccounts {
		return a, nil
	}
	if c.AuditLog {
		a.Accounts.AddExporter("activity", a.Audit)
	}
	if a.Tenants, err = a.OpenTenants(); err != nil {
		return nil, err
	}
	a.Social, err = social.New(social.Config{
		AppURL: c.AppURL, URLPrefix: c.URLPrefix,
		Source: a.Tenants, Connections: a.Store, Users: a.Accounts, Keys: keys,
		LoginPage: loginPage, VerifyPage: verifyPage, RegisterPage: c.URLPrefix + "/register", PostLogin: c.PostLogin, ConnectAllow: c.ConnectAllowRedirect, ConnectDeny: c.ConnectDenyRedirect,
		NoFlash:               !c.FlashMessages,
		PostLoginSessionKey:   c.PostOAuthLoginSessionKey,
		PostConnectSessionKey: c.PostOAuthConnectSessionKey,
		SignUp:                social.SignUp(c.SignUp), LinkVerifiedEmail: c.LinkVerifiedEmail, DeleteAccounts: c.DeleteAccounts,
		TrustedOrigins:  c.TrustedOrigins,
		LegacyCallbacks: c.LegacyCallbacks, FlowTTL: c.FlowTTL, Timeout: c.Timeout,
		AllowPrivateAddresses: c.AllowPrivateAddresses,
		Logger:                log,
		KeepAlive:             c.KeepAlive,
		Limits:                vault.Limits{KeepAliveConcurrency: c.KeepAliveConcurrency},
		OnEvent:               a.event,
		Record:                recordSocial(c, a.Audit),
		OnCall:                a.metrics.Call,
	})
	if err != nil {
		return nil, withKeys(err)
	}
	pages, err := web.New(a.Social, a.Accounts, web.Options{
		Site: extras.Site, Files: extras.Files, More: extras.More,
		NoRegistration: !c.Registration, Homes: a.Tenants, PrefixPages: c.PagesPrefix, Logger: log,
		Texts: a.Texts, QR: totp.QR, Audit: a.shownAudit(),
	})
	if err != nil {
		return nil, err
	}

	if c.Gateway {
		if a.Gateway, err = a.OpenGateway(); err != nil {
			return nil, err
		}
		if a.webhooks, err = a.OpenWebhooks(); err != nil {
			return nil, err
		}
	}

	a.handler = a.routes(pages, extras)
	return a, nil
}

// Start starts the application's jobs, which run until ctx ends or Close is called.
func (a *App) Start(ctx context.Context) {
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	a.stop = func(ctx context.Context) {
		stop()
		select {
		case <-ended:
		case <-ctx.Done():
		}
	}
	go func() {
		defer close(ended)
		all := slices.Concat(a.Store.Jobs(), a.Accounts.Jobs(), a.Audit.Jobs())
		if a.Mail != nil {
			all = append(all, a.Mail.Jobs()...)
		}
		if a.webhooks != nil {
			all = append(all, a.webhooks.Jobs()...)
		}
		if err := a.Social.Vault().Run(ctx, all...); err != nil && !errors.Is(err, context.Canceled) {
			a.log.Error("the jobs ended", "error", err)
		}
	}()
}

// Close ends the jobs, waits until the refreshes under way are stored, and closes the
// database.
func (a *App) Close(ctx context.Context) error {
	a.stop(ctx)
	var waiting error
	if a.Social != nil {
		waiting = a.Social.Vault().Wait(ctx)
	}
	return errors.Join(waiting, a.closeMail(), a.Store.Close())
}

var fieldKeys = strings.NewReplacer(
	"social: ", "", "accounts: Config.", "", "gateway: Config.URL", "gateway_url",
	"AppURL", "app_url", "URLPrefix", "url_prefix", "ConnectAllow", "connect_allow_redirect", "ConnectDeny", "connect_deny_redirect",
	"TrustedOrigins", "trusted_origins", "PostLoginSessionKey", "post_oauth_login_session_key", "PostConnectSessionKey", "post_oauth_connect_session_key", "PostLogin", "post_login",
)

// withKeys replaces the library's names of fields in an error by the
// configuration's keys.
func withKeys(err error) error { return errors.New(fieldKeys.Replace(err.Error())) }

// limit converts a limit of the configuration, where 0 means none, to one of
// package accounts, where -1 does.
func limit[N int | time.Duration](n N) N {
	if n == 0 {
		return -1
	}
	return n
}

func prefixes(texts []string) ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, text := range texts {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			addr, err := netip.ParseAddr(text)
			if err != nil {
				return nil, fmt.Errorf("trusted_proxies: %q is not an address or a network such as 10.0.0.0/8", text)
			}
			p = netip.PrefixFrom(addr, addr.BitLen())
		}
		list = append(list, p)
	}
	return list, nil
}
