package published_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/published"
)

const tests = published.Root + "/internal/test"

// No module imports an internal package of another. Tests alone import internal/test.
func TestInternalPackages(t *testing.T) {
	t.Parallel()
	tree := open(t, ".")
	owner := func(path string) (longest published.Module) {
		for _, m := range tree.Modules {
			if (path == m.Path || strings.HasPrefix(path, m.Path+"/")) && len(m.Path) > len(longest.Path) {
				longest = m
			}
		}
		return longest
	}
	for _, m := range tree.Modules {
		c := exec.Command("go", "list", "-f", `{{.ImportPath}}|{{join .Imports " "}}|{{join .TestImports " "}} {{join .XTestImports " "}}`, "./...")
		c.Dir = filepath.Join(tree.Folder, m.Folder)
		out, err := c.Output()
		if err != nil {
			t.Fatalf("%s: %v", m.Path, err)
		}
		for line := range strings.Lines(string(out)) {
			parts := strings.Split(strings.TrimSpace(line), "|")
			for i, imports := range parts[1:] {
				inTest := i == 1 || !m.Published()
				for path := range strings.FieldsSeq(imports) {
					of := owner(path)
					switch {
					case of.Path == "" || of.Path == m.Path:
					case of.Path == tests && (inTest || m.Path == tests):
					case strings.Contains(path, "/internal/"):
						t.Errorf("%s imports %s", parts[0], path)
					}
				}
			}
		}
	}
}
