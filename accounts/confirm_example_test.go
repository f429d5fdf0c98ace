package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/mailtest"
	"github.com/gosocial/social/secret"
)

// A visitor registers, and confirms the address in the same browser or another one.
func ExampleAccounts_ConfirmEmail() {
	box := new(mailtest.Box) // elsewhere a *mail.Queue
	acc, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "http://localhost:8080", Mail: box, ConfirmEmail: true})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /register", func(w http.ResponseWriter, r *http.Request) {
		reg := identity.Registration{Email: r.FormValue("email"), Password: secret.Text(r.FormValue("password"))}
		if err := acc.RegisterToConfirm(w, r, reg, ""); err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		fmt.Fprint(w, "A link is on its way.")
	})
	mux.HandleFunc("GET /confirm/{token}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Referrer-Policy", "no-referrer") // the page's address is a secret
		w.Header().Set("Cache-Control", "no-store")
		switch u, here, err := acc.CheckConfirmation(r, r.PathValue("token")); {
		case err != nil:
			http.Error(w, "This link is not good any more.", http.StatusBadRequest)
		case here:
			fmt.Fprintf(w, "A form with one button: confirm %s", u.Email)
		default:
			fmt.Fprint(w, "A form with the field password, and another with a button: this was not me")
		}
	})
	mux.HandleFunc("POST /confirm/{token}", func(w http.ResponseWriter, r *http.Request) {
		c := accounts.Confirmer{Password: secret.Text(r.FormValue("password")), NotMe: r.FormValue("not_me") != ""}
		switch err := acc.ConfirmEmail(w, r, r.PathValue("token"), c); {
		case errors.Is(err, accounts.ErrCredentials):
			http.Error(w, "That is not the password.", http.StatusUnauthorized)
		case err != nil:
			http.Error(w, err.Error(), http.StatusBadRequest)
		default:
			fmt.Fprintf(w, "%s is signed in", accounts.Current(r.Context()).Email)
		}
	})
	application := acc.Middleware(mux)
	do := func(method, path string, form url.Values) string {
		r := httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		application.ServeHTTP(w, r)
		return w.Body.String()
	}
	fmt.Println(do("POST", "/register", url.Values{"email": {"jane@lp.com"}, "password": {"correct horse"}}))
	letter, _ := box.Last(mail.KindConfirm, "jane@lp.com")
	path := strings.TrimPrefix(letter.Link, "http://localhost:8080")
	fmt.Println(do("GET", path, nil)) // without the cookie of the browser that registered
	fmt.Println(do("POST", path, url.Values{"password": {"correct horse"}}))
	// Output:
	// A link is on its way.
	// A form with the field password, and another with a button: this was not me
	// jane@lp.com is signed in
}
