package web

import (
	"bytes"
	"context"
	"html/template"
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
)

// Funcs returns the template functions of providers' buttons, which work without
// JavaScript: forms, and one link. They are for the application's own templates,
// which get the buttons from social.Social.Buttons.
//
//	loginButton BUTTON [NEXT]                 logs in
//	verifyButton BUTTON [NEXT]                proves once more who the signed-in user is
//	connectionButton BUTTON [NEXT]            connects, or disconnects what is connected
//	connectButton BUTTON [NEXT]               connects an account, or another one
//	reconnectButton BUTTON CONNECTION [NEXT]  authorizes again
//	grantButton BUTTON CONNECTION [NEXT]      asks for the permissions that are missing
//	disconnectButton BUTTON CONNECTION        leads to the page that disconnects
//	mark MARK NAME                            the provider's mark, as SVG
//
// BUTTON is a social.Button, CONNECTION one of its Connections, NEXT the page of this
// site to go to then. Two more say what the signed-in user may do; CONTEXT is the
// request's, which our own pages have as .Context:
//
//	hasRole CONTEXT ROLE
//	hasPermission CONTEXT PERMISSION
//
// The classes they use are in /social-static/social.css.
//
// They are in the default language; those of FuncsFor are in the one of a request.
func (w *Web) Funcs() template.FuncMap { return w.languages[w.texts.Default()].buttonFuncs() }

// FuncsFor returns the functions of Funcs in the language that the request asks for. A
// template that was parsed with Funcs takes them by Clone and Funcs.
func (w *Web) FuncsFor(r *http.Request) template.FuncMap { return w.languageOf(r).buttonFuncs() }

func (l *language) buttonFuncs() template.FuncMap {
	connect := func(b social.Button, next ...string) (template.HTML, error) {
		return l.renderButton("connect", button{Button: b, Next: last(next)})
	}
	disconnect := func(b social.Button, c social.ConnectionButton) (template.HTML, error) {
		return l.renderButton("disconnect", button{Button: b, Connection: c, RemovePage: l.web.removePage(c.ID)})
	}
	reconnect := func(label string) func(b social.Button, c social.ConnectionButton, next ...string) (template.HTML, error) {
		return func(b social.Button, c social.ConnectionButton, next ...string) (template.HTML, error) {
			return l.renderButton("reconnect", button{Button: b, Connection: c, Label: label, Next: last(next)})
		}
	}
	return template.FuncMap{
		"mark": l.web.mark,
		"loginButton": func(b social.Button, next ...string) (template.HTML, error) {
			return l.renderButton("login", button{Button: b, Next: last(next)})
		},
		"verifyButton": func(b social.Button, next ...string) (template.HTML, error) {
			return l.renderButton("verify", button{Button: b, Next: last(next)})
		},
		"connectionButton": func(b social.Button, next ...string) (template.HTML, error) {
			if len(b.Connections) > 0 {
				return disconnect(b, b.Connections[0])
			}
			return connect(b, next...)
		},
		"connectButton":    connect,
		"reconnectButton":  reconnect("button.reconnect"),
		"grantButton":      reconnect("button.grant"),
		"disconnectButton": disconnect,
		"hasRole": func(ctx context.Context, role string) bool {
			u := accounts.Current(ctx)
			return u != nil && u.HasRole(role)
		},
		"hasPermission": l.web.acc.HasPermission,
	}
}

// last returns the optional argument of a template function.
func last(of []string) string {
	if len(of) == 0 {
		return ""
	}
	return of[len(of)-1]
}

// A button is the view of templates/buttons.html.
type button struct {
	social.Button
	Next       string
	Connection social.ConnectionButton
	Label      string // of reconnecting: the key of a text
	RemovePage string // the page that disconnects
}

func (l *language) renderButton(name string, b button) (template.HTML, error) {
	var out bytes.Buffer
	err := template.Must(l.buttons()).ExecuteTemplate(&out, name, b)
	return template.HTML(out.String()), err // escaped by the template
}
