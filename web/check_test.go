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
		"field in a button's branch":   {"buttons.html", `{{define "login"}}{{template "next" .}}{{end}}{{define "verify"}}{{template "next" .}}{{if eq .Next "rare"}}{{.Nothing}}{{end}}{{end}}{{define "connect"}}{{end}}{{define "reconnect"}}{{end}}{{define "disconnect"}}{{end}}{{define "next"}}<i title="{{.Next}}">{{end}}`, []string{"buttons.html", `"verify"`, "Nothing"}},
		"field in a rare branch":       {"home.html", content(`{{if eq .Site "rare"}}{{.Nothing}}{{end}}`), []string{"home.html", `"content"`, "Nothing"}},
		"field after one of More":      {"home.html", content(`{{if .More}}{{.More.Whatever.More}}{{end}}{{if eq .Site "rare"}}{{.Nothing}}{{end}}`), []string{"home.html", "Nothing"}},
		"field after a far element":    {"home.html", content(`{{if gt (len .Flashes) 9}}{{index .Flashes 9}}{{end}}{{.Nothing}}`), []string{"home.html", "Nothing"}},
		"unknown block in a branch":    {"home.html", content(`{{if eq .Site "rare"}}{{template "occasions" .}}{{end}}`), []string{"home.html", `"occasions"`}},
		"field in the other branch":    {"home.html", content(`{{if .Registration}}x{{else}}{{.Nothing}}{{end}}`), []string{"home.html", "Nothing"}},
		"field in a branch of a loop":  {"home.html", content(`{{range .Flashes}}{{if eq .Category "rare"}}{{.Nothing}}{{end}}{{end}}`), []string{"home.html", "Nothing"}},
		"field in an inner branch":     {"home.html", content(`{{if .Registration}}x{{else}}{{if eq .Site "rare"}}{{.Nothing}}{{end}}{{end}}`), []string{"home.html", "Nothing"}},
		"field in a loop":              {"home.html", content(`{{range .Flashes}}{{if eq .Category "rare"}}{{.Nothing}}{{end}}{{else}}{{index .Flashes 9}}{{end}}`), []string{"home.html", "Nothing"}},
		"field after a variable":       {"home.html", content(`{{if $y := .Site}}{{$y}}{{end}}{{.Nothing}}`), []string{"home.html", "Nothing"}},
		"field after two conditions":   {"home.html", content(`{{with .User}}x{{else}}y{{end}}{{range .Flashes}}x{{else}}y{{end}}{{if eq .Site "rare"}}{{.Nothing}}{{end}}`), []string{"home.html", "Nothing"}},
		"field in a third branch":      {"problem.html", content(`{{if eq .Problem.Status 1}}{{else if eq .Problem.Status 2}}{{else}}{{.Nothing}}{{end}}`), []string{"problem.html", "Nothing"}},
		"field where a list is empty":  {"profile.html", content(`{{range .Buttons}}x{{else}}{{.Nothing}}{{end}}`), []string{"profile.html", "Nothing"}},
		"field of a list's element":    {"connections.html", content(`{{range .Buttons}}{{range .Connections}}{{.Nothing}}{{end}}{{end}}`), []string{"connections.html", "Nothing"}},
		"field beside the message":     {"login.html", content(`{{with .Form.Message.Text}}{{.}}{{else}}{{.Nothing}}{{end}}`), []string{"login.html", "Nothing"}},
		"broken HTML":                  {"home.html", content(`<a href="{{if .User}}x">{{end}}`), []string{"home.html"}},
		"too many arguments":           {"connections.html", content(`{{mark "x"}}`), []string{"connections.html", "mark"}},
		"argument of another type":     {"home.html", content(`{{date .Site}}`), []string{"home.html", "wrong type"}},
		"argument of a field":          {"home.html", content(`{{.Site "x"}}`), []string{"home.html", "Site"}},
		"a name that replaces nothing": {"homee.html", content(`x`), []string{"templates/homee.html replaces no template; there are activity.html, ask.html, "}},
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
		"a field of More":       `{{with .More}}{{.Whatever}}{{end}}{{if .More}}{{.More.Whatever}}{{end}}{{range .More}}{{.Whatever}}{{end}}`,
		"a far element":         `{{if gt (len .Flashes) 9}}{{(index .Flashes 9).Category}}{{end}}`,
		"a part of its own":     `{{template "part" .}}{{end}}{{define "part"}}{{.Site}}`,
		"variables of a branch": `{{with $x := .Site}}{{$x}}{{else}}{{$x}}{{end}}{{if $y := .Site}}{{$y}}{{end}}`,
		"a loop that is left":   `{{range .Flashes}}{{if .Category}}{{break}}{{end}}{{continue}}{{end}}`,
		"parts of branches": `{{if .User}}{{template "a" .}}{{else}}{{template "b" .}}{{end}}{{range .Flashes}}{{template "c" .}}{{else}}{{template "d" .}}{{end}}{{with .User}}{{template "e" .}}{{end}}{{end}}` +
			`{{define "a"}}x{{end}}{{define "b"}}x{{end}}{{define "c"}}x{{end}}{{define "d"}}x{{end}}{{define "e"}}x`,
		"the else of a loop":     `{{range .Flashes}}{{.Category}}{{else}}{{.Site}}{{end}}{{with .User}}{{.Name}}{{else}}{{.Site}}{{end}}`,
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

