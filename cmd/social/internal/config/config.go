// Package config reads the program's configuration: a YAML or JSON file, which
// environment variables override.
package config

import (
	"strings"
	"time"

	"github.com/gosocial/social/secret"
)

// A Config has all settings of the program. The tag is a key's name in the file; in
// the environment it is SOCIAL_ and the tag in capitals.
type Config struct {
	AppURL   string        `koanf:"app_url"`
	Listen   string        `koanf:"listen"`
	Database string        `koanf:"database"`
	Keys     []secret.Text `koanf:"keys"`

	MetricsListen string `koanf:"metrics_listen"` // "": no metrics
	HSTS          bool   `koanf:"hsts"`           // on https alone

	Gateway       bool   `koanf:"gateway"`
	GatewayListen string `koanf:"gateway_listen"`
	GatewayURL    string `koanf:"gateway_url"` // "": http and GatewayListen, where that is this machine

	TablePrefix         string   `koanf:"table_prefix"`
	DatabaseConnections int      `koanf:"database_connections"` // 0: the store's own default
	SQLitePragmas       []string `koanf:"sqlite_pragmas"`       // name=value

	URLPrefix            string `koanf:"url_prefix"`
	PagesPrefix          bool   `koanf:"pages_prefix"` // the pages are below URLPrefix too
	PostLogin            string `koanf:"post_login"`
	ConnectAllowRedirect string `koanf:"connect_allow_redirect"`
	ConnectDenyRedirect  string `koanf:"connect_deny_redirect"`
	FlashMessages        bool   `koanf:"flash_messages"`
	LegacyCallbacks      bool   `koanf:"legacy_callbacks"`

	PostOAuthLoginSessionKey   string `koanf:"post_oauth_login_session_key"`
	PostOAuthConnectSessionKey string `koanf:"post_oauth_connect_session_key"`

	SignUp            string        `koanf:"signup"`
	LinkVerifiedEmail bool          `koanf:"link_verified_email"`
	Registration      bool          `koanf:"registration"`
	Username          string        `koanf:"username"`
	ConfirmEmail      bool          `koanf:"confirm_email"`
	Recovery          bool          `koanf:"recovery"`
	NewBrowserMail    bool          `koanf:"new_browser_mail"`
	ResetWithin       time.Duration `koanf:"reset_within"`
	ConfirmWithin     time.Duration `koanf:"confirm_within"`
	MagicLink         bool          `koanf:"magic_link"`
	MagicLinkWithin   time.Duration `koanf:"magic_link_within"`
	ChangeEmailWithin time.Duration `koanf:"change_email_within"`
	UndoWithin        time.Duration `koanf:"undo_within"`
	AccountDeletion   bool          `koanf:"account_deletion"`
	DeleteAccounts    bool          `koanf:"delete_accounts"`
	DeletionGrace     time.Duration `koanf:"deletion_grace"`
	Passkeys          bool          `koanf:"passkeys"`
	PasskeyDomain     string        `koanf:"passkey_domain"` // "": app_url's host
	TwoFactor         string        `koanf:"two_factor"`
	TwoFactorRoles    []string      `koanf:"two_factor_roles"`
	APITokens         bool          `koanf:"api_tokens"`
	TokenScopes       conditions    `koanf:"token_scopes"` // name=text for people
	TokenLifetime     time.Duration `koanf:"token_lifetime"`
	TokenMax          time.Duration `koanf:"token_max"` // 0: no limit
	BasicAuth         bool          `koanf:"basic_auth"`
	AuditLog          bool          `koanf:"audit_log"`
	AuditRetention    time.Duration `koanf:"audit_retention"` // 0: for good
	SMTP              secret.Text   `koanf:"smtp"`
	MailFrom          string        `koanf:"mail_from"`   // "": no-reply at AppURL's host
	MailToLog         bool          `koanf:"mail_to_log"` // without SMTP

	Languages []string `koanf:"languages"` // none: web's default
	Texts     string   `koanf:"texts"`     // a folder; "": none

	BreachedPasswords        bool   `koanf:"breached_passwords"`         // refuse those of BreachedPasswordsAddress
	BreachedPasswordsAddress string `koanf:"breached_passwords_address"` // of the service

	PasswordSalt secret.Text `koanf:"password_salt"` // of Flask-Security
	HashMemory   int         `koanf:"hash_memory"`   // MiB; 0: accounts' default

	AllowPrivateAddresses bool          `koanf:"allow_private_addresses"`
	Migrate               bool          `koanf:"migrate"`
	FlowTTL               time.Duration `koanf:"flow_ttl"`
	SessionLifetime       time.Duration `koanf:"session_lifetime"`
	RememberLifetime      time.Duration `koanf:"remember_lifetime"`
	SessionMax            time.Duration `koanf:"session_max"` // 0: no limit
	SessionStaleness      time.Duration `koanf:"session_staleness"`
	FreshFor              time.Duration `koanf:"fresh_for"`
	Timeout               time.Duration `koanf:"timeout"`
	KeepAlive             time.Duration `koanf:"keep_alive"`
	KeepAliveConcurrency  int           `koanf:"keep_alive_concurrency"` // of one provider
	TrustedProxies        []string      `koanf:"trusted_proxies"`
	TrustedOrigins        []string      `koanf:"trusted_origins"`
	Throttle              Throttle      `koanf:"throttle"`

	Providers map[string]Provider `koanf:"providers"`

	// Order has the providers' IDs: those of the file in its order, then the others.
	Order []string `koanf:"-"`
	// Warnings are findings that do not stop the program.
	Warnings []string `koanf:"-"`
}

