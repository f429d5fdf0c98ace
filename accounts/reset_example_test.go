package accounts_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/mailtest"
	"github.com/gosocial/social/secret"
)

// A user who has forgotten the password sets another one by a mailed link.
func ExampleAccounts_RequestReset() {
	box := new(mailtest.Box) // elsewhere a *mail.Queue
	acc, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "http://localhost:8080", Mail: box})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /reset", func(w http.ResponseWriter, r *http.Request) {
		if err := acc.RequestReset(r, r.FormValue("email"), ""); err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		fmt.Fprint(w, "If there is an account with this address, a link is on its way.")
	})
	mux.HandleFunc("GET /reset/{token}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Referrer-Policy", "no-referrer") // the page's address is a secret
		w.Header().Set("Cache-Control", "no-store")
		if _, err := acc.CheckReset(r.Context(), r.PathValue("token")); err != nil {
			http.Error(w, "This link is not good any more.", http.StatusBadRequest)
			return
		}
		fmt.Fprint(w, `<form method="post"><input type="password" name="password"><button>Set</button></form>`)
	})
	mux.HandleFunc("POST /reset/{token}", func(w http.ResponseWriter, r *http.Request) {
		if err := acc.ResetPassword(w, r, r.PathValue("token"), secret.Text(r.FormValue("password"))); err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		http.Redirect(w, r, "/login", http.StatusSeeOther)
	})
	application := acc.Middleware(mux)

	post := func(path string, form url.Values) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		application.ServeHTTP(w, r)
		return w
	}
	fmt.Println(post("/reset", url.Values{"email": {"matt@lp.com"}}).Body)
	if _, err := acc.Create(context.Background(), accounts.NewUser{Email: "matt@lp.com"}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(post("/reset", url.Values{"email": {"matt@lp.com"}}).Body)
	letter, _ := box.Last(mail.KindReset, "matt@lp.com")
	w := post(strings.TrimPrefix(letter.Link, "http://localhost:8080"), url.Values{"password": {"correct horse"}})
	fmt.Println(w.Code, w.Header().Get("Location"))
	// Output:
	// If there is an account with this address, a link is on its way.
	// If there is an account with this address, a link is on its way.
	// 303 /login
}
