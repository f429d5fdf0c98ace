package accounts_test

import (
	"context"
	"fmt"
	"log"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
)

// Users of another application come with their passwords: the first log-in replaces the
// hash. Config.PasswordSalt is for those of Flask-Security.
func ExampleAccounts_Import() {
	acc, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "http://localhost:8080"})
	if err != nil {
		log.Fatal(err)
	}
	for _, u := range []accounts.ImportedUser{
		{ID: "17", Email: "matt@lp.com", PasswordHash: "$2y$10$0Li9h51Uicu7LSrare5qzO2410h/1Y8h25uuEJfKGRQBc2oC6jurW"},
		{ID: "18", Email: "joe@lp.com", PasswordHash: "$1$salt$qJH7.N4xYta3aEG/dfqo/0"},
		{ID: "17", Email: "matt@lp.com"},
	} {
		fmt.Println(acc.Import(context.Background(), u))
	}
	// Output:
	// true <nil>
	// false accounts: the password hash is not argon2id within bounds, and the hash is not bcrypt, PBKDF2, scrypt or argon2i in the notation of passlib, Django, Werkzeug or PHP
	// false <nil>
}
