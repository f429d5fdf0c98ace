package social_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"testing"
)

// What is decided is decided without HTTP: by files that do not import it.
func TestDecisionsKnowNoHTTP(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("decide_*.go")
	must(t, err)
	checked := 0
	for _, file := range append(files, "identify.go") {
		if file == "decide_test.go" {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		must(t, err)
		for _, i := range f.Imports {
			if i.Path.Value == `"net/http"` || i.Path.Value == `"github.com/gosocial/social/internal/cookie"` {
				t.Errorf("%s imports %s", file, i.Path.Value)
			}
		}
		checked++
	}
	if checked < 5 {
		t.Errorf("looked at %d files", checked)
	}
}
