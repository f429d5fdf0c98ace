package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"

	_ "modernc.org/sqlite"

	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/vault"
)

// ours opens a database as an application does, with a table of people, and a store
// on it that keeps connections alone.
func ours() (*sql.DB, *sqlstore.Store) {
	db, err := sql.Open("sqlite", "file:/people?vfs=memdb&_txlock=immediate&_pragma=foreign_keys(1)")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := db.Exec(`CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT UNIQUE)`); err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(1) // it is in memory
	store, err := sqlstore.New(sqlstore.Config{DB: db, Dialect: sqlstore.SQLite, ConnectionsOnly: true, OnClose: db.Close})
	if err != nil {
		log.Fatal(err)
	}
	if err := store.Migrate(context.Background()); err != nil {
		log.Fatal(err)
	}
	return db, store
}

// A person and their connection, or neither, in a transaction that the application
// began.
func Example_applicationTransaction() {
	db, store := ours()
	defer store.Close()
	ctx := context.Background()

	signUp := func(name, subject string) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		var id int64
		if err := tx.QueryRowContext(ctx, `INSERT INTO people (name) VALUES (?) RETURNING id`, name).Scan(&id); err != nil {
			return err
		}
		c := vault.Connection{ID: "connection of " + name, UserID: fmt.Sprint(id), ProviderID: "google", ProviderUserID: subject}
		if _, err := store.Insert(store.WithTx(ctx, tx), c, []byte("the sealed token")); err != nil {
			return err
		}
		return tx.Commit()
	}
	fmt.Println(signUp("ann", "117"))
	fmt.Println(errors.Is(signUp("bob", "117"), vault.ErrTaken)) // ann's account

	var people int
	fmt.Println(db.QueryRow(`SELECT count(*) FROM people`).Scan(&people), people)
	// Output:
	// <nil>
	// true
	// <nil> 1
}

// The application's own statements in a transaction that the store began, as it does
// for a sign-up.
func Example_storeTransaction() {
	db, store := ours()
	defer store.Close()

	err := store.InTx(context.Background(), func(ctx context.Context) error {
		tx, _ := store.Tx(ctx)
		if _, err := tx.ExecContext(ctx, `INSERT INTO people (name) VALUES ('ann')`); err != nil {
			return err
		}
		_, err := store.ByIdentity(ctx, vault.Identity{ProviderID: "google", ProviderUserID: "117"})
		return err // no user has it
	})
	fmt.Println(errors.Is(err, vault.ErrNoConnection))

	var people int
	fmt.Println(db.QueryRow(`SELECT count(*) FROM people`).Scan(&people), people)
	// Output:
	// true
	// <nil> 0
}
