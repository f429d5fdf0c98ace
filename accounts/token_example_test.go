package accounts_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/identity"
)

// A page makes an API token, and a program uses it.
func ExampleAccounts_CreateToken() {
	acc, err := accounts.New(accounts.Config{
		Store: memstore.New(), AppURL: "http://localhost:8080",
		APITokens: true, TokenScopes: map[string]string{"notes.read": "read your notes"},
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("POST /tokens", acc.RequireFresh(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _, err := acc.CreateToken(r, accounts.NewToken{Name: r.FormValue("name"), Scopes: r.Form["scopes"]})
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Fprint(w, text.Reveal()) // it cannot be read again
	})))
	mux.Handle("GET /notes", acc.RequireScope("notes.read", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "the notes of ", accounts.Current(r.Context()).Email)
	})))
	app := acc.Middleware(mux)

	// Matt signs in, and makes a token.
	user, err := acc.Create(context.Background(), accounts.NewUser{Email: "matt@example.com"})
	if err != nil {
		log.Fatal(err)
	}
	browser := httptest.NewRecorder()
	if err := acc.SignIn(browser, httptest.NewRequest("POST", "/login", nil), identity.SignIn{UserID: user.ID, Via: identity.ViaPassword}); err != nil {
		log.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/tokens?name=deploy&scopes=notes.read", nil)
	for _, c := range browser.Result().Cookies() {
		r.AddCookie(c)
	}
	made := httptest.NewRecorder()
	app.ServeHTTP(made, r)

	for _, token := range []string{made.Body.String(), "soc_wrong"} {
		r := httptest.NewRequest("GET", "/notes", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		fmt.Printf("%d %q\n", w.Code, w.Header().Get("WWW-Authenticate"))
	}
	// Output:
	// 200 ""
	// 401 "Bearer error=\"invalid_token\""
}
