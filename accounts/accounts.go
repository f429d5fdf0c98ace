package accounts

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/cookie"
)

// Accounts keeps an application's users. Make one with New. All methods are safe for
// concurrent use, and work on the users of the context's tenant.
type Accounts struct {
	config Config
	store  Store // Config.Store, whose changes end checked sessions
	app    *url.URL
	cookie cookie.Cookie // the session's

	browsers *cookie.Jar // with the cookie browserCookie
	proxied  sync.Once   // says that a proxy is not declared
	unnamed  sync.Once   // says that a proxy does not name its clients

	prolonging chan struct{} // full while sessions are prolonged

	takeOvers struct {
		mu   sync.Mutex
		ends []func(ctx context.Context, userID string, since time.Time) error
	}

	exceeded exceeded
	checked  *checkedSessions // nil without Config.SessionStaleness

	exporters struct {
		mu     sync.Mutex
		byName map[string]identity.Exporter // never changed, but replaced
	}

	deletions struct {
		mu  sync.Mutex
		all []identity.Deletion
	}

	others struct { // ways to log in that are not kept here
		mu     sync.Mutex
		counts []func(ctx context.Context, userID string) (int, error)
	}

	hasher *hasher
	queues queues
	flows  flows
	dummy  passwordHash // compared with passwords for users that do not exist
}

// New returns Accounts with the configuration. An error names the field that is
// wrong.
func New(c Config) (*Accounts, error) {
	app, err := c.complete()
	if err != nil {
		return nil, err
	}
	a := &Accounts{
		config:     c,
		store:      c.Store,
		app:        app,
		cookie:     cookie.Named(c.CookieName, app.Scheme == "https"),
		prolonging: make(chan struct{}, mostProlonging),
		hasher:     newHasher(c.HashMemory, c.HashQueue, c.HashWait),
		checked:    newCheckedSessions(c.SessionStaleness),
		dummy:      passwordHash{parameters: current, salt: make([]byte, saltLength), key: make([]byte, keyLength)},
	}
	if a.browsers, err = newBrowserJar(c.Keys, c, app.Scheme == "https"); err != nil {
		return nil, fmt.Errorf("accounts: %w", err)
	}
	if a.checked != nil {
		a.store = &checkingStore{c.Store, a.checked}
	}
	rand.Read(a.dummy.salt)
	rand.Read(a.dummy.key)
	return a, nil
}

func (a *Accounts) now() time.Time { return a.config.Now() }

// inTx calls f in one transaction where the store can.
func (a *Accounts) inTx(ctx context.Context, f func(ctx context.Context) error) error {
	if t, ok := a.config.Store.(Transactor); ok {
		return t.InTx(ctx, f)
	}
	return f(ctx)
}

// inOptimisticTx is inTx for an f that fits OptimisticTransactor.
func (a *Accounts) inOptimisticTx(ctx context.Context, f func(ctx context.Context) error) error {
	if t, ok := a.config.Store.(OptimisticTransactor); ok {
		return t.InOptimisticTx(ctx, f)
	}
	return a.inTx(ctx, f)
}
