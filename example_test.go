package social_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/web"
)

// An application that people log in to with Google, with pages and accounts.
func Example() {
	const url = "https://app.example.com"
	store, err := sqlite.Open(context.Background(), "app.db", sqlite.Migrate())
	check(err)
	keys, err := vault.ParseKeys(os.Getenv("SOCIAL_KEY")) // social keys new
	check(err)
	google := providers.Google(oauth.Credentials{ID: os.Getenv("GOOGLE_ID"), Secret: oauth.Secret(os.Getenv("GOOGLE_SECRET"))})
	acc, err := accounts.New(accounts.Config{Store: store, AppURL: url})
	check(err)
	soc, err := social.New(social.Config{AppURL: url, Providers: []oauth.Provider{google}, Connections: store, Users: acc, Keys: keys})
	check(err)
	pages, err := web.New(soc, acc)
	check(err)
	log.Fatal(http.ListenAndServe(":8080", acc.Middleware(pages)))
}

// A handler that calls an API for the signed-in user. The token is refreshed
// when it is due, once, however many requests need it.
func ExampleSocial_Client() {
	var soc *social.Social // from social.New

	http.HandleFunc("GET /calendars", func(w http.ResponseWriter, r *http.Request) {
		conn, err := soc.Connection(r.Context(), "google")
		if err != nil { // vault.ErrNoConnection when there is none
			http.Error(w, "Connect Google first.", http.StatusConflict)
			return
		}
		req, err := http.NewRequestWithContext(r.Context(), "GET", "https://www.googleapis.com/calendar/v3/users/me/calendarList", nil)
		check(err)
		resp, err := soc.Client(conn).Do(req)
		check(err)
		defer resp.Body.Close()
		fmt.Fprintln(w, "Google says", resp.Status)
	})
}

// An application with users of its own tells Social three things about them.
func ExampleUsers() {
	var _ social.Users = myUsers{}
}

type myUsers struct{}

func (myUsers) CurrentUser(ctx context.Context) string {
	id, _ := ctx.Value(myUser{}).(string) // put there by the application's middleware
	return id
}

func (myUsers) SignIn(w http.ResponseWriter, r *http.Request, userID, via string) (next string, err error) {
	return "", nil // renew the application's session for userID
}

func (myUsers) SignOut(w http.ResponseWriter, r *http.Request) error { return nil }

type myUser struct{}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
