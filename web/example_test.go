package web_test

import (
	"fmt"
	"html/template"
	"log"
	"net/http"
	"net/http/httptest"
	"testing/fstest"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	accountstore "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/vault/memstore"
	"github.com/gosocial/social/web"
)

// open returns a Social and its accounts, for pages.
func open() (*social.Social, *accounts.Accounts) {
	return openWith(func(*accounts.Config) {})
}

// openWith is open with other accounts.
func openWith(configure func(*accounts.Config)) (*social.Social, *accounts.Accounts) {
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		log.Fatal(err)
	}
	c := accounts.Config{Store: accountstore.New(), AppURL: "http://localhost:8080", Keys: keys, APITokens: true}
	configure(&c)
	acc, err := accounts.New(c)
	if err != nil {
		log.Fatal(err)
	}
	soc, err := social.New(social.Config{
		AppURL:      "http://localhost:8080",
		Providers:   []oauth.Provider{providers.GitHub(oauth.Credentials{ClientID: "id", ClientSecret: "secret"})},
		Connections: memstore.New(), Users: acc, Keys: keys,
	})
	if err != nil {
		log.Fatal(err)
	}
	return soc, acc
}

// get asks the handler for a page.
func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost:8080"+path, nil))
	return w
}

// An application's own home page within the default layout. Elsewhere
// Files is an embed.FS or os.DirFS.
func ExampleOptions_files() {
	soc, acc := open()
	pages, err := web.New(soc, acc, web.Options{
		Site: "Orchard",
		Files: fstest.MapFS{
			"templates/layout.html": {Data: []byte(`{{.Site}}: {{template "content" .}}`)},
			"templates/home.html":   {Data: []byte(`{{define "content"}}{{with .User}}Hello {{.Name}}{{else}}Apples for everybody{{end}}{{end}}`)},
		},
	})
	if err != nil {
		log.Fatal(err) // a template that does not parse
	}
	fmt.Println(get(acc.Middleware(pages), "/").Body)
	// Output: Orchard: Apples for everybody
}

// The providers' buttons on a page of the application's own.
func ExampleWeb_Funcs() {
	soc, acc := open()
	pages, err := web.New(soc, acc)
	if err != nil {
		log.Fatal(err)
	}
	shop := template.Must(template.New("shop").Funcs(pages.Funcs()).Parse(
		`{{range .}}{{connectionButton .}}{{end}}`))

	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.HandleFunc("GET /shop", func(w http.ResponseWriter, r *http.Request) {
		buttons, err := soc.Buttons(r.Context())
		if err != nil {
			http.Error(w, "try again soon", http.StatusInternalServerError)
			return
		}
		shop.Execute(w, buttons)
	})
	fmt.Println(get(acc.Middleware(mux), "/shop").Body)
	// Output:
	// <form method="post" action="/connect/github"><button class="quiet">Connect<span class="unseen"> GitHub</span></button></form>
}
