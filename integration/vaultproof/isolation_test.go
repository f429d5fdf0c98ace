package vaultproof_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

const (
	concurrency        = 64  // the vault's limit of protocol calls to one provider at once
	faultyConnections  = 140 // half of them are due for a refresh, which is more than the limit
	healthyConnections = 8   // new ones for each fault, all due for a refresh
	healthyCalls       = 10
)

// A faulty provider with more calls than the limit delays neither calls nor refreshes
// of another provider.
func TestVault12_FaultsHarmOnlyTheirProvider(t *testing.T) {
	faulty, healthy := startPretend(t, "faulty"), startPretend(t, "healthy")
	const timeout = 4 * time.Second
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "social.db"), sqlite.Migrate())
	if err != nil {
		t.Fatal(err)
	}
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	arrivals := &arrivals{RoundTripper: http.DefaultTransport.(*http.Transport).Clone(), host: faulty.host}
	v, err := vault.New(vault.Config{
		Store: store, Keys: keys, Providers: []oauth.Provider{faulty.provider, healthy.provider}, Transport: arrivals,
		AllowPrivateAddresses: true, Timeout: timeout,
		Limits: vault.Limits{CallTimeout: timeout, Concurrency: concurrency, MaxResponse: 1 << 20},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := v.Wait(ctx); err != nil {
			t.Error(err)
		}
		store.Close()
	})

	normal := healthy.use(t, v, healthy.connect(t, v))
	t.Logf("normal: %v", normal)
	for _, fault := range []struct {
		name string
		socialtest.Fault
	}{
		{"hangs", socialtest.Hang()},
		{"drips", socialtest.Drip(100 * time.Millisecond)},
		{"sends 2 GB", socialtest.Bytes(2 << 30)},
		{"resets", socialtest.Reset()},
	} {
		faulty.ServeWith(socialtest.EndpointToken, fault.Fault)
		faulty.ServeWith(socialtest.EndpointUserInfo, fault.Fault)
		users := healthy.connect(t, v)
		ctx, end := context.WithCancel(t.Context())
		saturated := arrivals.expect(concurrency)
		var wg sync.WaitGroup
		for i := range faultyConnections {
			// Half of them have to be refreshed, and half call the API.
			g := &oauth.Grant{ProviderID: "faulty", Profile: oauth.Profile{Subject: rand.Text()},
				Token: oauth.Token{Access: "any", Refresh: "any", Type: "Bearer", Expiry: time.Now().Add(time.Duration(i%2*2-1) * time.Hour)}}
			c, err := v.Connect(t.Context(), "user", g)
			if err != nil {
				t.Fatal(err)
			}
			wg.Go(func() {
				// Once a second is enough to use up the limit, and spares the processor.
				for ctx.Err() == nil {
					faulty.call(ctx, v, c)
					select {
					case <-ctx.Done():
					case <-time.After(time.Second):
					}
				}
			})
		}
		<-saturated
		got := healthy.use(t, v, users)
		end()
		wg.Wait()
		t.Logf("while the faulty provider %s: %v", fault.name, got)
		// A call that waits for the faulty provider takes its whole timeout. A busy machine
		// may take up to three quarters of that.
		if got.longest > timeout*3/4 {
			t.Errorf("while the faulty provider %s, a call took %v", fault.name, got.longest)
		}
		if limit := 10 * normal.longest; got.median > limit {
			t.Errorf("while the faulty provider %s, calls took %v, the longest normal one %v", fault.name, got.median, normal.longest)
		}
	}
}

// A pretend is a pretend provider on a server of its own.
type pretend struct {
	*socialtest.Provider
	provider *oauth.OAuth2
	api      string
	host     string
}

func startPretend(t *testing.T, id string) *pretend {
	p := socialtest.Start(t).Provider("hub")
	at := p.Endpoints()
	u, err := url.Parse(at.UserInfo)
	if err != nil {
		t.Fatal(err)
	}
	return &pretend{p, &oauth.OAuth2{
		ID: id, Credentials: []oauth.Credentials{p.Register(socialtest.App{RedirectURIs: []string{redirectURI}})}, Endpoints: at,
		Profile: oauth.Mapping{Subject: "id"},
	}, at.UserInfo, u.Host}
}

// call calls the API for the user once.
func (p *pretend) call(ctx context.Context, v *vault.Vault, c vault.Connection) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.api, nil)
	if err != nil {
		return err
	}
	resp, err := v.Client(c).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

type latency struct{ median, longest time.Duration }

func (l latency) String() string { return fmt.Sprintf("median %v, longest %v", l.median, l.longest) }

// connect makes connections of new users, whose tokens have expired.
func (p *pretend) connect(t *testing.T, v *vault.Vault) (users []vault.Connection) {
	t.Helper()
	for range healthyConnections {
		g := p.grant(t, v)
		g.Token.Expiry = time.Now().Add(-time.Minute)
		c, err := v.Connect(t.Context(), "user", g)
		if err != nil {
			t.Fatal(err)
		}
		users = append(users, c)
	}
	return users
}

// use calls the API for each of the users, the first time after a refresh.
func (p *pretend) use(t *testing.T, v *vault.Vault, users []vault.Connection) latency {
	t.Helper()
	var took []time.Duration
	for _, c := range users {
		for range healthyCalls {
			began := time.Now()
			if err := p.call(t.Context(), v, c); err != nil {
				t.Errorf("a healthy provider's call: %v", err)
			}
			took = append(took, time.Since(began))
		}
	}
	slices.Sort(took)
	return latency{took[len(took)/2], took[len(took)-1]}
}

// grant goes through a flow as a new user.
func (p *pretend) grant(t *testing.T, v *vault.Vault) *oauth.Grant {
	t.Helper()
	p.Approve(p.AddUser(socialtest.User{Subject: strconv.Itoa(1e9 + mrand.IntN(1e9))}).Subject)
	client, err := v.Provider(t.Context(), p.provider.ID)
	if err != nil {
		t.Fatal(err)
	}
	pending, err := client.Begin(t.Context(), oauth.Request{State: rand.Text(), RedirectURI: redirectURI})
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.Get(pending.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	to, err := resp.Location()
	if err != nil {
		t.Fatal(err)
	}
	g, err := client.Complete(t.Context(), pending, to.Query())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// arrivals counts protocol calls to a host.
type arrivals struct {
	http.RoundTripper
	host string

	mu   sync.Mutex
	left int
	done chan struct{}
}

// expect returns a channel that is closed after n further calls.
func (a *arrivals) expect(n int) <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left, a.done = n, make(chan struct{})
	return a.done
}

func (a *arrivals) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == a.host && r.Method == http.MethodPost {
		a.mu.Lock()
		if a.left--; a.left == 0 {
			close(a.done)
		}
		a.mu.Unlock()
	}
	return a.RoundTripper.RoundTrip(r)
}
