package social_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	accountstore "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// What an application does beside serving requests.
func ExampleSocial_Vault() {
	var soc *social.Social
	var store *sqlstore.Store
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	// The vault tries revocations again that a provider missed, and the store deletes
	// sessions that have expired.
	go soc.Vault().Run(ctx, store.Jobs()...)

	server := &http.Server{Addr: ":8080"}
	go server.ListenAndServe()
	<-ctx.Done()
	end, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	server.Shutdown(end)
	soc.Vault().Wait(end) // no refreshed token is lost
	store.Close()
}

// people are the users that an application has already, with its own sessions.
type people struct{ cookie string }

type userKey struct{}

func (p people) CurrentUser(ctx context.Context) string {
	id, _ := ctx.Value(userKey{}).(string) // the application's middleware put it there
	return id
}

func (p people) SignIn(w http.ResponseWriter, r *http.Request, in identity.SignIn) error {
	// Begin a new session, and end the one before.
	http.SetCookie(w, &http.Cookie{Name: p.cookie, Value: "a new random token", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return nil
}

func (p people) SignOut(w http.ResponseWriter, r *http.Request) error {
	http.SetCookie(w, &http.Cookie{Name: p.cookie, Path: "/", MaxAge: -1})
	return nil
}

// An application with users of its own writes three methods.
func ExampleUsers() {
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		log.Fatal(err)
	}
	soc, err := social.New(social.Config{
		AppURL:      "https://app.example.com",
		Providers:   []oauth.Provider{providers.GitHub(oauth.Credentials{ClientID: "id", ClientSecret: "secret"})},
		Connections: memstore.New(), // in production: sqlstore, or a store of your own
		Users:       people{cookie: "session"},
		Keys:        keys,
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", soc.Handler()) // behind the application's middleware

	ctx := context.WithValue(context.Background(), userKey{}, "42")
	_, err = soc.Connection(ctx, "github")
	fmt.Println(soc.CurrentUser(ctx), errors.Is(err, vault.ErrNoConnection))
	// Output: 42 true
}

// A handler that acts for the signed-in user.
func ExampleSocial_Client() {
	keys, err := keyring.Parse(keyring.NewKey().Reveal()) // keep the key: it opens the tokens
	if err != nil {
		log.Fatal(err)
	}
	acc, err := accounts.New(accounts.Config{Store: accountstore.New(), AppURL: "https://app.example.com"})
	if err != nil {
		log.Fatal(err)
	}
	soc, err := social.New(social.Config{
		AppURL:      "https://app.example.com",
		Providers:   []oauth.Provider{providers.GitHub(oauth.Credentials{ClientID: "id", ClientSecret: "secret"})},
		Connections: memstore.New(), // in production: sqlstore, for both
		Users:       acc,
		Keys:        keys,
		OnEvent: func(ctx context.Context, e social.Event) {
			switch e := e.(type) {
			case social.ConnectionCreated:
				slog.InfoContext(ctx, "connected", "user", e.UserID, "provider", e.Connection.ProviderID)
			case vault.ReauthorizationNeeded:
				slog.WarnContext(ctx, "ask the user to reconnect", "user", e.UserID)
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", soc.Handler())
	mux.HandleFunc("GET /repositories", func(w http.ResponseWriter, r *http.Request) {
		conn, err := soc.Connection(r.Context(), "github")
		if err != nil { // vault.ErrNoConnection: offer to connect
			http.Error(w, "connect your GitHub account first", http.StatusConflict)
			return
		}
		response, err := soc.Client(conn).Get("https://api.github.com/user/repos")
		if err != nil { // vault.ErrNeedsReauthorization: offer to reconnect
			http.Error(w, "GitHub did not answer", http.StatusBadGateway)
			return
		}
		defer response.Body.Close()
		fmt.Fprintln(w, response.Status)
	})
	_ = acc.Middleware(mux) // to http.ListenAndServe

	github, err := soc.Provider(context.Background(), "github")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(soc.RedirectURIs(github))
	// Output: [https://app.example.com/callback/github]
}
