package examples_test

import (
	"os"
	"strings"
	"testing"
)

// The README's ten lines, and those of the pretend Google, are in Examples, so they
// compile.
func TestReadmeTenLines(t *testing.T) {
	t.Parallel()
	readme, example := read(t, "../README.md"), read(t, "example_test.go")
	for range 2 {
		var code string
		_, readme, _ = strings.Cut(readme, "```go\n")
		code, readme, _ = strings.Cut(readme, "```")
		if code == "" || !strings.Contains(example, "\t"+strings.ReplaceAll(strings.TrimSpace(code), "\n", "\n\t")+"\n") {
			t.Errorf("no Example has these lines of the README:\n%s", code)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
