package tenants_test

import (
	"context"
	"fmt"

	"github.com/gosocial/social"
	"github.com/gosocial/social/document/memstore"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/tenants"
)

// A tenant brings its own application at a provider. Config.Source of package social takes the
// directory, and what an administrator changes takes hold without a restart.
func Example() {
	ctx := context.Background()
	keys, _ := keyring.Parse(keyring.NewKey().Reveal())
	directory, err := tenants.New(tenants.Config{Documents: memstore.New(), Keys: keys}) // in production *sqlstore.Store
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = directory.CreateTenant(ctx, tenants.Tenant{ID: "acme", Name: "Acme", Domains: []tenants.Domain{{Domain: "acme.example", Verified: true}}})
	if err != nil {
		fmt.Println(err)
	}
	_, err = directory.CreateApp(ctx, tenants.App{
		Tenant: "acme", Provider: "google", Enabled: true,
		Credentials: []tenants.Credentials{{ClientID: "123.apps.example", Secret: "the secret"}},
	})
	if err != nil {
		fmt.Println(err)
	}

	// social.New(social.Config{Source: directory, …})
	list, err := directory.Providers(social.WithTenant(ctx, "acme"))
	for _, p := range list {
		fmt.Println(p.Description().Name, err)
	}
	found, _ := directory.ByDomain(ctx, "acme.example")
	fmt.Println(found.ID)
	// Output:
	// Google <nil>
	// acme
}
