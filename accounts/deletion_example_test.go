package accounts_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/secret"
)

// A user deletes the account, and has two weeks to come back for it. Jobs deletes those that
// are due; here it is done by hand.
func ExampleAccounts_RequestDeletion() {
	now := time.Date(2030, time.May, 1, 12, 0, 0, 0, time.UTC)
	acc, err := accounts.New(accounts.Config{
		Store: memstore.New(), AppURL: "http://localhost:8080", Now: func() time.Time { return now }, DeletionGrace: 14 * 24 * time.Hour,
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if err := acc.LogIn(w, r, r.FormValue("email"), secret.Text(r.FormValue("password")), false); err != nil {
			http.Error(w, "That did not work.", http.StatusUnauthorized)
			return
		}
		if at := acc.PendingDeletion(r.Context()); !at.IsZero() {
			fmt.Fprintf(w, "The account is deleted on %s. Keep it?", at.Format("2 January"))
			return
		}
		fmt.Fprint(w, "Welcome.")
	})
	mux.Handle("POST /delete", acc.RequireFresh(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at, err := acc.RequestDeletion(w, r)
		if err != nil {
			http.Error(w, "Try again later.", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintf(w, "You can come back until %s.", at.Format("2 January"))
	})))
	mux.HandleFunc("POST /keep", func(w http.ResponseWriter, r *http.Request) {
		if err := acc.Undelete(w, r); err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		fmt.Fprint(w, "Welcome back.")
	})

	ctx := context.Background()
	if _, err := acc.Create(ctx, accounts.NewUser{Email: "matt@lp.com", Password: "correct horse"}); err != nil {
		log.Fatal(err)
	}
	visit := newCaller(acc.Middleware(mux))
	fmt.Println(visit("POST /login", "email", "matt@lp.com", "password", "correct horse"))
	fmt.Println(visit("POST /delete"))
	now = now.Add(3 * 24 * time.Hour)
	fmt.Println(visit("POST /login", "email", "matt@lp.com", "password", "correct horse"))
	fmt.Println(visit("POST /keep"))
	fmt.Println(visit("POST /delete"))
	now = now.Add(14 * 24 * time.Hour)
	fmt.Println(acc.DeleteDue(ctx))
	fmt.Println(visit("POST /login", "email", "matt@lp.com", "password", "correct horse"))
	// Output:
	// 200 Welcome.
	// 200 You can come back until 15 May.
	// 200 The account is deleted on 15 May. Keep it?
	// 200 Welcome back.
	// 200 You can come back until 18 May.
	// 1 <nil>
	// 401 That did not work.
}

// notes are what the application keeps of its users, by their IDs.
type notes map[string][]string

// ExportUser implements identity.Exporter.
func (n notes) ExportUser(_ context.Context, userID string) (any, error) { return n[userID], nil }

// A user downloads all that is kept of them, with what the application keeps.
func ExampleAccounts_Export() {
	acc, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "http://localhost:8080"})
	if err != nil {
		log.Fatal(err)
	}
	user, err := acc.Create(context.Background(), accounts.NewUser{Email: "matt@lp.com", Password: "correct horse"})
	if err != nil {
		log.Fatal(err)
	}
	acc.AddExporter("notes", notes{user.ID: {"buy milk"}})

	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if err := acc.LogIn(w, r, r.FormValue("email"), secret.Text(r.FormValue("password")), false); err != nil {
			http.Error(w, "That did not work.", http.StatusUnauthorized)
		}
	})
	mux.Handle("GET /export", acc.RequireFresh(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		all, err := acc.Export(r.Context(), accounts.Current(r.Context()).ID)
		if err != nil {
			http.Error(w, "Try again later.", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Disposition", `attachment; filename="account.json"`)
		json.NewEncoder(w).Encode(all)
	})))

	visit := newCaller(acc.Middleware(mux))
	visit("POST /login", "email", "matt@lp.com", "password", "correct horse")
	var export struct {
		User struct {
			Email       string
			HasPassword bool `json:"has_password"`
		}
		Sessions []struct{ Via string }
		Notes    []string
	}
	if err := json.Unmarshal([]byte(visit("GET /export")[len("200 "):]), &export); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%+v\n", export)
	// Output:
	// {User:{Email:matt@lp.com HasPassword:true} Sessions:[{Via:password}] Notes:[buy milk]}
}
