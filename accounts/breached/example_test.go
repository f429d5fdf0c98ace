package breached_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/breached"
	"github.com/gosocial/social/accounts/memstore"
)

// Without an address it asks Pwned Passwords; here a server of one's own answers.
func ExampleNew() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "C62ECE399A22ED30D490EF333BE7FDE7385:12") // after /range/ and five digits
	}))
	defer server.Close()
	passwords, err := breached.New(breached.Options{Address: server.URL, AllowPrivateAddresses: true})
	if err != nil {
		log.Fatal(err)
	}
	acc, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "http://localhost:8080", Breached: passwords})
	if err != nil {
		log.Fatal(err)
	}
	_, err = acc.Create(context.Background(), accounts.NewUser{Email: "matt@lp.com", Password: "correct horse battery"})
	fmt.Println(err)
	// Output: Password on breached list: choose another
}
