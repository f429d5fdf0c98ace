package examples_test

import (
	"os"
	"strings"
	"testing"
)

// The README's ten lines are the body of Example, so they compile.
func TestReadmeTenLines(t *testing.T) {
	t.Parallel()
	_, code, _ := strings.Cut(read(t, "../README.md"), "```go\n")
	code, _, _ = strings.Cut(code, "```")
	example := read(t, "example_test.go")
	if !strings.Contains(example, "\t"+strings.ReplaceAll(strings.TrimSpace(code), "\n", "\n\t")+"\n") {
		t.Errorf("no Example has these lines of the README:\n%s", code)
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
