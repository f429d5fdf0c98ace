package counterparty

import (
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

// ZitadelUser and ZitadelPassword are an account at StartZitadel's server.
const (
	ZitadelUser     = "test-user@127.0.0.1"
	ZitadelPassword = "verysecure"
)

// StartZitadel starts the example server of zitadel/oidc, a certified OpenID provider in
// Go, in this process. Its clients authenticate by client_secret_basic, and it rotates
// refresh tokens. It silences slog's default logger and keeps its clients in a package
// variable: client IDs must be unique in the test program, and calls must not run at the
// same time.
func StartZitadel(t testing.TB, clients ...Client) *Server {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + server.Listener.Addr().String()
	for _, c := range clients {
		storage.RegisterClients(storage.WebClient(c.ID, c.Secret, c.RedirectURIs...))
	}
	server.Config.Handler = exampleop.SetupServer(issuer,
		storage.NewStorage(storage.NewUserStore(issuer)), slog.New(slog.DiscardHandler), false)
	server.Start()
	t.Cleanup(server.Close)
	return &Server{Issuer: issuer}
}
