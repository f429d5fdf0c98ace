package web_test

import (
	"html/template"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/web"
)

// The functions of an application's templates draw every button, with the address that it
// leads to and the one to go to then.
func TestButtonFunctions(t *testing.T) {
	t.Parallel()
	soc, acc := open()
	pages, err := web.New(soc, acc)
	if err != nil {
		t.Fatal(err)
	}
	none := social.Button{
		Provider: oauth.Description{ID: "acme", Name: "Acme & Co", Mark: "none"},
		LoginURL: "/login/acme", ConnectURL: "/connect/acme", ReconnectURL: "/reconnect/acme", VerifyURL: "/verify/acme",
	}
	one := none
	one.Connections = []social.ConnectionButton{{Connection: vault.Connection{ID: "c1", DisplayName: "ana"}}, {Connection: vault.Connection{ID: "c2", DisplayName: "jun"}}}
	const (
		mark = `<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false" class="mark"><circle cx="12" cy="12" r="10.5" fill="none" stroke="currentColor" stroke-width="2"/><text x="12" y="16.5" text-anchor="middle" font-size="13" font-weight="700" font-family="sans-serif">A</text></svg>`
		next = `<input type="hidden" name="next" value="/shop">`
	)
	for name, tc := range map[string]struct {
		button   social.Button
		template string
		want     string
	}{
		"log in":            {none, `{{loginButton .}}`, `<form method="post" action="/login/acme"><button class="wide brand-none">` + mark + `Sign in with Acme &amp; Co</button></form>`},
		"log in, next":      {none, `{{loginButton . "/shop"}}`, `<form method="post" action="/login/acme">` + next + `<button class="wide brand-none">` + mark + `Sign in with Acme &amp; Co</button></form>`},
		"verify":            {one, `{{verifyButton . "/shop"}}`, `<form method="post" action="/verify/acme">` + next + `<button class="wide brand-none">` + mark + `Go on with Acme &amp; Co</button></form>`},
		"connect":           {none, `{{connectButton . "/shop"}}`, `<form method="post" action="/connect/acme">` + next + `<button class="quiet">Connect<span class="unseen"> Acme &amp; Co</span></button></form>`},
		"connect another":   {one, `{{connectButton . "/shop"}}`, `<form method="post" action="/connect/acme">` + next + `<button class="quiet">Connect another Acme &amp; Co account</button></form>`},
		"not connected":     {none, `{{connectionButton . "/shop"}}`, `<form method="post" action="/connect/acme">` + next + `<button class="quiet">Connect<span class="unseen"> Acme &amp; Co</span></button></form>`},
		"connected":         {one, `{{connectionButton . "/shop"}}`, `<a class="button quiet danger" href="/connections/c1/remove">Disconnect<span class="unseen"> Acme &amp; Co: ana</span></a>`},
		"disconnect":        {one, `{{disconnectButton . (index .Connections 1)}}`, `<a class="button quiet danger" href="/connections/c2/remove">Disconnect<span class="unseen"> Acme &amp; Co: jun</span></a>`},
		"reconnect":         {one, `{{reconnectButton . (index .Connections 1) "/shop"}}`, `<form method="post" action="/reconnect/acme">` + next + `<input type="hidden" name="connection" value="c2"><button class="quiet">Reconnect<span class="unseen"> Acme &amp; Co: jun</span></button></form>`},
		"more permissions":  {one, `{{grantButton . (index .Connections 1) "/shop"}}`, `<form method="post" action="/reconnect/acme">` + next + `<input type="hidden" name="connection" value="c2"><button class="quiet">Allow the rest<span class="unseen"> Acme &amp; Co: jun</span></button></form>`},
		"mark":              {one, `{{mark .Provider.Mark .Provider.Name}}`, mark},
		"mark of no letter": {one, `{{mark "none" ""}}`, strings.Replace(mark, ">A<", ">?<", 1)},
		"mark of a letter":  {one, `{{mark "none" "<b"}}`, strings.Replace(mark, ">A<", ">&lt;<", 1)},
		"mark in Greek":     {one, `{{mark "none" "ωμέγα"}}`, strings.Replace(mark, ">A<", ">Ω<", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			page := template.Must(template.New("").Funcs(pages.Funcs()).Parse(tc.template))
			if err := page.Execute(&out, tc.button); err != nil || out.String() != tc.want {
				t.Errorf("%v\n%s\nwant\n%s", err, out.String(), tc.want)
			}
		})
	}
}

// The buttons of a request are in its language.
func TestButtonFunctionsOfALanguage(t *testing.T) {
	t.Parallel()
	soc, acc := open()
	pages, err := web.New(soc, acc)
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range []string{"", "de"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Language", tag)
		var out strings.Builder
		page := template.Must(template.New("").Funcs(pages.FuncsFor(r)).Parse(`{{connectButton .}}`))
		if err := page.Execute(&out, social.Button{}); err != nil || strings.Contains(out.String(), "Verbinden") != (tag == "de") {
			t.Errorf("%q: %v %s", tag, err, out.String())
		}
	}
}

// A button's template that fails gives an error and no half button.
func TestButtonFunctionsFail(t *testing.T) {
	t.Parallel()
	soc, acc := open()
	pages, err := web.New(soc, acc, web.Options{Files: buttonsFile(`{{define "connect"}}half {{index .Connections 7}}{{end}}`)})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	page := template.Must(template.New("").Funcs(pages.Funcs()).Parse(`{{connectButton .}}`))
	if err := page.Execute(&out, social.Button{}); err == nil || strings.Contains(out.String(), "half") {
		t.Errorf("%v: %s", err, out.String())
	}
}

// buttonsFile is templates/buttons.html with one block of the application's own.
func buttonsFile(block string) fstest.MapFS {
	text := block
	for _, name := range []string{"login", "verify", "connect", "reconnect", "disconnect"} {
		if define := `{{define "` + name + `"}}`; !strings.Contains(block, define) {
			text += define + `{{end}}`
		}
	}
	return fstest.MapFS{"templates/buttons.html": {Data: []byte(text)}}
}
