package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/secret"
)

// A page lists where the user is signed in, and ends one session or all others, which are
// signed out at their next request.
func ExampleAccounts_Sessions() {
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
	user := func(do func(w http.ResponseWriter, r *http.Request, userID string)) http.Handler {
		return acc.RequireLogin(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { do(w, r, accounts.Current(r.Context()).ID) }))
	}
	mux.Handle("GET /sessions", user(func(w http.ResponseWriter, r *http.Request, userID string) {
		list, err := acc.Sessions(r.Context(), userID)
		if err != nil {
			http.Error(w, "Try again later.", http.StatusServiceUnavailable)
		}
		for _, s := range list {
			fmt.Fprintf(w, "from %s by %s, this one: %t\n", s.Address, s.Via, s.ID() == accounts.CurrentSession(r.Context()).ID())
		}
	}))
	mux.Handle("POST /sessions/end", user(func(w http.ResponseWriter, r *http.Request, userID string) {
		if err := acc.EndSession(r.Context(), userID, r.FormValue("id")); errors.Is(err, accounts.ErrNoSession) {
			http.NotFound(w, r)
		}
	}))
	mux.Handle("POST /sessions/end-others", user(func(w http.ResponseWriter, r *http.Request, userID string) {
		n, err := acc.EndSessions(r.Context(), identity.SessionFilter{UserID: userID, KeepCurrent: true})
		fmt.Fprintln(w, n, "ended", err)
	}))

	if _, err := acc.Create(context.Background(), accounts.NewUser{Email: "matt@lp.com", Password: "correct horse"}); err != nil {
		log.Fatal(err)
	}
	application := acc.Middleware(mux)
	phone, laptop := newCaller(application), newCaller(application)
	phone("POST /login", "email", "matt@lp.com", "password", "correct horse")
	laptop("POST /login", "email", "matt@lp.com", "password", "correct horse")
	fmt.Println(laptop("GET /sessions"))
	fmt.Println(laptop("POST /sessions/end", "id", "unknown"))
	fmt.Println(laptop("POST /sessions/end-others"))
	fmt.Println(phone("GET /sessions"))
	// Output:
	// 200 from 192.0.2.1 by password, this one: true
	// from 192.0.2.1 by password, this one: false
	// 404 404 page not found
	// 200 1 ended <nil>
	// 303 /login?next=%2Fsessions
}
