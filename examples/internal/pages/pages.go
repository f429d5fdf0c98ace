// Package pages has the few pages of an application with users of its own.
package pages

import (
	"context"
	"errors"
	"html/template"
	"io"
	"log"
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A Person is who is signed in.
type Person struct{ ID, Email string }

// Pages say what they stand around.
type Pages struct {
	Social  *social.Social
	Current func(context.Context) (p Person, ok bool)
	Delete  func(ctx context.Context, userID string) error // with their connections
	Google  string                                         // an address of Google's API
}

var templates = template.Must(template.New("").Parse(`
{{define "login"}}<h1>Sign in</h1>
{{range .}}<form method="post" action="/login/{{.ID}}"><button>Sign in with {{.Name}}</button></form>
{{end}}{{end}}

{{define "profile"}}<h1>Hello {{.Email}}</h1>
<ul>{{range .Connections}}<li>{{.ProviderID}}: {{.DisplayName}}</li>{{end}}</ul>
{{range .Providers}}<form method="post" action="/connect/{{.ID}}"><button>Connect {{.Name}}</button></form>
{{end}}<form method="post" action="/logout"><button>Sign out</button></form>
<form method="post" action="/delete"><button>Delete my account</button></form>{{end}}
`))

// Handler serves the pages, and the endpoints of Social.
func (s Pages) Handler() http.Handler {
	ours := http.NewCrossOriginProtection() // other sites' forms change nothing here
	mux := http.NewServeMux()
	mux.Handle("/", s.Social.Handler()) // log-in, connecting, callbacks
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `<a href="/login">Sign in</a>`)
	})
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) { show(w, "login", s.providers()) })
	mux.Handle("GET /profile", s.signedIn(s.profile))
	mux.Handle("GET /google", s.signedIn(s.google))
	mux.Handle("POST /logout", ours.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leave(w, r, s.Social.Config().Users.SignOut(w, r))
	})))
	mux.Handle("POST /delete", ours.Handler(s.signedIn(func(w http.ResponseWriter, r *http.Request, p Person) {
		leave(w, r, s.Delete(r.Context(), p.ID))
	})))
	return mux
}

func (s Pages) profile(w http.ResponseWriter, r *http.Request, p Person) {
	list, err := s.Social.Vault().Connections(r.Context(), p.ID, "")
	if err != nil {
		fail(w, err)
		return
	}
	show(w, "profile", map[string]any{"Email": p.Email, "Connections": list, "Providers": s.providers()})
}

// google asks Google, for the signed-in person, who they are there.
func (s Pages) google(w http.ResponseWriter, r *http.Request, _ Person) {
	c, err := s.Social.Connection(r.Context(), "google")
	if errors.Is(err, vault.ErrNoConnection) {
		http.Error(w, "Connect your Google account first.", http.StatusConflict)
		return
	}
	if err != nil {
		fail(w, err)
		return
	}
	answer, err := s.Social.Client(c).Get(s.Google)
	if errors.Is(err, vault.ErrNeedsReauthorization) {
		http.Error(w, "Reconnect your Google account first.", http.StatusConflict)
		return
	}
	if err != nil {
		http.Error(w, "Google did not answer.", http.StatusBadGateway)
		return
	}
	defer answer.Body.Close()
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(answer.StatusCode)
	io.Copy(w, answer.Body)
}

func (s Pages) signedIn(page func(http.ResponseWriter, *http.Request, Person)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p, ok := s.Current(r.Context())
		switch {
		case ok:
			page(w, r, p)
		case social.WantsJSON(r):
			http.Error(w, "Sign in first.", http.StatusUnauthorized)
		default:
			http.Redirect(w, r, "/login", http.StatusSeeOther)
		}
	}
}

func (s Pages) providers() (list []oauth.Description) {
	for _, p := range s.Social.Config().Providers {
		list = append(list, p.Description())
	}
	return list
}

func show(w http.ResponseWriter, page string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := templates.ExecuteTemplate(w, page, data); err != nil {
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
