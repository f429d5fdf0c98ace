package web_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/text"
)

// Each code of a message has a text, which in English is what the library says.
func TestMessagesHaveTexts(t *testing.T) {
	t.Parallel()
	catalog, err := text.New(text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	english := catalog.Default()
	n := 0
	for _, folder := range []string{"..", "../accounts"} {
		for key, want := range textsOf(t, folder) {
			n++
			args := map[string]string{}
			for part := range strings.SplitSeq(want, "{") {
				if name, _, ok := strings.Cut(part, "}"); ok {
					args[name] = "{" + name + "}"
				}
			}
			if got, ok := english.Text("message."+key, args); !ok || got != want {
				t.Errorf("message.%s is %q, want %q", key, got, want)
			}
		}
	}
	if n < 50 {
		t.Errorf("%d messages were found", n)
	}
}

// textsOf returns the entries of a package's variable texts, by code, and by code and flow.
func textsOf(t *testing.T, folder string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(folder + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	constants := map[string]string{"CodeNotSignedIn": social.CodeNotSignedIn, "CodeNeedsReauthorization": social.CodeNeedsReauthorization}
	found := map[string]string{}
	var entries []*ast.KeyValueExpr
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Names) != 1 || len(spec.Values) != 1 {
				return true
			}
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
				constants[spec.Names[0].Name], _ = strconv.Unquote(literal.Value)
			}
			if composite, ok := spec.Values[0].(*ast.CompositeLit); ok && spec.Names[0].Name == "texts" {
				for _, e := range composite.Elts {
					entries = append(entries, e.(*ast.KeyValueExpr))
				}
			}
			return true
		})
	}
	var value func(e ast.Expr) string
	value = func(e ast.Expr) string {
		switch e := e.(type) {
		case *ast.BasicLit:
			s, _ := strconv.Unquote(e.Value)
			return s
		case *ast.Ident:
			return constants[e.Name]
		case *ast.BinaryExpr:
			return value(e.X) + value(e.Y)
		}
		t.Errorf("%T in texts", e)
		return ""
	}
	for _, e := range entries {
		found[value(e.Key)] = value(e.Value)
	}
	return found
}
