package web_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gosocial/social"
	"github.com/gosocial/social/text"
	"github.com/gosocial/social/web"
)

// The functions of the pages' templates, as a template of the application's own sees them.
func TestTemplateFunctions(t *testing.T) {
	t.Parallel()
	texts, err := text.New(text.Options{Files: fstest.MapFS{"en.json": {Data: []byte(`{
		"own.plain": "One & <two>", "own.named": "{a} and {b}", "own.link": "<i> {a} [<b> {b}] <u> {c}", "own.nothing": "no brackets",
		"message.own": "It is done, {who}.", "message.own.connect": "It is connected, {who}.", "step.own": "Go on, {who}."}`)}}})
	if err != nil {
		t.Fatal(err)
	}
	type row struct{ name, template, want string }
	rows := []row{
		{"text", `{{t "own.plain"}}`, "One &amp; &lt;two&gt;"},
		{"arguments", `{{t "own.named" "a" 1 "b" .Site}}`, "1 and Orchard"},
		{"link", `{{link "own.link" "/x?y=\"&z" "a" "<1>" "b" "<2>" "c" "<3>"}}`, `&lt;i&gt; &lt;1&gt; <a href="/x?y=&#34;&amp;z">&lt;b&gt; &lt;2&gt;</a> &lt;u&gt; &lt;3&gt;`},
		{"code", `{{code "own.link" "a" "<1>" "b" "<2>" "c" "<3>"}}`, `&lt;i&gt; &lt;1&gt; <code>&lt;b&gt; &lt;2&gt;</code> &lt;u&gt; &lt;3&gt;`},
		{"language", `{{lang}} {{dir}}`, "en ltr"},
		{"an address with next", `{{withNext "/login" "/a b"}} {{withNext "/login" ""}}`, "/login?next=%2Fa&#43;b /login"},
		{"words", `{{with .More}}{{join . ", "}}{{end}}`, "a, b"},
		{"site", `{{.Site}} {{.Prefix}} {{.Base}}|{{.Registration}}|{{.User}}|{{.GoOn}}|{{.Inline}}|{{.SecretAddress}}`, "Orchard  |true|&lt;nil&gt;||false|false"},
		{"messages", `{{range .Flashes}}{{.Category}} {{say .Message}} {{nextStep .}};{{end}}`, "info It is done, Ana. Go on, Ana.;info It is connected, Ana. Go on, Ana.;info Own words. ;info Unexpected. ;"},
		{"static", `{{static "marks/github.svg"}} {{stylesheet | printf "%.8s"}}`, "/social-static/marks/github.svg :root {\n"},
	}
	field := func(rest string) string {
		return `<div class="field">` + "\n" + `<label for="p">The label</label>` + "\n" + `<div class="secret"><input type="password" id="p" name="p" ` + rest + "\n" + `<button type="button" class="quiet" data-shows="p" aria-pressed="false" aria-label="Show: The label" hidden>Show</button></div>`
	}
	rows = append(rows,
		row{"the current password", `{{template "password field" (currentPassword .Form "p" "The label")}}`, "\n" + field(`autocomplete="current-password" required>`) + "\n</div>"},
		row{"a new password", `{{template "password field" (newPassword .Form "p" "The label" "The hint" true)}}`, "\n" + field(`autocomplete="new-password" required aria-describedby="p-hint">`) + "\n" + `<p class="hint" id="p-hint">The hint</p>` + "\n</div>"},
		row{"a new password that may be left out", `{{template "password field" (newPassword .Form "p" "The label" "" false)}}`, "\n" + field(`autocomplete="new-password">`) + "\n</div>"},
	)
	for _, tc := range rows {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			soc, acc := open()
			page, path := "home", "/"
			if strings.Contains(tc.template, ".Form") {
				page, path = "login", "/login"
			}
			pages, err := web.New(soc, acc, web.Options{
				Site: "Orchard", Texts: texts, More: func(*http.Request) any { return []string{"a", "b"} },
				Files: fstest.MapFS{"templates/layout.html": {Data: []byte(`{{template "content" .}}`)}, "templates/" + page + ".html": {Data: []byte(`{{define "content"}}` + tc.template + `{{end}}`)}},
			})
			if err != nil {
				t.Fatal(err)
			}
			mux := http.NewServeMux()
			mux.Handle("/", pages)
			mux.HandleFunc("GET /flash", func(w http.ResponseWriter, r *http.Request) {
				soc.Flash(w, r, "info", social.Message{Code: "own", Args: map[string]string{"who": "Ana"}})
				soc.Flash(w, r, "info", social.Message{Code: "own", Args: map[string]string{"who": "Ana", social.ArgFlow: "connect"}})
				soc.Flash(w, r, "info", social.Text("Own words."))
				soc.Flash(w, r, "info", social.Message{Code: "unknown", Args: map[string]string{social.ArgText: "Unexpected."}})
			})
			v := &visitor{acc.Middleware(mux), map[string]string{}}
			v.do("GET", "/flash", nil)
			if got := v.do("GET", path, nil).Body.String(); got != tc.want {
				t.Errorf("%q\nwant %q", got, tc.want)
			}
		})
	}
	for name, template := range map[string]string{"an argument alone": `{{t "own.named" "a"}}`, "in a link": `{{link "own.named" "/" "a"}}`, "an unknown text": `{{code "own.none"}}`} {
		soc, acc := open()
		_, err := web.New(soc, acc, web.Options{Texts: texts, Files: fstest.MapFS{"templates/home.html": {Data: []byte(`{{define "content"}}` + template + `{{end}}`)}}})
		if err == nil || !strings.Contains(err.Error(), "own.n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
