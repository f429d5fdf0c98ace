package published_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/published"
)

// A consumer is a folder of modules that know the tree as published alone.
type consumer struct {
	folder  string
	version string
	env     []string
}

func newConsumer(t *testing.T) *consumer {
	t.Helper()
	tree := open(t, ".")
	c := &consumer{folder: t.TempDir(), version: tree.Version()}
	proxy := filepath.Join(c.folder, "proxy")
	if err := tree.WriteProxy(proxy, c.version); err != nil {
		t.Fatal(err)
	}
	env := goEnv(t, "GOMODCACHE", "GOPROXY", "GONOSUMDB")
	cache := filepath.Join(c.folder, "cache")
	if err := overlay(cache, env["GOMODCACHE"], published.Root); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"GOWORK":     "off",
		"GOMODCACHE": cache,
		"GOPROXY":    "file://" + filepath.ToSlash(proxy) + "," + env["GOPROXY"],
		// With either, the go command looks for other modules in place of the first proxy.
		"GONOPROXY": "",
		"GOPRIVATE": "",
		"GONOSUMDB": strings.TrimPrefix(env["GONOSUMDB"]+","+published.Root, ","),
		"GOBIN":     filepath.Join(c.folder, "bin"),
		// What was compiled once is found again whatever the folder is.
		"GOFLAGS": "-mod=mod -modcacherw -trimpath",
	} {
		c.env = append(c.env, name+"="+value)
	}
	return c
}

func goEnv(t *testing.T, names ...string) map[string]string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for i, line := range strings.Split(string(out), "\n")[:len(names)] {
		env[names[i]] = line
	}
	return env
}

// overlay makes a module cache that has everything of another one by symbolic links,
// except for the modules whose paths begin with ours.
func overlay(to, from, ours string) error {
	for _, part := range []string{"", filepath.Join("cache", "download")} {
		folder := ""
		for _, name := range strings.Split(ours, "/") {
			here := filepath.Join(part, folder)
			if err := os.MkdirAll(filepath.Join(to, here), 0o755); err != nil {
				return err
			}
			entries, err := os.ReadDir(filepath.Join(from, here))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			for _, e := range entries {
				if e.Name() == name || strings.HasPrefix(e.Name(), name+"@") || here == "" && e.Name() == "cache" {
					continue
				}
				if err := os.Symlink(filepath.Join(from, here, e.Name()), filepath.Join(to, here, e.Name())); err != nil {
					return err
				}
			}
			folder = filepath.Join(folder, name)
		}
	}
	return nil
}

// module makes an empty module and returns its folder.
func (c *consumer) module(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp(c.folder, "module")
	if err != nil {
		t.Fatal(err)
	}
	c.run(t, folder, "go", "mod", "init", "example.com/consumer")
	return folder
}

func (c *consumer) run(t *testing.T, folder, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = folder, append(os.Environ(), c.env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}
