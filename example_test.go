package social_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

func Example() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, ":memory:", sqlite.Migrate())
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	keys, err := vault.ParseKeys(vault.NewKey().Reveal()) // keep the key: it opens the tokens
	if err != nil {
		log.Fatal(err)
	}
	acc, err := accounts.New(accounts.Config{Store: store, AppURL: "https://app.example.com"})
	if err != nil {
		log.Fatal(err)
	}
	soc, err := social.New(social.Config{
		AppURL:      "https://app.example.com",
		Providers:   []oauth.Provider{providers.GitHub(oauth.Credentials{ID: "id", Secret: "secret"})},
		Connections: store,
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

	fmt.Println(soc.RedirectURIs("github"))
	// Output: [https://app.example.com/callback/github]
}
