package web

import (
	"bytes"
	"context"
	"html/template"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
)

// Funcs returns the template functions of providers' buttons, which work without
// JavaScript: forms, and one link. They are for the application's own templates,
// which get the buttons from social.Social.Buttons.
//
//	loginButton BUTTON [NEXT]                 logs in
//	connectionButton BUTTON [NEXT]            connects, or disconnects what is connected
//	connectButton BUTTON [NEXT]               connects an account, or another one
//	reconnectButton BUTTON CONNECTION [NEXT]  authorizes again
//	grantButton BUTTON CONNECTION [NEXT]      asks for the permissions that are missing
//	disconnectButton BUTTON CONNECTION        leads to the page that disconnects
//	mark ID NAME                              the provider's mark, as SVG
//
// BUTTON is a social.Button, CONNECTION one of its Connections, NEXT the page of this
// site to go to then. Two more say what the signed-in user may do; CONTEXT is the
// request's, which our own pages have as .Context:
//
//	hasRole CONTEXT ROLE
//	hasPermission CONTEXT PERMISSION
//
// The classes they use are in /social-static/social.css.
func (w *Web) Funcs() template.FuncMap {
	connect := func(b social.Button, next ...string) (template.HTML, error) {
		return w.renderButton("connect", button{Button: b, Next: last(next)})
	}
	disconnect := func(b social.Button, c social.ConnectionButton) (template.HTML, error) {
		return w.renderButton("disconnect", button{Button: b, Connection: c, RemovePage: w.removePage(c.ID)})
	}
	reconnect := func(label string) func(b social.Button, c social.ConnectionButton, next ...string) (template.HTML, error) {
		return func(b social.Button, c social.ConnectionButton, next ...string) (template.HTML, error) {
			return w.renderButton("reconnect", button{Button: b, Connection: c, Label: label, Next: last(next)})
		}
	}
	return template.FuncMap{
		"mark": w.mark,
		"loginButton": func(b social.Button, next ...string) (template.HTML, error) {
			return w.renderButton("login", button{Button: b, Next: last(next)})
		},
		"connectionButton": func(b social.Button, next ...string) (template.HTML, error) {
			if len(b.Connections) > 0 {
				return disconnect(b, b.Connections[0])
			}
			return connect(b, next...)
		},
		"connectButton":    connect,
		"reconnectButton":  reconnect("Reconnect"),
		"grantButton":      reconnect("Allow the rest"),
		"disconnectButton": disconnect,
		"hasRole": func(ctx context.Context, role string) bool {
			u := accounts.Current(ctx)
			return u != nil && u.HasRole(role)
		},
		"hasPermission": w.acc.HasPermission,
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
	Label      string // of reconnecting
	RemovePage string // the page that disconnects
}

func (w *Web) renderButton(name string, b button) (template.HTML, error) {
	var out bytes.Buffer
	err := w.buttons.ExecuteTemplate(&out, name, b)
	return template.HTML(out.String()), err // escaped by the template
}
