package postgres_test

import (
	"context"
	"fmt"
	"log"

	"github.com/gosocial/social/sqlstore/postgres"
)

func ExampleOpen() {
	ctx := context.Background()
	store, err := postgres.Open(ctx, "postgres://app:secret@127.0.0.1:5432/app", postgres.Migrate())
	if err != nil {
		log.Fatal(err) // it names the host and the database, and never the password
	}
	defer store.Close()

	status, err := store.Status(ctx)
	fmt.Println(status.Err(), err)
}
