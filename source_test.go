package social_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// A directory is a vault.Source over maps that change at run time, one a tenant.
type directory struct {
	mu   sync.Mutex
	list map[string][]oauth.Provider
	down error
}

func (d *directory) set(tenant string, list ...oauth.Provider) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.list == nil {
		d.list = map[string][]oauth.Provider{}
	}
	d.list[tenant] = list
}

// fail makes the source fail.
func (d *directory) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.down = err
}

func (d *directory) Providers(ctx context.Context) ([]oauth.Provider, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.list[social.Tenant(ctx)], d.down
}

func (d *directory) Provider(ctx context.Context, id string) (oauth.Provider, error) {
	list, err := d.Providers(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if p.Description().ID == id {
			return p, nil
		}
	}
	return nil, vault.ErrUnknownProvider
}

func TestProvidersFromASource(t *testing.T) {
	t.Parallel()
	d := &directory{}
	s := open(t, func(c *social.Config) {
		c.Providers, c.Source, c.SignUp = nil, d, social.Auto
	})
	s.acme.set(email("matt@lp.com", true))
	s.acme.about.TrustEmail = true
	b := s.browser()
	if a := b.post("/login/acme", nil); a.status != http.StatusNotFound {
		t.Errorf("before it is there: %d", a.status)
	}
	d.set("", s.acme)
	if a := b.flow("/login/acme", "1"); a.location != "/profile" || b.whoami() == "" {
		t.Fatalf("once it is there: %d %q %s", a.status, a.location, a.body)
	}
	if a := s.browser().in("north").post("/login/acme", nil); a.status != http.StatusNotFound {
		t.Errorf("in a tenant without it: %d", a.status)
	}

	// Another application of the same provider, in another tenant.
	other := newStub("acme", "Acme of the north", oauth.ProtocolOAuth2)
	other.set(email("matt@lp.com", true))
	other.about.TrustEmail = true
	d.set("north", other)
	n := s.browser().in("north")
	if a := n.flow("/login/acme", "1"); a.location != "/profile" || n.whoami() == "" || n.whoami() == b.whoami() {
		t.Errorf("in the other tenant: %d %q", a.status, a.location)
	}
	if other.tokenRequests != 1 || s.acme.tokenRequests != 1 {
		t.Errorf("%d and %d token requests", other.tokenRequests, s.acme.tokenRequests)
	}
	buttons, err := s.Buttons(social.WithTenant(context.Background(), "north"))
	if err != nil || len(buttons) != 1 || buttons[0].Provider.Name != "Acme of the north" {
		t.Errorf("buttons: %+v, %v", buttons, err)
	}

	// A flow that began before its provider went does not end.
	callback, answer := s.browser().begin("/login/acme", "2")
	d.set("")
	if a := b.get(callback + "?" + answer.Encode()); a.status != http.StatusNotFound {
		t.Errorf("after it has gone: %d", a.status)
	}
	// What the user has stays listed, though nothing is known of its provider.
	if a := b.program().get("/connections"); a.status != 200 || !strings.Contains(a.body, `"provider_id":"acme"`) {
		t.Errorf("connections: %d %s", a.status, a.body)
	}
	// A source that fails is no unknown provider.
	d.mu.Lock()
	d.down = errors.New("CANARY-directory")
	d.mu.Unlock()
	if a := s.browser().post("/login/acme", nil); a.status != http.StatusInternalServerError || strings.Contains(a.body, "CANARY") {
		t.Errorf("while the source is down: %d %s", a.status, a.body)
	}
	if a := b.get("/connections"); a.status != 200 || !strings.Contains(a.body, `"provider_id":"acme"`) {
		t.Errorf("connections while the source is down: %d %s", a.status, a.body)
	}
}

// A path is no question to the source unless it can be an ID.
func TestSourceIsAskedForIDs(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 10)
	s := open(t, func(c *social.Config) { c.Providers, c.Source = nil, recorder(asked) })
	for _, path := range []string{"/login/..%2f", "/login/A", "/login/a%00", "/login/%27;--", "/callback/-a"} {
		s.browser().do("GET", path, nil)
		s.browser().do("POST", path, nil)
	}
	if len(asked) != 0 {
		t.Errorf("asked for %q", <-asked)
	}
	s.browser().post("/login/acme", nil)
	if len(asked) != 1 {
		t.Errorf("asked %d times for an ID", len(asked))
	}
}

type recorder chan string

func (r recorder) Provider(_ context.Context, id string) (oauth.Provider, error) {
	r <- id
	return nil, vault.ErrUnknownProvider
}

func (r recorder) Providers(context.Context) ([]oauth.Provider, error) { return nil, nil }

// A vault that is there already serves several Social values, and brings its store.
func TestReadyVault(t *testing.T) {
	t.Parallel()
	var ready *vault.Vault
	s := open(t, func(c *social.Config) {
		v, err := vault.New(vault.Config{Store: memstore.New(), Keys: c.Keys, Providers: c.Providers, AllowPrivateAddresses: true})
		must(t, err)
		ready = v
		c.Vault, c.Connections, c.Providers = v, nil, nil
	})
	if s.Vault() != ready {
		t.Error("another vault")
	}
	s.store = ready.Store()
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	b := s.browser()
	if a := b.flow("/login/acme", "1"); a.location != "/profile" || b.whoami() != matt {
		t.Errorf("%d %q", a.status, a.location)
	}
}
