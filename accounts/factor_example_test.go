package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"strings"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/secret"
)

// A user sets up an authenticator application: show what SetUpTOTP returns as text, and with
// totp.QR as a picture, and ask for a code of it. After the next log-in RequireLogin leads
// to Config.FactorPage, which takes a code or a recovery code. After a log-in through a
// provider, which social keeps, call ProveFactor and social.Social.Finish instead.
func ExampleAccounts_FinishFactor() {
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		log.Fatal(err)
	}
	acc, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "http://localhost:8080", Keys: keys})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if err := acc.LogIn(w, r, r.FormValue("email"), secret.Text(r.FormValue("password")), false); err != nil {
			http.Error(w, "That did not work.", http.StatusUnauthorized)
		}
	})
	mux.HandleFunc("POST /security/totp", func(w http.ResponseWriter, r *http.Request) {
		setup, err := acc.SetUpTOTP(r)
		if err != nil { // ErrNotSignedIn or ErrNotFresh
			http.Error(w, "Sign in again.", http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, setup.Secret.Reveal())
	})
	mux.HandleFunc("POST /security/totp/confirm", func(w http.ResponseWriter, r *http.Request) {
		codes, err := acc.ConfirmTOTP(w, r, secret.Text(r.FormValue("code")))
		if err != nil {
			http.Error(w, "Invalid code", http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, strings.Join(codes, " ")) // the only time that they are told
	})
	mux.HandleFunc("POST /two-factor", func(w http.ResponseWriter, r *http.Request) {
		kind := accounts.FactorTOTP
		if r.FormValue("recovery") != "" {
			kind = accounts.FactorRecoveryCode
		}
		err := acc.FinishFactor(w, r, accounts.FactorAnswer{Kind: kind, Shown: secret.Text(r.FormValue("code"))})
		switch {
		case errors.Is(err, accounts.ErrFactor):
			http.Error(w, "Invalid code", http.StatusUnauthorized)
		case err != nil: // ErrNotSignedIn, *ThrottledError
			http.Error(w, "Sign in again.", http.StatusUnauthorized)
		}
	})
	mux.Handle("GET /profile", acc.RequireLogin(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "Hello ", accounts.Current(r.Context()).Email)
	})))

	if _, err := acc.Create(context.Background(), accounts.NewUser{Email: "matt@lp.com", Password: "correct horse"}); err != nil {
		log.Fatal(err)
	}
	visit := newCaller(acc.Middleware(mux))
	visit("POST /login", "email", "matt@lp.com", "password", "correct horse")
	shown := strings.TrimPrefix(visit("POST /security/totp"), "200 ")
	codes := strings.Fields(visit("POST /security/totp/confirm", "code", codeOf(shown)))[1:]
	fmt.Println(len(codes), "recovery codes")

	visit("POST /login", "email", "matt@lp.com", "password", "correct horse")
	fmt.Println(visit("GET /profile"))
	fmt.Println(visit("POST /two-factor", "code", "000000"))
	fmt.Println(visit("POST /two-factor", "code", codes[0], "recovery", "1"))
	fmt.Println(visit("GET /profile"))
	// Output:
	// 10 recovery codes
	// 303 /two-factor?next=%2Fprofile
	// 401 Invalid code
	// 200
	// 200 Hello matt@lp.com
}
