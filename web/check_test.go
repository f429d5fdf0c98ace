package web_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gosocial/social/web"
)

// A replaced template that does not fit is refused at the start, and not found by a
// visitor. The error says where.
func TestTemplatesThatDoNotFit(t *testing.T) {
	t.Parallel()
	content := func(text string) string { return `{{define "content"}}` + text + `{{end}}` }
	for name, tc := range map[string]struct {
		file, text string
		want       []string // parts of the error
	}{
		"does not parse":               {"home.html", content(`{{.`), []string{"home.html"}},
		"no block":                     {"home.html", `apples`, []string{"home.html", `"content"`}},
		"misspelled block":             {"login.html", `{{define "contnet"}}x{{end}}`, []string{"login.html", `"content"`}},
		"misspelled optional block":    {"home.html", `{{define "titel"}}x{{end}}` + content(`x`), []string{"home.html", `"titel"`}},
		"a button is missing":          {"buttons.html", `{{define "login"}}x{{end}}`, []string{"buttons.html", `"verify"`}},
		"a part is missing":            {"connection.html", `{{define "status"}}x{{end}}`, []string{"connection.html", `"trouble"`}},
		"unknown block":                {"profile.html", content(`{{template "occasions" .}}`), []string{"profile.html", `"occasions"`}},
		"unknown block of the layout":  {"layout.html", `{{template "contents" .}}`, []string{"layout.html", `"contents"`}},
		"unknown text":                 {"home.html", content(`{{t "home.welcom"}}`), []string{"home.html", `no text "home.welcom"`}},
		"a text's argument alone":      {"home.html", content(`{{t "home.welcome" "site"}}`), []string{"home.html", "home.welcome"}},
		"unknown function":             {"home.html", content(`{{marks "x"}}`), []string{"home.html", `"marks"`}},
		"unknown field":                {"home.html", content(`{{.Nothing}}`), []string{"home.html", `"content"`, "Nothing"}},
		"unknown field of a button":    {"buttons.html", `{{define "login"}}{{.Nothing}}{{end}}{{define "verify"}}{{end}}{{define "connect"}}{{end}}{{define "reconnect"}}{{end}}{{define "disconnect"}}{{end}}`, []string{"buttons.html", `"login"`, "Nothing"}},
		"field in a rare branch":       {"home.html", content(`{{if eq .Site "rare"}}{{.Nothing}}{{end}}`), []string{"home.html", `"content"`, "Nothing"}},
		"field after one of More":      {"home.html", content(`{{if .More}}{{.More.Whatever.More}}{{end}}{{if eq .Site "rare"}}{{.Nothing}}{{end}}`), []string{"home.html", "Nothing"}},
		"field in the other branch":    {"home.html", content(`{{if .Registration}}x{{else}}{{.Nothing}}{{end}}`), []string{"home.html", "Nothing"}},
		"field in a third branch":      {"problem.html", content(`{{if eq .Problem.Status 1}}{{else if eq .Problem.Status 2}}{{else}}{{.Nothing}}{{end}}`), []string{"problem.html", "Nothing"}},
		"field where a list is empty":  {"profile.html", content(`{{range .Buttons}}x{{else}}{{.Nothing}}{{end}}`), []string{"profile.html", "Nothing"}},
		"field of a list's element":    {"connections.html", content(`{{range .Buttons}}{{range .Connections}}{{.Nothing}}{{end}}{{end}}`), []string{"connections.html", "Nothing"}},
		"field beside the message":     {"login.html", content(`{{with .Form.Message.Text}}{{.}}{{else}}{{.Nothing}}{{end}}`), []string{"login.html", "Nothing"}},
		"broken HTML":                  {"home.html", content(`<a href="{{if .User}}x">{{end}}`), []string{"home.html"}},
		"too many arguments":           {"connections.html", content(`{{mark "x"}}`), []string{"connections.html", "mark"}},
		"a name that replaces nothing": {"homee.html", content(`x`), []string{"templates/homee.html", "home.html"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			soc, acc := open()
			_, err := web.New(soc, acc, web.Options{Files: fstest.MapFS{"templates/" + tc.file: {Data: []byte(tc.text)}}})
			if err == nil {
				t.Fatal("it is taken")
			}
			for _, part := range tc.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error %q does not name %s", err, part)
				}
			}
		})
	}
}

// Templates that only some views can fill are taken: nothing is known at the start of
// what the application's More returns, or of how many providers there are.
func TestTemplatesThatFit(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a field of More":        `{{with .More}}{{.Whatever}}{{end}}{{if .More}}{{.More.Whatever}}{{end}}{{range .More}}{{.Whatever}}{{end}}`,
		"a far element":          `{{if gt (len .Flashes) 9}}{{(index .Flashes 9).Category}}{{end}}`,
		"a part of its own":      `{{template "part" .}}{{end}}{{define "part"}}{{.Site}}`,
		"variables of a branch":  `{{with $x := .Site}}{{$x}}{{else}}{{$x}}{{end}}{{if $y := .Site}}{{$y}}{{end}}`,
		"a loop that is left":    `{{range .Flashes}}{{if .Category}}{{break}}{{end}}{{continue}}{{end}}`,
		"a visitor without user": `{{if .User}}{{.User.Name}}{{else}}{{.Site}}{{end}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			soc, acc := open()
			page := `{{define "content"}}` + text + `{{end}}`
			_, err := web.New(soc, acc, web.Options{Files: fstest.MapFS{
				"templates/home.html": {Data: []byte(page)}, "templates/own/shop.html": {Data: []byte("{{")}, "shop.html": {Data: []byte("{{")},
			}})
			if err != nil {
				t.Error(err)
			}
		})
	}
}
