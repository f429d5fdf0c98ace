package published_test

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/integration/published"
	"github.com/gosocial/social/internal/test/server"
	"github.com/gosocial/social/keyring"
)

// drivers are the modules that only the named one of ours brings.
var drivers = map[string]string{
	"modernc.org/sqlite":             "sqlstore/sqlite",
	"github.com/jackc/pgx/v5":        "sqlstore/postgres",
	"github.com/go-sql-driver/mysql": "sqlstore/mysql",
	"go.mongodb.org/mongo-driver/v2": "mongostore",
}

// The modules serve outside of this tree as they are: each alone, the README's lines and
// the program.
func TestPublished(t *testing.T) {
	t.Parallel()
	c := newConsumer(t)
	for _, m := range open(t, ".").Modules {
		if !m.Published() || m.Path == tests || strings.HasPrefix(m.Folder, "cmd/") {
			continue
		}
		t.Run(m.Path, func(t *testing.T) {
			folder := c.module(t)
			c.run(t, folder, "go", "get", m.Path+"/...@"+c.version)
			c.run(t, folder, "go", "build", m.Path+"/...")
			mod, err := os.ReadFile(filepath.Join(folder, "go.mod"))
			if err != nil {
				t.Fatal(err)
			}
			for driver, of := range drivers {
				if got, want := strings.Contains(string(mod), driver+" "), of == m.Folder; got != want {
					t.Errorf("requires %s: %t, want %t", driver, got, want)
				}
			}
		})
	}
	t.Run("README", func(t *testing.T) { readme(t, c) })
	t.Run("program", func(t *testing.T) {
		const path = published.Root + "/cmd/social"
		c.run(t, c.folder, "go", "install", path+"@"+c.version)
		out := c.run(t, c.folder, filepath.Join(c.folder, "bin", "social"), "version")
		if fields := strings.Fields(out); !slices.Contains(fields, c.version) {
			t.Errorf("social version says %q, want %s", out, c.version)
		}
	})
}

// readme compiles the README's first lines of Go, runs them and asks for a page.
func readme(t *testing.T, c *consumer) {
	root := open(t, ".").Folder
	text := read(t, filepath.Join(root, "README.md"))
	_, lines, _ := strings.Cut(text, "```go\n")
	lines, _, found := strings.Cut(lines, "```")
	// The Example of the same lines has their imports.
	_, imports, imported := strings.Cut(read(t, filepath.Join(root, "examples", "example_test.go")), "import (")
	imports, _, _ = strings.Cut(imports, ")")
	if !found || !imported {
		t.Fatal("the README's lines or the Example's imports are not where they were")
	}
	address := server.FreeAddress(t)
	const listen = `"localhost:8080"`
	if !strings.Contains(lines, listen) {
		t.Fatalf("the README's lines do not listen at %s", listen)
	}
	lines = strings.Replace(lines, listen, `"`+address+`"`, 1)

	folder := c.module(t)
	write(t, filepath.Join(folder, "main.go"), "package main\n\nimport ("+imports+`)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
`+lines+"}\n")
	c.run(t, folder, "go", "get", published.Root+"@"+c.version, published.Root+"/sqlstore/sqlite@"+c.version)
	program := filepath.Join(folder, "site")
	c.run(t, folder, "go", "build", "-o", program, ".")

	site := exec.CommandContext(t.Context(), program)
	site.Dir, site.Env = folder, append(os.Environ(), "SOCIAL_KEY="+keyring.NewKey().Reveal(), "GOOGLE_ID=id", "GOOGLE_SECRET=secret")
	var said strings.Builder
	site.Stderr = &said
	if err := site.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		site.Wait()
		close(ended)
	}()
	page := login(t, "http://"+address+"/login", ended)
	site.Process.Kill()
	<-ended
	if !strings.Contains(page, "Google") {
		t.Errorf("the page of log-in is %q\n%s", page, said.String())
	}
}

// login asks for the page until the site answers or has ended.
func login(t *testing.T, address string, ended <-chan struct{}) string {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		response, err := http.Get(address)
		if err == nil {
			defer response.Body.Close()
			page, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != http.StatusOK {
				t.Errorf("%s, %v", response.Status, err)
			}
			return string(page)
		}
		select {
		case <-ended:
			return ""
		case <-time.After(50 * time.Millisecond):
		}
	}
	return ""
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
