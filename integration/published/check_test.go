package published_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/published"
)

func open(t *testing.T, folder string) *published.Tree {
	t.Helper()
	tree, err := published.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestTree(t *testing.T) {
	t.Parallel()
	tree := open(t, ".")
	faults, err := tree.Check(tree.Version())
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults {
		t.Error(fault)
	}
}

// copied returns a working copy with what a release is checked by.
func copied(t *testing.T) string {
	t.Helper()
	from, to := open(t, "."), t.TempDir()
	names := []string{"go.work", "CHANGELOG.md"}
	for _, m := range from.Modules {
		names = append(names, m.Folder+"/go.mod")
	}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(from.Folder, name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(to, name), string(text))
	}
	git(t, to, "init", "-q")
	commit(t, to)
	return to
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func commit(t *testing.T, folder string) {
	t.Helper()
	git(t, folder, "add", "-A")
	git(t, folder, "-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "-q", "--allow-empty", "-m", "Test")
}

func git(t *testing.T, folder string, args ...string) {
	t.Helper()
	c := exec.Command("git", args...)
	c.Dir = folder
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v: %s", args, err, out)
	}
}

func release(t *testing.T, folder string, args ...string) (string, error) {
	t.Helper()
	out, err := exec.Command(program(t, "release"), append([]string{"-C", folder}, args...)...).CombinedOutput()
	return string(out), err
}

// program builds the program of this module in that folder.
func program(t *testing.T, folder string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), filepath.Base(folder))
	if out, err := exec.Command("go", "build", "-o", name, "./"+folder).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return name
}

func TestRelease(t *testing.T) {
	t.Parallel()
	folder := copied(t)
	const version = "v0.9.8"
	if out, err := release(t, folder, version); err == nil || !strings.Contains(out, "api/go.mod requires "+published.Root+" at ") {
		t.Errorf("another version: %v: %s", err, out)
	}
	if out, err := release(t, folder, "-set", version); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	changes := filepath.Join(folder, "CHANGELOG.md")
	write(t, changes, "# Changelog\n\n## "+version+"\n")
	if out, err := release(t, folder, version); err == nil || !strings.Contains(out, "git has not: M go.work") {
		t.Errorf("before a commit: %v: %s", err, out)
	}
	commit(t, folder)
	out, err := release(t, folder, version)
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var tags []string
	for line := range strings.Lines(out) {
		if tag, ok := strings.CutPrefix(line, "git tag -a "); ok {
			tags = append(tags, strings.Fields(tag)[0])
		}
	}
	// All but examples and integration, which no module requires.
	modules := strings.Count(read(t, filepath.Join(folder, "go.work")), "\n\t.") - 2
	if len(tags) != modules || tags[0] != version || tags[modules-1] != "cmd/social/"+version ||
		slices.Index(tags, "internal/test/"+version) > slices.Index(tags, "sqlstore/sqlite/"+version) {
		t.Errorf("tags %q", tags)
	}
	for heading, fault := range map[string]string{
		"Unreleased":                "CHANGELOG.md has no heading " + version,
		version + "0":               "CHANGELOG.md has no heading " + version,
		version + " (not released)": "CHANGELOG.md says that " + version + " is not released",
	} {
		write(t, changes, "# Changelog\n\n## "+heading+"\n")
		commit(t, folder)
		if out, err := release(t, folder, version); err == nil || !strings.Contains(out, fault) {
			t.Errorf("with the heading %q: %v: %s", heading, err, out)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	folder := copied(t)
	version := open(t, folder).Version()
	edit := func(name string, args ...string) func() {
		return func() {
			c := exec.Command("go", append([]string{"mod", "edit"}, append(args, name)...)...)
			c.Dir = folder
			if out, err := c.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
		}
	}
	for fault, do := range map[string]func(){
		"replaces": edit("api/go.mod", "-replace", published.Root+"=../"),
		"requires " + published.Root + " at v0.0.1": edit("metrics/go.mod", "-require", published.Root+"@v0.0.1"),
		"which is not published":                    edit("metrics/go.mod", "-require", published.Root+"/examples@"+version),
		"driver, github.com/lib/pq":                 edit("go.mod", "-require", "github.com/lib/pq@v1.0.0"),
		"7 direct requirements":                     edit("go.mod", "-require", "example.com/a@v1.0.0"),
		"its folder makes it":                       edit("mongostore/go.mod", "-module", published.Root+"/mongo"),
		"go.work does not use somewhere":            func() { write(t, filepath.Join(folder, "somewhere/go.mod"), "module x\n") },
		"go.work does not replace": func() {
			write(t, filepath.Join(folder, "go.work"), "go 1.26.0\n\nuse .\n")
		},
	} {
		do()
		faults, err := open(t, folder).Check(version)
		if err != nil || !slices.ContainsFunc(faults, func(s string) bool { return strings.Contains(s, fault) }) {
			t.Errorf("want a fault %q: %q, %v", fault, faults, err)
		}
		git(t, folder, "checkout", "-q", ".")
		git(t, folder, "clean", "-qfd")
	}
	if faults, err := open(t, folder).Check(version); err != nil || len(faults) > 0 {
		t.Errorf("%q, %v", faults, err)
	}
	for _, version := range []string{"", "0.2.0", "v0.2", "v0.2.0+x", "v2.0.0"} {
		if faults, err := open(t, folder).Check(version); err != nil || len(faults) == 0 {
			t.Errorf("the version %q: %q, %v", version, faults, err)
		}
	}
}
