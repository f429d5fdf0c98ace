package pages

import (
	"errors"
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/vault"
)

// register shows the form that finishes a sign-up through a provider, and takes it.
func (p Pages) register(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("provider")
	pending, err := p.Social.PendingSignUp(r, id)
	if errors.Is(err, social.ErrNoSignUp) || errors.Is(err, vault.ErrUnknownProvider) {
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return
	}
	if err != nil {
		fail(w, err)
		return
	}
	email, wrong := pending.Profile.Email, ""
	if r.Method == http.MethodPost {
		email = r.FormValue("email")
		if email == "" {
			wrong = "Enter your e-mail address."
		} else {
			done, err := p.Social.CompleteSignUp(w, r, id, social.SignUpForm{Email: email})
			var field social.FieldRefusal
			switch {
			case err == nil:
				http.Redirect(w, r, done.Next, http.StatusSeeOther)
				return
			case errors.As(err, &field):
				wrong = field.Error()
			case errors.Is(err, vault.ErrTaken), errors.Is(err, social.ErrNoSignUp): // in another tab
				http.Redirect(w, r, "/login", http.StatusSeeOther)
				return
			default:
				fail(w, err)
				return
			}
		}
	}
	p.show(w, r, "register", map[string]any{"Provider": pending.Provider, "Profile": pending.Profile, "Email": email, "Wrong": wrong})
}
