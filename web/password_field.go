package web

import (
	"net/http"

	"github.com/gosocial/social"
)

// A passwordField is the view of the block "password field" of templates/password_field.html.
type passwordField struct {
	Name         string // of the field
	Label        string
	Autocomplete string // "current-password" or "new-password"
	Required     bool
	Invalid      bool
	Hint         string // what a new password has to be, or ""
	Wrong        *social.Message
}

// currentPassword is the template function of a field for the password that a user has. It
// is wrong, too, where the message about the whole form says so.
func currentPassword(f form, name, label string) passwordField {
	wrong := f.Is(name)
	return passwordField{Name: name, Label: label, Autocomplete: "current-password", Required: true, Invalid: wrong != nil || f.Unproved(), Wrong: wrong}
}

// newPassword is the template function of a field for a password that a user chooses.
func newPassword(f form, name, label, hint string, required bool) passwordField {
	wrong := f.Is(name)
	return passwordField{Name: name, Label: label, Autocomplete: "new-password", Required: required, Invalid: wrong != nil, Hint: hint, Wrong: wrong}
}

// showsPasswords lets a page load the script by which people see the password that they
// type.
func (w *Web) showsPasswords(rw http.ResponseWriter, l *layout) { w.script(rw, l, passwordScript) }

// Scripts of pages, in static.
const (
	passwordScript = "password.js"
	passkeyScript  = "passkeys.js"
)

// script lets a page load a script of ours.
func (w *Web) script(rw http.ResponseWriter, l *layout, name string) {
	l.Scripts = append(l.Scripts, name)
	policy := pagePolicy + "; script-src 'self'"
	for _, script := range l.Scripts {
		if script == passkeyScript {
			policy += "; connect-src 'self'"
		}
	}
	rw.Header().Set("Content-Security-Policy", policy)
}