// Templates are tried with something in every field of every page: a fault is found where
// a page shows what it seldom has.
func TestTemplatesAreTriedWithEverything(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ page, shows string }{
		{"home", `with .User`}, {"home", `with .User.Name`}, {"home", `range .Flashes`}, {"home", `range .Scripts`},
		{"home", `if hasRole .Context "x" | not`}, {"home", `with (index .Flashes 0).Args`},
		{"home", `with (index .Flashes 0) | nextStep`}, {"home", `with .Narrow`},
		{"login", `with .Pending.ID`}, {"login", `with .Pending.Account.Details`}, {"login", `with .Passkey.Wrong`}, {"login", `with t .Passkey.Label`},
		{"register", `with .SignUp.Profile.Email`}, {"register", `with .PasswordMinLength`}, {"register", `with .Form.Is "username"`},
		{"profile", `range .Account.Roles`}, {"profile", `with .Account.LoginCount`}, {"profile", `with (index .Languages 0).Tag`},
		{"profile", `with (account (index (index .Buttons 0).Connections 0).Connection).Trouble`},
		{"connections", `with (permissions (index .Buttons 0) (index (index .Buttons 0).Connections 0).Connection).Missing`},
		{"connections", `range (index .Buttons 0).Provider.ScopeTexts`},
		{"connections", `with index (index .Buttons 0).Provider.ScopeTexts "ScopeTexts"`}, {"disconnect", `with .Connection.RemoveURL`}, {"connect", `with .Account.ImageURL`},
		{"password", `with .Form.Is "new_password_confirm"`}, {"ask", `with .Sent`}, {"ask", `with t (print .Ask ".title")`},
		{"reset", `with .Form.Message.Code`}, {"verify", `with .Passkey.Next`}, {"name", `with t (print "field." .Field)`}, {"link", `with t (print .Kind ".title")`},
		{"sessions", `range .Sessions`}, {"security", `range .Missing`}, {"security", `with link (index .Missing 0).Text "/"`},
		{"security", `range .Factors.Devices`}, {"security", `with .Tokens`}, {"activity", `range .Entries`}, {"tokens", `with (index .Lasts 0).Seconds`},
		{"token", `with .Token`}, {"data_deletion", `with .Base`}, {"deletion", `with .At.Year`}, {"factor", `with link (print "factor.lost" .For) "/"`},
		{"totp", `with .QR`}, {"passkeys", `range .Passkeys`}, {"passkey", `with .Passkey.Name`}, {"recovery", `with t (print "recovery.keep" .For)`}, {"problem", `range .Steps`},
	} {
		t.Run(tc.page+" "+tc.shows, func(t *testing.T) {
			t.Parallel()
			soc, acc := open()
			_, err := web.New(soc, acc, web.Options{Files: fstest.MapFS{
				"templates/" + tc.page + ".html": {Data: []byte(`{{define "content"}}{{` + tc.shows + `}}{{$.Nothing}}{{end}}{{end}}`)},
			}})
			if err == nil || !strings.Contains(err.Error(), tc.page+".html") || !strings.Contains(err.Error(), "Nothing") {
				t.Errorf("the fault is not found: %v", err)
			}
		})
	}
}

// The files of parts define what pages use of them: the error names the file and the block.
func TestPartsHaveTheirBlocks(t *testing.T) {
	t.Parallel()
	for file, blocks := range map[string][]string{
		"buttons": {"login", "verify", "connect", "reconnect", "disconnect"}, "connection": {"status", "trouble", "account", "permissions"}, "providers": {"providers"},
		"password_field": {"password field", "account field"}, "more": {"more"}, "passkey_form": {"passkey form"}, "security_ways": {"security ways"},
		"security_factors": {"security factors"}, "security_tokens": {"security tokens"}, "security_sessions": {"security sessions"}, "security_account": {"security account"},
	} {
		for _, missing := range blocks {
			text := ""
			for _, block := range blocks {
				if block != missing {
					text += `{{define "` + block + `"}}x{{end}}`
				}
			}
			soc, acc := open()
			_, err := web.New(soc, acc, web.Options{Files: fstest.MapFS{"templates/" + file + ".html": {Data: []byte(text)}}})
			if want := `templates/` + file + `.html: the block "` + missing + `" is missing`; err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %s", err, want)
			}
		}
	}
}
