package mysql_test

import (
	"context"
	"fmt"
	"log"

	"github.com/gosocial/social/sqlstore/mysql"
)

func ExampleOpen() {
	ctx := context.Background()
	store, err := mysql.Open(ctx, "mysql://app:secret@127.0.0.1:3306/app", mysql.Migrate())
	if err != nil {
		log.Fatal(err) // it names the host and the database, and never the password
	}
	defer store.Close()

	status, err := store.Status(ctx)
	fmt.Println(status.Err(), err)
}
