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
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/mailtest"
	"github.com/gosocial/social/secret"
)

// A user changes the e-mail address, and who has the one before takes that back.
func ExampleAccounts_RequestEmailChange() {
	box := new(mailtest.Box) // elsewhere a *mail.Queue
	acc, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "http://localhost:8080", Mail: box})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("POST /change-email", acc.RequireFresh(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := acc.RequestEmailChange(r, r.FormValue("email"), ""); err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		}
	}), "email"))
	// The pages of GET have one button, and call CheckEmailChange and CheckEmailUndo.
	mux.HandleFunc("POST /change-email/{token}", func(w http.ResponseWriter, r *http.Request) {
		switch err := acc.ChangeEmail(r, r.PathValue("token")); {
		case errors.Is(err, accounts.ErrNotSignedIn):
			http.Redirect(w, r, "/login?next="+r.URL.Path, http.StatusSeeOther) // the link stays good
		case err != nil:
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	mux.HandleFunc("POST /change-email/undo/{token}", func(w http.ResponseWriter, r *http.Request) {
		if err := acc.UndoEmailChange(r, r.PathValue("token")); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})

	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if err := acc.LogIn(w, r, r.FormValue("email"), secret.Text(r.FormValue("password")), false); err != nil {
			http.Error(w, "That did not work.", http.StatusUnauthorized)
		}
	})
	if _, err := acc.Create(context.Background(), accounts.NewUser{Email: "old@lp.com", Password: "correct horse", EmailVerified: true}); err != nil {
		log.Fatal(err)
	}
	application := acc.Middleware(mux)
	visit, stranger := newCaller(application), newCaller(application)
	visit("POST /login", "email", "old@lp.com", "password", "correct horse")
	fmt.Println(visit("POST /change-email", "email", "new@lp.com"))
	letter, _ := box.Last(mail.KindChangeEmail, "new@lp.com")
	path := strings.TrimPrefix(letter.Link, "http://localhost:8080")
	fmt.Println(strings.HasPrefix(stranger("POST "+path), "303 /login?next=/change-email/"))
	fmt.Println(visit("POST " + path))
	fmt.Println(visit("POST /login", "email", "new@lp.com", "password", "correct horse"))
	letter, _ = box.Last(mail.KindEmailChanged, "old@lp.com")
	fmt.Println(visit("POST " + strings.TrimPrefix(letter.Link, "http://localhost:8080")))
	fmt.Println(visit("POST /login", "email", "new@lp.com", "password", "correct horse"))
	// Output:
	// 200
	// true
	// 200
	// 200
	// 200
	// 401 That did not work.
}

// A user signs in by a link in a mail, or by the code in it.
func ExampleAccounts_RequestMagicLink() {
	box := new(mailtest.Box) // elsewhere a *mail.Queue
	acc, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "http://localhost:8080", Mail: box, MagicLink: true})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /magic-link", func(w http.ResponseWriter, r *http.Request) {
		if err := acc.RequestMagicLink(w, r, r.FormValue("email"), ""); err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		}
	})
	mux.HandleFunc("POST /magic-link/code", func(w http.ResponseWriter, r *http.Request) {
		if err := acc.LogInByCode(w, r, r.FormValue("email"), r.FormValue("code")); err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
		}
	})
	// The page of GET has one button, and calls CheckMagicLink.
	mux.HandleFunc("POST /magic-link/{token}", func(w http.ResponseWriter, r *http.Request) {
		if err := acc.LogInByLink(w, r, r.PathValue("token")); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})

	if _, err := acc.Create(context.Background(), accounts.NewUser{Email: "matt@lp.com", EmailVerified: true}); err != nil {
		log.Fatal(err)
	}
	visit := newCaller(acc.Middleware(mux))
	fmt.Println(visit("POST /magic-link", "email", "matt@lp.com"))
	letter, _ := box.Last(mail.KindMagicLink, "matt@lp.com")
	fmt.Println(visit("POST /magic-link/code", "email", "matt@lp.com", "code", letter.Code))
	fmt.Println(visit("POST " + strings.TrimPrefix(letter.Link, "http://localhost:8080"))) // ended by the code
	// Output:
	// 200
	// 200
	// 400 accounts: the link is not good any more
}
