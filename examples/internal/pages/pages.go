// Package pages has the pages of the examples that have users of their own.
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

// A Person is a signed-in user.
type Person struct{ ID, Email string }

// Pages are the pages of one application.
type Pages struct {
	Social  *social.Social
	Current func(context.Context) (person Person, ok bool)
	Delete  func(ctx context.Context, userID string) error // deletes a user and their connections
	Google  string                                         // an address of Google's API
}

var templates = template.Must(template.New("").Parse(`
{{define "messages"}}{{range .Messages}}<p role="status">{{.Text}}</p>
{{end}}{{end}}

{{define "login"}}{{template "messages" .}}<h1>Sign in</h1>
{{range .Providers}}<form method="post" action="/login/{{.ID}}"><button>Sign in with {{.Name}}</button></form>
{{end}}{{end}}

{{define "register"}}{{template "messages" .}}<h1>Register with your {{.Provider.Name}} account: {{.Profile.DisplayName}}</h1>
{{with .Wrong}}<p role="alert">{{.}}</p>
{{end}}<form method="post"><label>E-mail <input type="email" name="email" value="{{.Email}}" autocomplete="email" required></label>
<button>Register</button></form>
<p>Registered already? <a href="/login">Sign in</a>, and connect {{.Provider.Name}} on your profile.</p>{{end}}

{{define "profile"}}{{template "messages" .}}<h1>Hello {{.Email}}</h1>
<ul>{{range .Connections}}<li>{{.ProviderID}}: {{.DisplayName}}</li>{{end}}</ul>
{{range .Providers}}<form method="post" action="/connect/{{.ID}}"><button>Connect {{.Name}}</button></form>
{{end}}<form method="post" action="/logout"><button>Sign out</button></form>
<form method="post" action="/delete"><button>Delete my account</button></form>{{end}}
`))

// Handler returns a handler for the pages and for the endpoints of Social.
func (p Pages) Handler() http.Handler {
	sameSite := http.NewCrossOriginProtection() // refuses forms of other sites
	mux := http.NewServeMux()
	mux.Handle("/", p.Social.Handler()) // log-in, connecting, callbacks
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `<a href="/login">Sign in</a>`)
	})
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) {
		p.show(w, r, "login", map[string]any{"Providers": p.providers()})
	})
	// Where a provider gives no e-mail address, a sign-up is finished here.
	mux.HandleFunc("GET /register/{provider}", p.register)
	mux.Handle("POST /register/{provider}", sameSite.Handler(http.HandlerFunc(p.register)))
	mux.Handle("GET /profile", p.signedIn(p.profile))
	mux.Handle("GET /google", p.signedIn(p.google))
	mux.Handle("POST /logout", sameSite.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.Social.EndPending(w, r) // or an unfinished sign-up goes to the next person here
		home(w, r, p.Social.Config().Users.SignOut(w, r))
	})))
	mux.Handle("POST /delete", sameSite.Handler(p.signedIn(func(w http.ResponseWriter, r *http.Request, person Person) {
		home(w, r, p.Delete(r.Context(), person.ID))
	})))
	return mux
}

func (p Pages) profile(w http.ResponseWriter, r *http.Request, person Person) {
	list, err := p.Social.Vault().Connections(r.Context(), person.ID, "")
	if err != nil {
		fail(w, err)
		return
	}
	p.show(w, r, "profile", map[string]any{"Email": person.Email, "Connections": list, "Providers": p.providers()})
}

// google calls Google's API for the signed-in user.
func (p Pages) google(w http.ResponseWriter, r *http.Request, _ Person) {
	c, err := p.Social.Connection(r.Context(), "google")
	if errors.Is(err, vault.ErrNoConnection) {
		http.Error(w, "Connect your Google account first.", http.StatusConflict)
		return
	}
	if err != nil {
		fail(w, err)
		return
	}
	answer, err := p.Social.Client(c).Get(p.Google)
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

func (p Pages) signedIn(page func(http.ResponseWriter, *http.Request, Person)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		person, ok := p.Current(r.Context())
		switch {
		case ok:
			page(w, r, person)
		case social.WantsJSON(r):
			http.Error(w, "Sign in first.", http.StatusUnauthorized)
		default:
			http.Redirect(w, r, "/login", http.StatusSeeOther)
		}
	}
}

func (p Pages) providers() (list []oauth.Description) {
	for _, provider := range p.Social.Config().Providers {
		list = append(list, provider.Description())
	}
	return list
}

// show shows a page with the messages that wait for it, such as why a log-in failed.
func (p Pages) show(w http.ResponseWriter, r *http.Request, page string, data map[string]any) {
	data["Messages"] = p.Social.Flashes(w, r)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := templates.ExecuteTemplate(w, page, data); err != nil {
		log.Print(err)
	}
}

// home redirects to the first page, unless err is an error.
func home(w http.ResponseWriter, r *http.Request, err error) {
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
