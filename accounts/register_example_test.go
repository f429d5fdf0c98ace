package accounts_test

import (
	"errors"
	"fmt"
	"log"
	"net/http"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/secret"
)

// A visitor registers and is signed in. All fields that are wrong are told at once. With
// Config.ConfirmEmail call RegisterToConfirm instead: see the example of ConfirmEmail.
func ExampleAccounts_Register() {
	acc, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "http://localhost:8080"})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /register", func(w http.ResponseWriter, r *http.Request) {
		id, err := acc.Register(r.Context(), identity.Registration{Email: r.FormValue("email"), Password: secret.Text(r.FormValue("password"))})
		if throttled := (*accounts.ThrottledError)(nil); errors.As(err, &throttled) {
			http.Error(w, "Too many registrations.", http.StatusTooManyRequests)
			return
		} else if err != nil { // *FieldError, or several joined
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		if err := acc.SignIn(w, r, identity.SignIn{UserID: id, Via: identity.ViaPassword}); err != nil {
			http.Error(w, "Sign in later.", http.StatusServiceUnavailable)
			return
		}
		http.Redirect(w, r, "/profile", http.StatusSeeOther)
	})

	visit := newCaller(acc.Middleware(mux))
	fmt.Println(visit("POST /register", "email", "matt", "password", "short"))
	fmt.Println(visit("POST /register", "email", "matt@lp.com", "password", "correct horse"))
	fmt.Println(visit("POST /register", "email", "MATT@lp.com", "password", "correct horse"))
	// Output:
	// 422 Invalid email address
	// Password must be at least 8 characters
	// 303 /profile
	// 422 MATT@lp.com is already associated with an account
}
