package main

import (
	"errors"
	"html/template"
	"io"
	"log"
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

var pages = template.Must(template.New("").Parse(`
{{define "login"}}<h1>Sign in</h1>
{{range .}}<form method="post" action="/login/{{.ID}}"><button>Sign in with {{.Name}}</button></form>
{{end}}{{end}}

{{define "profile"}}<h1>Hello {{.Email}}</h1>
<ul>{{range .Connections}}<li>{{.ProviderID}}: {{.DisplayName}}</li>{{end}}</ul>
{{range .Providers}}<form method="post" action="/connect/{{.ID}}"><button>Connect {{.Name}}</button></form>
{{end}}<form method="post" action="/logout"><button>Sign out</button></form>
<form method="post" action="/delete"><button>Delete my account</button></form>{{end}}
`))

func routes(soc *social.Social, p *people, google string) http.Handler {
	ours := http.NewCrossOriginProtection() // other sites' forms change nothing here
	mux := http.NewServeMux()
	mux.Handle("/", soc.Handler()) // log-in, connecting, callbacks
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `<a href="/login">Sign in</a>`)
	})
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) {
		show(w, "login", described(soc))
	})
	mux.Handle("POST /logout", ours.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leave(w, r, p.SignOut(w, r))
	})))
	mux.Handle("GET /profile", signedIn(func(w http.ResponseWriter, r *http.Request, who person) {
		list, err := soc.Vault().Connections(r.Context(), who.ID.Hex(), "")
		if err != nil {
			fail(w, err)
			return
		}
		show(w, "profile", map[string]any{"Email": who.Email, "Connections": list, "Providers": described(soc)})
	}))
	mux.Handle("POST /delete", ours.Handler(signedIn(func(w http.ResponseWriter, r *http.Request, who person) {
		leave(w, r, p.delete(r.Context(), soc.Vault(), who))
	})))
	mux.Handle("GET /google", signedIn(func(w http.ResponseWriter, r *http.Request, who person) {
		c, err := soc.Connection(r.Context(), "google")
		if errors.Is(err, vault.ErrNoConnection) {
			http.Error(w, "Connect your Google account first.", http.StatusConflict)
			return
		}
		if err != nil {
			fail(w, err)
			return
		}
		answer, err := soc.Client(c).Get(google)
		if err != nil {
			http.Error(w, "Google did not answer.", http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		io.Copy(w, answer.Body)
	}))
	return mux
}

func signedIn(page func(http.ResponseWriter, *http.Request, person)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, ok := current(r.Context())
		switch {
		case ok:
			page(w, r, who)
		case social.WantsJSON(r):
			http.Error(w, "Sign in first.", http.StatusUnauthorized)
		default:
			http.Redirect(w, r, "/login", http.StatusSeeOther)
		}
	}
}

func described(soc *social.Social) (list []oauth.Description) {
	for _, p := range soc.Config().Providers {
		list = append(list, p.Description())
	}
	return list
}

func show(w http.ResponseWriter, page string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := pages.ExecuteTemplate(w, page, data); err != nil {
		log.Print(err)
	}
}

// leave goes back to the first page, if there was no error.
func leave(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		fail(w, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func fail(w http.ResponseWriter, err error) {
	log.Print(err)
	http.Error(w, "Try again soon.", http.StatusServiceUnavailable)
}
