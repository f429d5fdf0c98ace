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
