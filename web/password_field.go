package web

import (
	"net/http"
	"strings"

	"github.com/gosocial/social"
)

// A passwordField is the view of the block "password field" of templates/password_field.html.
type passwordField struct {
	Name         string // of the field
	Label        string
	Autocomplete string // "current-password" or "new-password"
	Required     bool
	Hint         string // what a new password has to be, or ""
	Wrong        *social.Message
	Unproved     bool // the message about the whole form says that it is wrong
}

// Invalid reports whether the password is wrong.
func (f passwordField) Invalid() bool { return f.Wrong != nil || f.Unproved }

// DescribedBy returns the IDs of the texts about the field. That of the message about the
// whole form is "refused".
func (f passwordField) DescribedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Wrong != nil {
		ids = append(ids, f.Name+"-wrong")
	}
	if f.Unproved {
		ids = append(ids, "refused")
	}
	return strings.Join(ids, " ")
}

// currentPassword is the template function of a field for the password that a user has. It
// is wrong, too, where the message about the whole form says so.
func currentPassword(f form, name, label string) passwordField {
	return passwordField{Name: name, Label: label, Autocomplete: "current-password", Required: true, Wrong: f.Is(name), Unproved: f.Unproved()}
}

// newPassword is the template function of a field for a password that a user chooses.
func newPassword(f form, name, label, hint string, required bool) passwordField {
	return passwordField{Name: name, Label: label, Autocomplete: "new-password", Required: required, Hint: hint, Wrong: f.Is(name)}
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
