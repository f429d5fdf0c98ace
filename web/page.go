package web

import (
	"html/template"
	"net/http"
	"strings"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
)

// A page is what every template finds; which fields are filled depends on the
// page.
type page struct {
	Site, Title  string
	Prefix       string // social.Config.URLPrefix
	Narrow       bool
	Registration bool
	Flashes      []social.Flash
	User         *person // nil when nobody is signed in

	Buttons []social.Button // the providers, with the user's connections
	Next    string          // where to go after the form
	Action  string          // where the form goes
	Form    form
	SignUp  *signUp // an unfinished sign-up

	PasswordMinLength int

	Problem social.Problem
	Style   template.CSS // the stylesheet, where the page may load none
	More    any
}

// A person is the signed-in user as pages show them.
type person struct {
	Name, Email, Username, Roles string
	LoginCount                   int64
	CurrentLogin, LastLogin      string
}

// A form is what somebody entered, and what is wrong with it.
type form struct {
	Email    string
	Remember bool
	Message  string            // about the whole
	Wrong    map[string]string // by field
}

// A signUp is a profile waiting for its account.
type signUp struct{ Name, DisplayName string }

// page begins a page. It takes the flash messages, so call it before writing.
func (w *Web) page(rw http.ResponseWriter, r *http.Request, title string) page {
	rw.Header().Set("Cache-Control", "no-store")
	p := page{
		Site: w.opts.Site, Title: title, Prefix: w.soc.Config().URLPrefix,
		Registration:      !w.opts.NoRegistration,
		PasswordMinLength: w.opts.PasswordMinLength,
		Flashes:           w.soc.Flashes(rw, r),
	}
	if u := accounts.Current(r.Context()); u != nil {
		p.User = describe(u)
	}
	if w.opts.More != nil {
		p.More = w.opts.More(r)
	}
	return p
}

func describe(u *accounts.User) *person {
	p := &person{
		Name: u.Email, Email: u.Email, Username: u.Username,
		Roles: strings.Join(u.Roles, ", "), LoginCount: u.Login.Count,
	}
	if p.Name == "" {
		p.Name = u.Username
	}
	p.CurrentLogin = occasion(u.Login.CurrentAt, u.Login.CurrentAddress)
	p.LastLogin = occasion(u.Login.LastAt, u.Login.LastAddress)
	return p
}

// show draws a page on which providers can be chosen.
func (w *Web) show(rw http.ResponseWriter, r *http.Request, view string, p page) {
	var err error
	if p.Buttons, err = w.soc.Buttons(r.Context()); err != nil {
		w.fail(rw, r, err)
		return
	}
	w.render(rw, r, http.StatusOK, view, p)
}

// narrow begins a page that holds a form alone.
func (w *Web) narrow(rw http.ResponseWriter, r *http.Request, title, next string, f form) page {
	p := w.page(rw, r, title)
	p.Narrow, p.Next, p.Form = true, next, f
	return p
}

// ShowProblem implements social.Pages. The page loads nothing, for its address
// may hold a code. Its forms may end elsewhere: log-out goes on to the provider.
func (w *Web) ShowProblem(rw http.ResponseWriter, r *http.Request, problem social.Problem) {
	rw.Header().Set("Content-Security-Policy", "default-src 'none'; style-src "+w.static.styleCSP+"; base-uri 'none'; frame-ancestors 'none'")
	p := w.page(rw, r, problem.Title())
	p.Problem = problem
	p.Style = w.static.style
	w.render(rw, r, problem.Status, "problem", p)
}

// refuse answers with the problem of the code.
func (w *Web) refuse(rw http.ResponseWriter, r *http.Request, status int, code string) {
	w.soc.Refuse(rw, r, w, social.Problem{Status: status, Code: code})
}

func (w *Web) notFound(rw http.ResponseWriter, r *http.Request) {
	w.refuse(rw, r, http.StatusNotFound, social.CodeNotFound)
}

func (w *Web) home(rw http.ResponseWriter, r *http.Request) {
	w.render(rw, r, http.StatusOK, "home", w.page(rw, r, "Home"))
}
