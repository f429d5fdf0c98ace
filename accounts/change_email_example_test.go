package accounts_test

import (
	"errors"
	"log"
	"net/http"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/mail/mailtest"
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
	http.Handle("/", acc.Middleware(mux))
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
	http.Handle("/magic-link/", acc.Middleware(mux))
}
