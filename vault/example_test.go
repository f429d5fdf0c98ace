package vault_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/gosocial/social"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

var (
	github  oauth.Provider // from package providers
	keyText string         // from the configuration
)

func Example() {
	keys, err := keyring.Parse(keyText)
	if err != nil {
		panic(err)
	}
	v, err := vault.New(vault.Config{
		Store:     memstore.New(), // sqlstore in production
		Keys:      keys,
		Providers: []oauth.Provider{github},
	})
	if err != nil {
		panic(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go v.Run(ctx)                      // jobs, such as revocations that failed
	defer v.Wait(context.Background()) // no refreshed token is lost at the end
}

// applications is a Source: each tenant has applications of its own at providers.
type applications struct {
	mu       sync.RWMutex
	byTenant map[string][]oauth.Provider
}

func (a *applications) Providers(ctx context.Context) ([]oauth.Provider, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.byTenant[social.Tenant(ctx)], nil
}

func (a *applications) Provider(ctx context.Context, id string) (oauth.Provider, error) {
	all, err := a.Providers(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if p.Description().ID == id {
			return p, nil // the same pointer until it is replaced
		}
	}
	return nil, vault.ErrUnknownProvider
}

// set replaces a tenant's providers while the program runs.
func (a *applications) set(tenant string, list ...oauth.Provider) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.byTenant[tenant] = list
}

func ExampleSource() {
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		panic(err)
	}
	source := &applications{byTenant: map[string][]oauth.Provider{}}
	v, err := vault.New(vault.Config{Store: memstore.New(), Keys: keys, Source: source})
	if err != nil {
		panic(err)
	}
	acme := social.WithTenant(context.Background(), "acme")

	_, err = v.Provider(acme, "hub")
	fmt.Println(errors.Is(err, vault.ErrUnknownProvider))

	source.set("acme", &oauth.OAuth2{
		ID:          "hub",
		Credentials: []oauth.Credentials{{ClientID: "acme-1", ClientSecret: "…"}},
		Endpoints: oauth.Endpoints{Authorize: "https://hub.example.com/authorize", Token: "https://hub.example.com/token",
			UserInfo: "https://hub.example.com/me"},
		Profile: oauth.Mapping{Subject: "id"},
	})
	_, err = v.Provider(acme, "hub")
	fmt.Println(err)
	_, err = v.Provider(context.Background(), "hub") // the default tenant
	fmt.Println(errors.Is(err, vault.ErrUnknownProvider))
	// Output:
	// true
	// <nil>
	// true
}

func ExampleVault_Client() {
	var v *vault.Vault
	starred := func(ctx context.Context, userID string) (*http.Response, error) {
		c, err := v.Default(ctx, userID, "github")
		if err != nil {
			return nil, err // vault.ErrNoConnection: the user has none
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.github.com/user/starred", nil)
		if err != nil {
			return nil, err
		}
		resp, err := v.Client(c).Do(req)
		if errors.Is(err, vault.ErrNeedsReauthorization) {
			return nil, fmt.Errorf("send the user to connect again: %w", err)
		}
		return resp, err
	}
	_ = starred
}

// A command line connects an account: its user consents in any browser.
func ExampleVault_DeviceAuthorize() {
	ctx := context.Background()
	soc, err := social.New(social.Config{}) // as the application's
	if err != nil {
		panic(err)
	}
	device, err := soc.Vault().DeviceAuthorize(ctx, "github", nil)
	if err != nil {
		panic(err)
	}
	fmt.Printf("Open %s and enter %s\n", device.VerificationURI, device.UserCode)
	grant, err := device.Wait(ctx)
	if err != nil {
		panic(err) // oauth.ErrDenied, or oauth.ErrDeviceExpired
	}
	connection, err := soc.AddConnection(ctx, "the user's ID", grant)
	if err != nil {
		panic(err) // vault.ErrTaken: it is another user's
	}
	fmt.Println("Connected:", connection.DisplayName)
}
