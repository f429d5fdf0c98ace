package web

import (
	"bytes"
	"html/template"

	"github.com/gosocial/social"
)

// Funcs returns the template functions of providers' buttons, which are forms that
// work without JavaScript. They are for the application's own templates, which
// get the buttons from social.Social.Buttons.
//
//	loginButton BUTTON NEXT            logs in; NEXT is where to go then, or ""
//	connectionButton BUTTON            connects, or disconnects what is connected
//	connectButton BUTTON               connects an account, or another one
//	reconnectButton BUTTON CONNECTION  authorizes again
//	disconnectButton BUTTON CONNECTION removes the connection
//	disconnectAllButton BUTTON         removes all connections to the provider
//	mark ID NAME                       the provider's mark, as SVG
//
// BUTTON is a social.Button, CONNECTION one of its Connections. The classes they
// use are in /social-static/social.css.
func (w *Web) Funcs() template.FuncMap {
	return template.FuncMap{
		"mark": w.mark,
		"loginButton": func(b social.Button, next string) (template.HTML, error) {
			return w.renderButton("login", button{Button: b, Next: next})
		},
		"connectionButton": func(b social.Button) (template.HTML, error) {
			if len(b.Connections) > 0 {
				return w.renderButton("disconnect", button{Button: b, Connection: b.Connections[0]})
			}
			return w.renderButton("connect", button{Button: b})
		},
		"connectButton": func(b social.Button) (template.HTML, error) {
			return w.renderButton("connect", button{Button: b})
		},
		"reconnectButton": func(b social.Button, c social.ConnectionButton) (template.HTML, error) {
			return w.renderButton("reconnect", button{Button: b, Connection: c})
		},
		"disconnectButton": func(b social.Button, c social.ConnectionButton) (template.HTML, error) {
			return w.renderButton("disconnect", button{Button: b, Connection: c})
		},
		"disconnectAllButton": func(b social.Button) (template.HTML, error) {
			return w.renderButton("disconnect-all", button{Button: b})
		},
	}
}

// A button is the view of templates/buttons.html.
type button struct {
	social.Button
	Next       string
	Connection social.ConnectionButton
}

func (w *Web) renderButton(name string, b button) (template.HTML, error) {
	var out bytes.Buffer
	err := w.buttons.ExecuteTemplate(&out, name, b)
	return template.HTML(out.String()), err // escaped by the template
}
