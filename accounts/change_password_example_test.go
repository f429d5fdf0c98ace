package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/secret"
)

// A signed-in user changes the password with the current one, or sets a first one after a
// recent proof, and the username.
func ExampleAccounts_ChangePassword() {
	acc, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "http://localhost:8080"})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if err := acc.LogIn(w, r, r.FormValue("email"), secret.Text(r.FormValue("password")), false); err != nil {
			http.Error(w, "That did not work.", http.StatusUnauthorized)
		}
	})
	mux.Handle("POST /change-password", acc.RequireLogin(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var field *accounts.FieldError
		switch err := acc.ChangePassword(r, secret.Text(r.FormValue("current")), secret.Text(r.FormValue("new"))); {
		case err == nil:
			http.Redirect(w, r, "/profile", http.StatusSeeOther)
		case errors.Is(err, accounts.ErrNotFresh):
			http.Redirect(w, r, "/verify?next=/change-password", http.StatusSeeOther)
		case errors.As(err, &field):
			http.Error(w, field.Error(), http.StatusUnprocessableEntity)
		default: // ErrCredentials, *ThrottledError, ErrBusy
			http.Error(w, err.Error(), http.StatusUnauthorized)
		}
	})))
	mux.Handle("POST /change-username", acc.RequireFresh(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := acc.ChangeUsername(r, r.FormValue("username")); err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		}
	}), "username"))

	if _, err := acc.Create(context.Background(), accounts.NewUser{Email: "matt@lp.com", Password: "correct horse"}); err != nil {
		log.Fatal(err)
	}
	visit := newCaller(acc.Middleware(mux))
	fmt.Println(visit("POST /login", "email", "matt@lp.com", "password", "correct horse"))
	fmt.Println(visit("POST /change-password", "current", "correct horse", "new", "password"))
	fmt.Println(visit("POST /change-password", "current", "a guess", "new", "battery staple"))
	fmt.Println(visit("POST /change-password", "current", "correct horse", "new", "battery staple"))
	fmt.Println(visit("POST /change-username", "username", "matt"))
	fmt.Println(visit("POST /login", "email", "matt", "password", "battery staple"))
	// Output:
	// 200
	// 422 That password is one of the most common ones: choose another
	// 401 accounts: wrong e-mail address, username or password
	// 303 /profile
	// 200
	// 200
}
