package vault_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

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
		Store:     memstore.New(), // in life: sqlstore
		Keys:      keys,
		Providers: []oauth.Provider{github},
	})
	if err != nil {
		panic(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go v.Run(ctx)                      // revocations still to do
	defer v.Wait(context.Background()) // no refreshed token is lost at the end
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