// HashMemoryBytes returns HashMemory in bytes.
func (c *Config) HashMemoryBytes() int64 { return int64(c.HashMemory) << 20 }

// Scopes returns TokenScopes by name.
func (c *Config) Scopes() map[string]string {
	scopes := map[string]string{}
	for _, scope := range c.TokenScopes {
		name, text, _ := strings.Cut(scope, "=")
		scopes[name] = text
	}
	return scopes
}

// Throttle limits guessing, mass registration and sessions. 0 is no limit.
type Throttle struct {
	LoginAccount        int `koanf:"login_account"`        // failed log-ins an account in 15 minutes
	VerifyAccount       int `koanf:"verify_account"`       // wrong passwords of a signed-in user in 15 minutes
	CodeAccount         int `koanf:"code_account"`         // second factors shown in vain for an account in 15 minutes
	LoginNetwork        int `koanf:"login_network"`        // failed log-ins a network in 15 minutes
	RegistrationNetwork int `koanf:"registration_network"` // registrations a network in an hour
	SessionsUser        int `koanf:"sessions_user"`        // sessions a user
	TokensUser          int `koanf:"tokens_user"`          // API tokens a user
	ResetAccount        int `koanf:"reset_account"`        // mails an hour to one address that reset its password
	ResetNetwork        int `koanf:"reset_network"`        // those that a network asks for in an hour
	MagicLinkAccount    int `koanf:"magic_link_account"`   // mails an hour to one address that sign in
	MagicLinkNetwork    int `koanf:"magic_link_network"`   // those that a network asks for in an hour
	FlowNetwork         int `koanf:"flow_network"`         // flows a network in 15 minutes that did not end in a log-in or connection
}

// A Provider is one entry of providers.
type Provider struct {
	Type string `koanf:"type"`
	Name string `koanf:"name"`
	// Parameters are those of the catalog's entry; they stand beside the other keys.
	Parameters map[string]string `koanf:"parameters"`

	ConsumerKey    string        `koanf:"consumer_key"`
	ConsumerSecret secret.Text   `koanf:"consumer_secret"`
	Credentials    []Credentials `koanf:"credentials"`
	Scopes         []string      `koanf:"scopes"`

	Issuer       string      `koanf:"issuer"`
	Tenant       string      `koanf:"tenant"`
	TeamID       string      `koanf:"team_id"`
	KeyID        string      `koanf:"key_id"`
	PrivateKey   secret.Text `koanf:"private_key"`
	ResponseMode string      `koanf:"response_mode"`
	TokenAuth    string      `koanf:"token_auth"`
	// AssertionAudience is that of private_key_jwt.
	AssertionAudience string `koanf:"assertion_audience"`
	PKCE              *bool  `koanf:"pkce"`
	ProfileFrom       string `koanf:"profile_from"`

	// Of OpenID Connect.
	Algorithms       []string      `koanf:"algorithms"`
	TrustedAudiences []string      `koanf:"trusted_audiences"`
	Subject          string        `koanf:"subject"`
	ClockSkew        time.Duration `koanf:"clock_skew"`
	LogoutWithoutExp bool          `koanf:"logout_without_exp"`

	// DeadRefresh are conditions; see oauth.Condition.
	DeadRefresh conditions `koanf:"dead_refresh"`

	TrustEmail       *bool `koanf:"trust_email"`
	LogoutAtProvider bool  `koanf:"logout_at_provider"`

	Endpoints  Endpoints         `koanf:"endpoints"`
	Profile    Profile           `koanf:"profile"`
	AuthParams map[string]string `koanf:"auth_params"`
	Resource   string            `koanf:"resource"`
}

