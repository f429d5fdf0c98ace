package web

import (
	"errors"
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/input"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/secret"
)

// A registerView is the view of templates/register.html.
type registerView struct {
	formPage
	Action            string  // where the form goes
	SignUp            *signUp // nil when no provider is part of it
	PasswordMinLength int
}

func (w *Web) showRegister(rw http.ResponseWriter, r *http.Request) {
	next := r.URL.Query().Get("next")
	if accounts.Current(r.Context()) != nil {
		reply.Redirect(rw, w.afterLogin(next))
		return
	}
	w.renderRegister(rw, r, next, form{})
}

func (w *Web) renderRegister(rw http.ResponseWriter, r *http.Request, next string, f form) {
	var buttons []social.Button
	if w.soc.Config().SignUp != social.Refuse { // else no account is made through a provider
		var err error
		if buttons, err = w.soc.Buttons(r.Context()); err != nil {
			w.fail(rw, r, err)
			return
		}
	}
	v := registerView{formPage: w.formPage(rw, r, nexturl.Path(next), f), Action: "/register", PasswordMinLength: w.opts.PasswordMinLength}
	v.Buttons = buttons
	w.render(rw, r, http.StatusOK, "register", v)
}

func (w *Web) register(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	f := form{Email: in.Get(identity.FieldEmail), Wrong: checkPasswords(in, true)}
	status := http.StatusUnprocessableEntity
	if f.Wrong == nil {
		_, err := w.soc.Register(rw, r, identity.Registration{
			Email: f.Email, Username: in.Get(identity.FieldUsername), Password: secret.Text(in.Get(identity.FieldPassword)),
		})
		if err == nil {
			if !social.WantsJSON(r) {
				w.soc.Flash(rw, r, social.FlashSuccess, social.Message{Code: social.CodeAccountCreated})
			}
			w.signedIn(rw, r, http.StatusCreated, in.Get("next"))
			return
		}
		if f.Wrong = wrongField(err); f.Wrong == nil {
			w.fail(rw, r, err)
			return
		}
		status = fieldStatus(err)
	}
	if social.WantsJSON(r) {
		writeWrong(rw, status, f.Wrong)
		return
	}
	w.renderRegister(rw, r, in.Get("next"), f)
}

// checkPasswords checks what only the form knows: that a password is there where
// one is required, and that it was entered twice. A JSON object may leave out the
// second.
func checkPasswords(in input.Fields, required bool) map[string]social.Message {
	password := in.Get(identity.FieldPassword)
	if password == "" && required {
		return map[string]social.Message{identity.FieldPassword: {Code: social.CodePasswordMissing}}
	}
	if password != in.Get("password_confirm") && (!in.JSON || in.Has("password_confirm")) {
		return map[string]social.Message{"password_confirm": {Code: social.CodePasswordsDiffer}}
	}
	return nil
}

// wrongField returns what is wrong with which field, nil when the error is of
// another kind.
func wrongField(err error) map[string]social.Message {
	var field social.FieldRefusal
	if !errors.As(err, &field) {
		return nil
	}
	return map[string]social.Message{field.Field(): social.ErrorMessage(field)}
}

// fieldStatus distinguishes a value that another account has from one that is
// wrong.
func fieldStatus(err error) int {
	var field social.FieldRefusal
	if errors.As(err, &field) && field.Taken() {
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}

// writeWrong writes the one field that is wrong.
func writeWrong(rw http.ResponseWriter, status int, wrong map[string]social.Message) {
	for field, message := range wrong {
		social.WriteProblem(rw, social.Problem{Status: status, Code: "invalid_" + field, Message: message})
		return
	}
}
