package web

import (
	"bytes"
	"fmt"
	"html/template"
	"net/url"
	"strings"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// Funcs returns the template functions that draw providers' buttons: forms that
// work without JavaScript. They are for the application's own templates.
//
//	loginButton ID NEXT               signs in; NEXT is where to go then, or ""
//	connectionButton ID CONNECTION    disconnects it, or connects when it is nil
//	connectButton ID COUNT            connects an account, another one when COUNT > 0
//	reconnectButton CONNECTION        authorizes again
//	disconnectButton CONNECTION       removes the connection
//	disconnectAllButton ID            removes all connections to the provider
//	mark ID NAME                      the provider's mark, as SVG
//
// ID is a provider's ID, CONNECTION a vault.Connection.
func (w *Web) Funcs() template.FuncMap {
	return template.FuncMap{
		"mark":                w.mark,
		"loginButton":         w.loginButton,
		"connectionButton":    w.connectionButton,
		"connectButton":       w.connectButton,
		"reconnectButton":     w.reconnectButton,
		"disconnectButton":    w.disconnectButton,
		"disconnectAllButton": w.disconnectAllButton,
	}
}

func (w *Web) pageFuncs() template.FuncMap {
	funcs := w.Funcs()
	funcs["static"] = w.static.address
	funcs["statusText"] = statusText
	funcs["date"] = date
	funcs["join"] = strings.Join
	return funcs
}

// A button is what templates/buttons.html draws from.
type button struct {
	Provider   oauth.Description
	Action     string
	Next       string
	Another    bool
	Connection vault.Connection
}

func (w *Web) draw(name, providerID string, b button, path ...string) (template.HTML, error) {
	var ok bool
	if b.Provider, ok = w.soc.Provider(providerID); !ok {
		return "", fmt.Errorf("web: no provider %q is configured", providerID)
	}
	b.Action = w.soc.Config().URLPrefix + "/" + strings.Join(path, "/")
	var out bytes.Buffer
	err := w.buttons.ExecuteTemplate(&out, name, b)
	return template.HTML(out.String()), err // escaped by the template
}

func (w *Web) loginButton(id, next string) (template.HTML, error) {
	return w.draw("login", id, button{Next: next}, "login", id)
}

func (w *Web) connectionButton(id string, c *vault.Connection) (template.HTML, error) {
	if c != nil {
		return w.disconnectButton(*c)
	}
	return w.connectButton(id, 0)
}

func (w *Web) connectButton(id string, count int) (template.HTML, error) {
	return w.draw("connect", id, button{Another: count > 0}, "connect", id)
}

func (w *Web) reconnectButton(c vault.Connection) (template.HTML, error) {
	return w.draw("reconnect", c.ProviderID, button{Connection: c}, "reconnect", c.ProviderID)
}

func (w *Web) disconnectButton(c vault.Connection) (template.HTML, error) {
	return w.draw("disconnect", c.ProviderID, button{Connection: c}, "connect", c.ProviderID, url.PathEscape(c.ProviderUserID))
}

func (w *Web) disconnectAllButton(id string) (template.HTML, error) {
	return w.draw("disconnect-all", id, button{}, "connect", id)
}
