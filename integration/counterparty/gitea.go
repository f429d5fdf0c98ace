package counterparty

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const (
	giteaModule = "code.gitea.io/gitea"
	giteaSum    = "h1:iZLDfAS0Qhyo5Jt2e1/mpbN/Yyy4SAslK7N5fOyTGho=" // as go.sum would have it
)

// GiteaVersion is the version of StartGitea's server.
const GiteaVersion = "1.25.2"

// GiteaUser and GiteaPassword are an account at StartGitea's server.
const (
	GiteaUser     = "nora"
	GiteaPassword = "correct horse battery"
)

// StartGitea starts a Gitea with one user and one application, which is confidential and
// has the redirect URIs. A refresh token serves once there (INVALIDATE_REFRESH_TOKENS). The
// first call builds Gitea, which takes minutes and needs a C compiler; the program stays in
// the user's cache. Gitea runs git.
func StartGitea(t testing.TB, redirectURIs ...string) (*Server, Client) {
	t.Helper()
	for _, name := range []string{"go", "gcc", "git"} {
		if _, err := exec.LookPath(name); err != nil {
			missing(t, name)
		}
	}
	program, source := buildGitea(t)
	address := freeAddress(t)
	_, port, _ := net.SplitHostPort(address)
	home := t.TempDir()
	config := filepath.Join(home, "app.ini")
	if err := os.WriteFile(config, fmt.Appendf(nil, giteaConfig, home, address, port, source), 0o600); err != nil {
		t.Fatal(err)
	}
	// The shell ends Gitea when its own standard input is closed.
	cmd := exec.Command("sh", "-c", `"$0" web --config "$1" & echo "ready $2"; (cat >/dev/null; kill -KILL $!); wait`, program, config, "http://"+address)
	cmd.Env = giteaEnv(home)
	s := &Server{Issuer: start(t, cmd)}
	await(t, s.Issuer+"/api/healthz")

	cmd = exec.Command(program, "admin", "user", "create", "--config", config, "--username", GiteaUser, "--password", GiteaPassword,
		"--fullname", "Nora Quill", "--email", "nora@example.com", "--must-change-password=false")
	cmd.Env = giteaEnv(home)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("gitea admin user create: %v: %s", err, out)
	}
	return s, registerAtGitea(t, s, redirectURIs)
}

// giteaConfig is an app.ini for a folder, an address, its port, and Gitea's source.
const giteaConfig = `
APP_NAME = Test
WORK_PATH = %[1]s
[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = %[3]s
ROOT_URL = http://%[2]s/
STATIC_ROOT_PATH = %[4]s
OFFLINE_MODE = true
DISABLE_SSH = true
[database]
DB_TYPE = sqlite3
PATH = %[1]s/gitea.db
SQLITE_TIMEOUT = 20000
[security]
INSTALL_LOCK = true
[oauth2]
INVALIDATE_REFRESH_TOKENS = true
[log]
MODE = console
LEVEL = Info
[log.console]
STDERR = true
[cron]
ENABLED = false
`

func giteaEnv(home string) []string {
	return append(os.Environ(), "HOME="+home, "GITEA_I_AM_BEING_UNSAFE_RUNNING_AS_ROOT=true")
}

// registerAtGitea registers an application by Gitea's API.
func registerAtGitea(t testing.TB, s *Server, redirectURIs []string) Client {
	t.Helper()
	body, err := json.Marshal(map[string]any{"name": "Notes", "confidential_client": true, "redirect_uris": redirectURIs})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, s.Issuer+"/api/v1/user/applications/oauth2", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(GiteaUser, GiteaPassword)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var app struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&app); err != nil || resp.StatusCode != http.StatusCreated {
		t.Fatalf("registering the application: %s, %v", resp.Status, err)
	}
	return Client{ID: app.ID, Secret: app.Secret, RedirectURIs: redirectURIs}
}

// buildGitea returns the paths of the program and of the module, which has the templates.
func buildGitea(t testing.TB) (program, source string) {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(cache, "social-integration")
	if err := os.MkdirAll(home, 0o755); err != nil {
		t.Fatal(err)
	}
	defer takeTurn(t, filepath.Join(home, "gitea.turn"))()

	download := goCommand(home, "mod", "download", "-json", giteaModule+"@v"+GiteaVersion)
	out, err := download.Output()
	if err != nil {
		missing(t, giteaModule+" (go mod download: "+err.Error()+": "+string(out)+")")
	}
	var module struct{ Dir, Sum string }
	if err := json.Unmarshal(out, &module); err != nil {
		t.Fatal(err)
	}
	if module.Sum != giteaSum {
		t.Fatalf("%s v%s has the sum %s, not %s", giteaModule, GiteaVersion, module.Sum, giteaSum)
	}
	program = filepath.Join(home, "gitea-"+GiteaVersion)
	if _, err := os.Stat(program); err == nil {
		return program, module.Dir
	}
	t.Log("building Gitea")
	build := goCommand(module.Dir, "build", "-tags", "sqlite,sqlite_unlock_notify", "-ldflags", "-X main.Version="+GiteaVersion, "-o", program+".new", ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building Gitea: %v: %s", err, out)
	}
	if err := os.Rename(program+".new", program); err != nil {
		t.Fatal(err)
	}
	return program, module.Dir
}

// goCommand is the go command for another project's module.
func goCommand(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=1")
	return cmd
}

// freeAddress returns an address of 127.0.0.1 that nothing listens at.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// await asks for the page until it is there.
func await(t testing.TB, page string) {
	t.Helper()
	for end := time.Now().Add(startLimit); ; time.Sleep(50 * time.Millisecond) {
		resp, err := http.Get(page)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(end) {
			t.Fatalf("%s did not answer in %v: %v", page, startLimit, err)
		}
	}
}
