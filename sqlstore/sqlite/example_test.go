package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

func ExampleOpen() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, ":memory:", sqlite.Migrate()) // or "social.db"
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	// A user and their first connection, or neither.
	err = store.InTx(ctx, func(ctx context.Context) error {
		ann := accounts.User{ID: "1", Email: "ann@example.com", Active: true}
		if err := store.InsertUser(ctx, ann); err != nil {
			return err
		}
		c := vault.Connection{ID: "7", UserID: ann.ID, ProviderID: "twitter", ProviderUserID: "12", DisplayName: "@ann"}
		_, err := store.Insert(ctx, c, []byte("the sealed token"))
		return err
	})
	if err != nil {
		log.Fatal(err)
	}

	c, err := store.ByIdentity(ctx, vault.Identity{ProviderID: "twitter", ProviderUserID: "12"})
	fmt.Println(c.UserID, c.DisplayName, err)
	_, err = store.ByIdentity(ctx, vault.Identity{ProviderID: "twitter", ProviderUserID: "13"})
	fmt.Println(errors.Is(err, vault.ErrNoConnection))
	// Output:
	// 1 @ann <nil>
	// true
}

// Two tenants of one store have a user with the same e-mail address and the same
// account at a provider.
func Example_tenants() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, ":memory:", sqlite.Migrate())
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	for _, tenant := range []string{"north", "south"} {
		err := store.InsertUser(ctx, accounts.User{Tenant: tenant, ID: "ann of " + tenant, Email: "ann@example.com"})
		if err != nil {
			log.Fatal(err)
		}
		c := vault.Connection{Tenant: tenant, ID: "connection in " + tenant, UserID: "ann of " + tenant, ProviderID: "google", ProviderUserID: "117"}
		if _, err := store.Insert(ctx, c, []byte("the sealed token")); err != nil {
			log.Fatal(err)
		}
	}

	c, err := store.ByIdentity(ctx, vault.Identity{Tenant: "south", ProviderID: "google", ProviderUserID: "117"})
	fmt.Println(c.UserID, err)
	u, err := store.UserByEmail(ctx, "north", "ann@example.com")
	fmt.Println(u.ID, err)
	// Output:
	// ann of south <nil>
	// ann of north <nil>
}
