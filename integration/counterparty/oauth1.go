package counterparty

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The addresses of StartOAuth1's server, below its Issuer.
const (
	OAuth1RequestToken = "/oauth/request_token"
	OAuth1Authorize    = "/oauth/authorize"
	OAuth1AccessToken  = "/oauth/access_token"
	OAuth1UserInfo     = "/1.1/account/verify_credentials.json"
	OAuth1Update       = "/1.1/statuses/update.json"
	OAuth1Revoke       = "/1.1/oauth/invalidate_token"
)

// StartOAuth1 starts an OAuth 1.0a provider that works as Twitter does, on Authlib and
// Flask (Debian packages python3-authlib and python3-flask). It accepts HMAC-SHA1 only,
// each nonce once, and timestamps of the last minutes. Its user is jane. It ignores the
// client's redirect URIs.
func StartOAuth1(t testing.TB, c Client) *Server {
	t.Helper()
	python := findPython(t, "authlib.integrations.flask_oauth1", "python3-authlib or python3-flask")
	cmd := exec.Command(python, filepath.Join(dir(t, "oauth1server"), "server.py"))
	cmd.Env = append(os.Environ(), "CLIENT_ID="+c.ID, "CLIENT_SECRET="+c.Secret,
		"AUTHLIB_INSECURE_TRANSPORT=1", // else it refuses plain http
		"PYTHONDONTWRITEBYTECODE=1")
	return &Server{Issuer: start(t, cmd)}
}

// findPython returns the path of a Python that has a module of the Debian packages.
func findPython(t testing.TB, module, packages string) string {
	t.Helper()
	python := "/usr/bin/python3"
	if _, err := os.Stat(python); err != nil {
		if python, err = exec.LookPath("python3"); err != nil {
			missing(t, "python3")
		}
	}
	if err := exec.Command(python, "-c", "import "+module).Run(); err != nil {
		missing(t, packages)
	}
	return python
}
