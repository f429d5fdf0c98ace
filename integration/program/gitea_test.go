//go:build soak

package program_test

import (
	"testing"

	"github.com/gosocial/social/integration/counterparty"
)

// What the doctor says of a Gitea, which asks to log in before it looks at the redirect URI.
func TestGitea(t *testing.T) {
	t.Parallel()
	server, app := counterparty.StartGitea(t, "http://localhost:9/callback/gitea")
	for name, c := range map[string]struct {
		id, secret  string
		level, says string
	}{
		"right":          {app.ID, app.Secret, "ok", "token endpoint accepts the credentials"},
		"a wrong secret": {app.ID, "wrong", "wrong", "token endpoint: the consumer key or secret is refused (status 400, unauthorized_client): enter the client ID and the secret"},
		"a wrong ID":     {"wrong", app.Secret, "wrong", "token endpoint: the consumer key or secret is refused (status 400, invalid_client): enter the client ID and the secret"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, r := doctorOf(t, "gitea", settings{"client_id": c.id, "client_secret": c.secret, "instance": server.Issuer})
			if r.OK != (c.level == "ok") || !r.has("gitea", c.level, c.says) ||
				!r.has("gitea", "ok", "is Gitea "+counterparty.GiteaVersion) ||
				!r.has("gitea", "note", "authorization endpoint answers, but not whether http://localhost:9/callback/gitea is registered") {
				t.Errorf("it does not say %q, and the rest:\n%s%s", c.says, out.Stdout, out.Stderr)
			}
		})
	}
}
