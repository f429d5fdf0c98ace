package social

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/cookie"
	"github.com/gosocial/social/internal/origin"
	"github.com/gosocial/social/vault"
)

// Social is social log-in for one application. Make one with New; several may
// live side by side. All methods are safe for concurrent use.
type Social struct {
	cfg    Config
	host   string // of AppURL
	origin *origin.Policy
	vault  *vault.Vault
	store  vault.Store // the vault's
	jar    *cookie.Jar

	// What Users can do, nil where it cannot.
	registrar Registrar
	finder    EmailFinder
	logins    LoginCounter
	factors   FactorRequirer
	limiter   FlowLimiter
	deleter   DeletionScheduler
	describer Describer
	ender     SessionEnder
	locker    SessionLocker
	prover    Reauthenticator
	tokens    TokenBearer
}

// New checks the configuration and opens every provider of Config.Providers. The
// error names what is wrong. It makes no request.
func New(c Config) (*Social, error) {
	undecided := c.SignUp == "" && c.RegisterPage == ""
	c, err := c.defaults()
	if err != nil {
		return nil, err
	}
	if undecided {
		c.Logger.Warn("social: a person without an account cannot sign up through a provider, because Config.SignUp is not set. Auto and Form let them in; set Refuse if they shall not")
	}
	scheme, host, _ := strings.Cut(c.AppURL, "://")
	s := &Social{cfg: c, host: host, vault: c.Vault}
	if s.vault == nil {
		if s.vault, err = vault.New(c.vaultConfig()); err != nil {
			return nil, err
		}
	}
	s.store = s.vault.Store()
	s.jar = cookie.New(c.Keys, c.AppURL+c.URLPrefix, scheme == "https", c.Now)
	if s.origin, err = origin.New(c.AppURL, c.TrustedOrigins); err != nil {
		return nil, fmt.Errorf("social: AppURL: %w", err)
	}
	s.registrar, _ = c.Users.(Registrar)
	s.finder, _ = c.Users.(EmailFinder)
	s.logins, _ = c.Users.(LoginCounter)
	s.factors, _ = c.Users.(FactorRequirer)
	s.limiter, _ = c.Users.(FlowLimiter)
	s.describer, _ = c.Users.(Describer)
	s.ender, _ = c.Users.(SessionEnder)
	s.locker, _ = c.Users.(SessionLocker)
	s.prover, _ = c.Users.(Reauthenticator)
	s.tokens, _ = c.Users.(TokenBearer)
	if t, ok := c.Users.(TakeOverer); ok {
		t.OnTakeOver(s.endConnections)
	}
	if s.deleter, _ = c.Users.(DeletionScheduler); s.deleter != nil {
		s.deleter.OnDeletion(identity.Deletion{Suspend: s.vault.Suspend, Resume: s.vault.Resume, Delete: s.deleteUser})
	}
	if l, ok := c.Users.(LoginRemover); ok {
		l.OnWaysIn(s.usableConnections)
	}
	if e, ok := c.Users.(ExportCollector); ok {
		e.AddExporter("connections", s)
	}
	return s, nil
}

// Format writes the application's address alone, for every verb. By itself fmt
// would print the secrets in unexported fields.
func (s *Social) Format(f fmt.State, _ rune) { io.WriteString(f, "social of "+s.cfg.AppURL) }

// Vault returns the vault that keeps the connections.
func (s *Social) Vault() *vault.Vault { return s.vault }

// Config returns the configuration with its defaults filled in.
func (s *Social) Config() Config { return s.cfg }

// CurrentUser returns the ID of the user signed in, or "".
func (s *Social) CurrentUser(ctx context.Context) string { return s.cfg.Users.CurrentUser(ctx) }

// Connection returns the signed-in user's default connection to a provider:
// vault.ErrNoConnection when there is none, or no user is signed in.
func (s *Social) Connection(ctx context.Context, providerID string) (vault.Connection, error) {
	userID := s.cfg.Users.CurrentUser(ctx)
	if userID == "" {
		return vault.Connection{}, vault.ErrNoConnection
	}
	return s.vault.Default(ctx, userID, providerID)
}

// Client returns a client that acts for the connection's user at the provider,
// with a token that is refreshed when due. It reaches the provider's own hosts
// only.
func (s *Social) Client(c vault.Connection) *http.Client { return s.vault.Client(c) }

// describe returns what the user may read about themselves.
func (s *Social) describe(ctx context.Context, userID string) (any, error) {
	if s.describer != nil {
		return s.describer.DescribeUser(ctx, userID)
	}
	return map[string]string{"id": userID}, nil
}
