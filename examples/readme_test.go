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
	readme := read(t, "../README.md")
	for _, file := range []string{"example_test.go", "pretend_example_test.go"} {
		var code string
		example := read(t, file)
		_, readme, _ = strings.Cut(readme, "```go\n")
		code, readme, _ = strings.Cut(readme, "```")
		if code == "" || !strings.Contains(example, "\t"+strings.ReplaceAll(strings.TrimSpace(code), "\n", "\n\t")+"\n") {
			t.Errorf("%s does not have these lines of the README:\n%s", file, code)
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
