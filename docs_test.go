package social_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every row of the pages is in a table: a row after a paragraph is shown as text with
// bars.
func TestTablesOfThePagesAreWhole(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("docs/*.md")
	must(t, err)
	rule := regexp.MustCompile(`^\|[ :|-]+\|$`)
	rows := 0
	for _, file := range append(files, "README.md", "CONTRIBUTING.md", "BENCHMARKS.md", "examples/README.md") {
		text, err := os.ReadFile(file)
		must(t, err)
		lines := strings.Split(string(text), "\n")
		for i, line := range lines {
			if !strings.HasPrefix(line, "|") {
				continue
			}
			rows++
			first := i == 0 || !strings.HasPrefix(lines[i-1], "|")
			if first && !(i+1 < len(lines) && rule.MatchString(lines[i+1])) {
				t.Errorf("%s:%d is in no table: %s", file, i+1, line)
			}
		}
	}
	if rows < 100 {
		t.Errorf("only %d rows were found", rows)
	}
}
