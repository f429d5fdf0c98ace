package web

import (
	"cmp"
	"context"
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/internal/tenant"
)

// A layout is the view of templates/layout.html, which is around every page. The
// page's own view embeds it.
type layout struct {
	Site    string
	Mark    string   // the address of a tenant's picture, or "": the default one
	Style   string   // that of its stylesheet, which follows the default one, or ""
	Prefix  string   // social.Config.URLPrefix, before the endpoints
	Base    string   // before the other pages
	Narrow  bool     // the page has a form alone
	Inline  bool     // the page may load nothing: the stylesheet is in it
	Scripts []string // that the page loads: see Web.script
	// SecretAddress: the page's address has the token of a mailed link. By the header
	// Referrer-Policy no request from it names any of the address; browsers then send its
	// form with "Origin: null" (Fetch §3.2), and the ones that have no Sec-Fetch-Site would
	// seem to come from another site. So the page itself allows its origin alone.
	SecretAddress bool
	Registration  bool   // visitors can register
	GoOn          string // the page where an unfinished log-in goes on, or ""
	User          *user  // nil when nobody is signed in
	Flashes       []social.Flash
	Context       context.Context // of the request, for hasRole and hasPermission
	More          any             // of Options.More
}

// A user is the signed-in user in the navigation.
type user struct{ Name string }

// layout takes the flash messages, and so sets a cookie: call it before the answer's
// header is written.
func (w *Web) layout(rw http.ResponseWriter, r *http.Request) layout {
	reply.NoStore(rw.Header())
	site := tenant.SiteOf(r.Context())
	l := layout{
		Site: cmp.Or(site.Name, w.opts.Site), Mark: site.Mark, Style: site.Style, Prefix: w.soc.Config().URLPrefix, Base: w.base,
		Registration: !w.opts.NoRegistration,
		Flashes:      w.soc.Flashes(rw, r),
		Context:      r.Context(),
		GoOn:         w.limitedPage(r),

		SecretAddress: r.PathValue("token") != "",
	}
	if u := accounts.Current(r.Context()); u != nil {
		l.User = &user{name(u)}
	}
	if w.opts.More != nil {
		l.More = w.opts.More(r)
	}
	return l
}

// name returns the name of a user on pages.
func name(u *accounts.User) string {
	if u.Email != "" {
		return u.Email
	}
	return u.Username
}

// A formPage is a page with a form alone.
type formPage struct {
	layout
	Form    form
	Next    string          // where to go after the form
	Buttons []social.Button // of the providers, beside the form

	SignUpID string // goes with the forms, so that a sign-up survives the log-in
}

// A form is what a person entered, and what is wrong with it.
type form struct {
	Email    string
	Username string
	Remember bool
	Message  social.Message            // about the whole
	Wrong    map[string]social.Message // by field
}

// Is returns what is wrong with a field, or nil.
func (f form) Is(field string) *social.Message {
	if m, ok := f.Wrong[field]; ok {
		return &m
	}
	return nil
}

// Unproved reports whether the message about the whole is that of a wrong name or password.
func (f form) Unproved() bool { return f.Message.Code == social.CodeBadCredentials }

func (w *Web) formPage(rw http.ResponseWriter, r *http.Request, next string, f form) formPage {
	p := formPage{layout: w.layout(rw, r), Form: f, Next: next}
	p.Narrow = true
	return p
}
