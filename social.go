package social

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/gosocial/social/internal/cookie"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// Social is social log-in for one application. Make one with New; several may
// live side by side. All methods are safe for concurrent use.
type Social struct {
	cfg       Config
	host      string // of AppURL
	origin    *http.CrossOriginProtection
	vault     *vault.Vault
	jar       *cookie.Jar
	providers map[string]*provider
	ids       []string // of the providers, in their order

	// What Users can do, nil where it cannot.
	registrar Registrar
	finder    EmailFinder
	passwords PasswordHolder
	describer Describer
	ender     SessionEnder
}

// A provider is one that is configured, opened.
type provider struct {
	oauth.Description
	client oauth.Client

	callbackPath         string
	loginURI, connectURI string // redirect URIs
}

// New checks the configuration and opens every provider. The error names what
// is wrong. It makes no request.
func New(c Config) (*Social, error) {
	c, err := c.defaults()
	if err != nil {
		return nil, err
	}
	app, err := url.Parse(c.AppURL)
	if err != nil {
		return nil, err
	}
	s := &Social{cfg: c, host: app.Host, providers: make(map[string]*provider, len(c.Providers))}
	s.jar = cookie.New(c.Keys, c.AppURL+c.URLPrefix, app.Scheme == "https", c.Now)
	s.origin = http.NewCrossOriginProtection()
	if err := s.origin.AddTrustedOrigin(c.AppURL); err != nil {
		return nil, fmt.Errorf("social: AppURL: %w", err)
	}
	s.registrar, _ = c.Users.(Registrar)
	s.finder, _ = c.Users.(EmailFinder)
	s.passwords, _ = c.Users.(PasswordHolder)
	s.describer, _ = c.Users.(Describer)
	s.ender, _ = c.Users.(SessionEnder)

	s.vault, err = vault.New(vault.Config{
		Store:                 c.Connections,
		Keys:                  c.Keys,
		Providers:             c.Providers,
		Timeout:               c.Timeout,
		AllowPrivateAddresses: c.AllowPrivateAddresses,
		Transport:             c.Transport,
		Now:                   c.Now,
		Logger:                c.Logger,
		OnEvent:               c.OnEvent,
		OnCall:                c.OnCall,
		KeepAlive:             c.KeepAlive,
	})
	if err != nil {
		return nil, err
	}
	for _, p := range c.Providers {
		d := p.Description()
		if !providerIDs.MatchString(d.ID) {
			return nil, fmt.Errorf("social: provider ID %q: want small letters, digits, - and _", d.ID)
		}
		client, err := s.vault.Provider(context.Background(), d.ID)
		if err != nil {
			return nil, err
		}
		base := c.AppURL + c.URLPrefix
		opened := &provider{Description: d, client: client, callbackPath: c.URLPrefix + "/callback/" + d.ID}
		opened.loginURI = c.AppURL + opened.callbackPath
		opened.connectURI = opened.loginURI
		// A legacy path takes no answer that is posted: a POST begins a flow there.
		if c.LegacyCallbacks && !d.FormPost {
			opened.loginURI = base + "/login/" + d.ID
			opened.connectURI = base + "/connect/" + d.ID
		}
		s.providers[d.ID] = opened
		s.ids = append(s.ids, d.ID)
	}
	return s, nil
}

// Format writes the application's address alone, for every verb. By itself fmt
// would print the providers' secrets, which stand in unexported fields.
func (s *Social) Format(f fmt.State, _ rune) { io.WriteString(f, "social of "+s.cfg.AppURL) }

// Vault returns what keeps the connections.
func (s *Social) Vault() *vault.Vault { return s.vault }

// Config returns the configuration with its defaults filled in.
func (s *Social) Config() Config { return s.cfg }

// Provider returns a configured provider's description.
func (s *Social) Provider(id string) (oauth.Description, bool) {
	p, ok := s.providers[id]
	if !ok {
		return oauth.Description{}, false
	}
	return p.Description, true
}

// RedirectURIs returns what to register as redirect URIs at a provider; nil for
// one that is not configured.
func (s *Social) RedirectURIs(providerID string) []string {
	p, ok := s.providers[providerID]
	switch {
	case !ok:
		return nil
	case p.loginURI == p.connectURI:
		return []string{p.loginURI}
	default:
		return []string{p.loginURI, p.connectURI}
	}
}

// CurrentUser returns the ID of the user signed in, or "".
func (s *Social) CurrentUser(ctx context.Context) string { return s.cfg.Users.CurrentUser(ctx) }

// Connection returns the signed-in user's default connection to a provider:
// vault.ErrNoConnection when there is none, or nobody is signed in.
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

// ReturnAfterLogin leaves the address to go to after the next log-in through a
// provider, unless that log-in names one itself. It must be a path on this
// site; another is an error.
func (s *Social) ReturnAfterLogin(w http.ResponseWriter, path string) error {
	return s.leave(w, s.cfg.PostLoginSessionKey, path)
}

// ReturnAfterConnect is ReturnAfterLogin for connecting and reconnecting.
func (s *Social) ReturnAfterConnect(w http.ResponseWriter, path string) error {
	return s.leave(w, s.cfg.PostConnectSessionKey, path)
}

func (s *Social) leave(w http.ResponseWriter, key, path string) error {
	path = nexturl.Path(path)
	if path == "" {
		return errors.New("social: the address to return to is no path on this site")
	}
	return s.jar.Set(w, key, []byte(path), s.cfg.FlowTTL+parcelTTL)
}

// left takes what leave left, or "".
func (s *Social) left(w http.ResponseWriter, r *http.Request, key string) string {
	value, err := s.jar.Get(r, key)
	if errors.Is(err, cookie.ErrNone) {
		return ""
	}
	s.jar.Clear(w, key)
	return nexturl.Path(string(value))
}