// conditions are texts that may have spaces and commas in them.
type conditions []string

// Endpoints replace a provider's addresses.
type Endpoints struct {
	RequestToken string `koanf:"request_token"`
	Authorize    string `koanf:"authorize"`
	Token        string `koanf:"token"`
	Refresh      string `koanf:"refresh"`
	UserInfo     string `koanf:"userinfo"`
	Emails       string `koanf:"emails"`
	Revoke       string `koanf:"revoke"`
	Keys         string `koanf:"keys"`
	EndSession   string `koanf:"end_session"`
	Device       string `koanf:"device_authorization"`
	API          string `koanf:"api"`
}

// Profile has the dotted paths of the profile in a user-info answer.
type Profile struct {
	ID            string `koanf:"id"`
	DisplayName   string `koanf:"display_name"`
	Name          string `koanf:"name"`
	Email         string `koanf:"email"`
	EmailVerified string `koanf:"email_verified"`
	Link          string `koanf:"link"`
	Image         string `koanf:"image"`
}

// defaults returns the values of keys that are not given.
func defaults() map[string]any {
	return map[string]any{
		"app_url":                        "http://localhost:8080",
		"listen":                         "127.0.0.1:8080",
		"database":                       "sqlite:social.db",
		"gateway_listen":                 "127.0.0.1:8082",
		"hsts":                           true,
		"table_prefix":                   "social_",
		"post_login":                     "/profile",
		"connect_allow_redirect":         "/profile",
		"connect_deny_redirect":          "/profile",
		"flash_messages":                 true,
		"post_oauth_login_session_key":   "post_oauth_login_url",
		"post_oauth_connect_session_key": "post_oauth_connect_url",
		"signup":                         "refuse",
		"registration":                   true,
		"username":                       "optional",
		"recovery":                       true,
		"new_browser_mail":               true,
		"reset_within":                   "24h",
		"confirm_within":                 "48h",
		"magic_link_within":              "15m",
		"change_email_within":            "2h",
		"breached_passwords_address":     "https://api.pwnedpasswords.com",
		"undo_within":                    "168h",
		"audit_retention":                "9600h",
		"account_deletion":               true,
		"deletion_grace":                 "336h",
		"migrate":                        true,
		"flow_ttl":                       "10m",
		"session_lifetime":               "24h",
		"remember_lifetime":              "720h",
		"session_max":                    "2160h",
		"session_staleness":              "0s",
		"passkeys":                       true,
		"two_factor":                     "optional",
		"token_lifetime":                 "2160h",
		"token_max":                      "8784h",
		"throttle.tokens_user":           50,
		"fresh_for":                      "15m",
		"timeout":                        "15s",
		"keep_alive":                     "0s",
		"keep_alive_concurrency":         8,
		"throttle.login_account":         10,
		"throttle.verify_account":        10,
		"throttle.code_account":          10,
		"throttle.login_network":         100,
		"throttle.registration_network":  20,
		"throttle.sessions_user":         100,
		"throttle.flow_network":          300,
		"throttle.reset_account":         5,
		"throttle.reset_network":         50,
		"throttle.magic_link_account":    5,
		"throttle.magic_link_network":    50,
	}
}
