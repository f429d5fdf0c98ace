package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/secret"
)

func Example() {
	acc, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "http://localhost:8080"})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /profile", acc.RequireLogin(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "Hello %s", accounts.Current(r.Context()).Email)
	})))
	server := httptest.NewServer(acc.Middleware(mux))
	defer server.Close()

	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Get(server.URL + "/profile")
	if err != nil {
		log.Fatal(err)
	}
	io.Copy(io.Discard, res.Body)
	res.Body.Close()
	fmt.Println(res.StatusCode, res.Header.Get("Location"))
	// Output: 303 /login?next=%2Fprofile
}

func ExampleAccounts_LogIn() {
	acc, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "http://localhost:8080"})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		err := acc.LogIn(w, r, r.PostFormValue("email"), secret.Text(r.PostFormValue("password")), r.PostFormValue("remember") != "")
		var throttled *accounts.ThrottledError
		switch {
		case err == nil:
			http.Redirect(w, r, "/profile", http.StatusSeeOther)
		case errors.Is(err, accounts.ErrCredentials), errors.Is(err, accounts.ErrInactive):
			http.Error(w, "That did not work.", http.StatusUnauthorized)
		case errors.As(err, &throttled):
			w.Header().Set("Retry-After", strconv.Itoa(int(throttled.RetryAfter.Seconds())))
			http.Error(w, "Too many attempts.", http.StatusTooManyRequests)
		default: // accounts.ErrBusy, or the store failed
			http.Error(w, "Try again soon.", http.StatusServiceUnavailable)
		}
	})

	if _, err := acc.Create(context.Background(), accounts.NewUser{Email: "matt@lp.com", Username: "matt", Password: "correct horse"}); err != nil {
		log.Fatal(err)
	}
	visit := newCaller(acc.Middleware(mux))
	fmt.Println(visit("POST /login", "email", "matt@lp.com", "password", "a guess"))
	fmt.Println(visit("POST /login", "email", "nobody@lp.com", "password", "a guess"))
	fmt.Println(visit("POST /login", "email", "matt", "password", "correct horse", "remember", "1"))
	// Output:
	// 401 That did not work.
	// 401 That did not work.
	// 303 /profile
}

func ExampleAccounts_Create() {
	acc, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "http://localhost:8080"})
	if err != nil {
		log.Fatal(err)
	}
	u, err := acc.Create(context.Background(), accounts.NewUser{Email: "matt@lp.com", Password: "correct horse battery", EmailVerified: true})
	fmt.Println(u.Email, u.Active, err)
	_, err = acc.Create(context.Background(), accounts.NewUser{Email: "MATT@lp.com"})
	var field *accounts.FieldError
	fmt.Println(errors.As(err, &field) && field.Taken(), err)
	// Output:
	// matt@lp.com true <nil>
	// true MATT@lp.com is already associated with an account
}

// RequireFresh guards what needs a recent proof of who the user is. The page that it
// redirects to takes the password; here the form of the new address keeps what was entered.
func ExampleAccounts_RequireFresh() {
	now := time.Now()
	acc, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "http://localhost:8080", Now: func() time.Time { return now }})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if err := acc.LogIn(w, r, r.FormValue("email"), secret.Text(r.FormValue("password")), false); err != nil {
			http.Error(w, "That did not work.", http.StatusUnauthorized)
		}
	})
	mux.Handle("POST /address", acc.RequireFresh(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "Parcels go to %s from now on.", r.FormValue("street"))
	}), "street"))
	mux.Handle("POST /verify", acc.RequireLogin(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch err := acc.Reauthenticate(r, secret.Text(r.PostFormValue("password"))); {
		case err == nil:
			http.Redirect(w, r, "/address", http.StatusSeeOther) // or a checked "next"
		case errors.Is(err, accounts.ErrCredentials):
			http.Error(w, "Invalid password", http.StatusUnauthorized)
		default: // *accounts.ThrottledError, accounts.ErrBusy, or the store failed
			http.Error(w, "Try again later.", http.StatusServiceUnavailable)
		}
	})))

	if _, err := acc.Create(context.Background(), accounts.NewUser{Email: "matt@lp.com", Password: "correct horse"}); err != nil {
		log.Fatal(err)
	}
	visit := newCaller(acc.Middleware(mux))
	visit("POST /login", "email", "matt@lp.com", "password", "correct horse")
	fmt.Println(visit("POST /address", "street", "Main Road 1"))
	now = now.Add(time.Hour)
	fmt.Println(visit("POST /address", "street", "Main Road 2"))
	fmt.Println(visit("POST /verify", "password", "a guess"))
	fmt.Println(visit("POST /verify", "password", "correct horse"))
	fmt.Println(visit("POST /address", "street", "Main Road 2"))
	// Output:
	// 200 Parcels go to Main Road 1 from now on.
	// 303 /verify
	// 401 Invalid password
	// 303 /address
	// 200 Parcels go to Main Road 2 from now on.
}
