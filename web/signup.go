package web

import (
	"net/http"
	"slices"

	"github.com/gosocial/social"
)

// A signUp is the provider's account that a registration connects.
type signUp struct {
	*social.PendingSignUp
	Account accountView
}

func newSignUp(pending *social.PendingSignUp) *signUp {
	p := &pending.Profile
	account := newAccountView(p.Subject, p.DisplayName, p.FullName, p.Email)
	account.ProfileURL, account.ImageURL = p.ProfileURL, p.ImageURL
	return &signUp{pending, account}
}

// ShowSignUp implements social.SignUpPages.
func (w *Web) ShowSignUp(rw http.ResponseWriter, r *http.Request, page social.SignUpPage) {
	f := wrongForm(page.Email, page.Wrong)
	f.Username = page.Username
	v := registerView{
		formPage:          w.formPage(rw, r, "", f),
		Action:            w.soc.Config().URLPrefix + "/register/" + page.SignUp.Provider.ID,
		SignUp:            newSignUp(page.SignUp),
		PasswordMinLength: w.opts.PasswordMinLength,
	}
	v.AsksUsername, v.NeedsUsername = w.acc.AsksUsername()
	// The page itself says so, and as no error.
	v.Flashes = slices.DeleteFunc(v.Flashes, func(f social.Flash) bool { return f.Code == social.CodeUnknownAccount })
	w.showsPasswords(rw, &v.layout)
	w.render(rw, r, http.StatusOK, "register", v)
}
