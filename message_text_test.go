package social_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gosocial/social"
)

// Every code has a text in English, but those whose text comes with the message, and it
// is the catalog's.
func TestEveryCodeHasAText(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("text/messages/en.json")
	must(t, err)
	var catalog map[string]any // some are objects
	must(t, json.Unmarshal(file, &catalog))
	tree, err := parser.ParseFile(token.NewFileSet(), "message.go", nil, 0)
	must(t, err)
	codes := []string{social.CodeNotSignedIn, social.CodeReauthenticationRequired, social.CodeNeedsReauthorization}
	ast.Inspect(tree, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Code") {
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
				code, err := strconv.Unquote(literal.Value)
				must(t, err)
				codes = append(codes, code)
			}
		}
		return true
	})
	codes = slices.DeleteFunc(codes, func(code string) bool { return code == social.CodeRefused || code == social.CodeText })
	if len(codes) < 70 {
		t.Errorf("%d codes were found", len(codes))
	}
	for _, code := range codes {
		for _, flow := range []string{"", social.FlowConnect, social.FlowRemove, social.FlowVerify} {
			want, ok := catalog["message."+code+"."+flow]
			if !ok {
				want = catalog["message."+code]
			}
			args := map[string]string{social.ArgFlow: flow}
			for _, name := range []string{social.ArgProvider, social.ArgEmail, social.ArgUntil, social.ArgText, "reason"} {
				args[name] = "{" + name + "}"
			}
			if text := (social.Message{Code: code, Args: args}).Text(); text == "" || text != want {
				t.Errorf("%s of the flow %q is %q, want %q", code, flow, text, want)
			}
		}
	}
}

// refused is a refusal with a code and arguments of its own.
type refused struct{ codedError }

func (refused) Refusal() string { return "Apples are out" }

// A refusal's message has its text beside its code and arguments.
func TestRefusalMessage(t *testing.T) {
	t.Parallel()
	m := social.RefusalMessage(refused{codedError{errors.New("an error")}})
	if got := fmt.Sprint(m.Code, " ", m.Args); got != "apples_out map[count:3 text:Apples are out]" || m.Text() != "Apples are out" {
		t.Errorf("%s: %q", got, m.Text())
	}
}
