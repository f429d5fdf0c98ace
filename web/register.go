package web

import (
	"errors"
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/input"
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
	v := registerView{formPage: w.formPage(rw, r, w.next(next), f), Action: w.base + "/register", PasswordMinLength: w.opts.PasswordMinLength}
	v.Buttons = buttons
	w.render(rw, r, http.StatusOK, "register", v)
}

func (w *Web) register(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	reg := registration(in)
	f := form{Email: reg.Email, Wrong: w.checkFields(in, reg, true)}
	status := http.StatusUnprocessableEntity
	if f.Wrong == nil {
		_, err := w.soc.Register(rw, r, reg)
		if err == nil {
			if !social.WantsJSON(r) {
				w.soc.Flash(rw, r, social.FlashSuccess, social.Message{Code: social.CodeAccountCreated})
			}
			w.signedIn(rw, r, http.StatusCreated, in.Get("next"))
			return
		}
		if f.Wrong = wrongFields(err); f.Wrong == nil {
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

// registration returns what the form's fields ask for.
func registration(in input.Fields) identity.Registration {
	return identity.Registration{
		Email: in.Get(identity.FieldEmail), Username: in.Get(identity.FieldUsername), Password: secret.Text(in.Get(identity.FieldPassword)),
	}
}

// checkFields returns everything that is wrong with the fields, as far as it can be
// told without the store: by the rules for accounts, and by what only the form knows:
// that a password is there where one is required, and that it was entered twice. A
// JSON object may leave out the second.
func (w *Web) checkFields(in input.Fields, reg identity.Registration, required bool) map[string]social.Message {
	wrong := wrongFields(w.acc.CheckRegistration(reg))
	if wrong == nil {
		wrong = map[string]social.Message{}
	}
	if reg.Password == "" && required {
		wrong[identity.FieldPassword] = social.Message{Code: social.CodePasswordMissing}
	}
	if reg.Password.Reveal() != in.Get(fieldConfirm) && (!in.JSON || in.Has(fieldConfirm)) {
		wrong[fieldConfirm] = social.Message{Code: social.CodePasswordsDiffer}
	}
	if len(wrong) == 0 {
		return nil
	}
	return wrong
}

// fieldConfirm is the second password of a form.
const fieldConfirm = "password_confirm"

// wrongFields returns what is wrong with which field, nil when the error is of
// another kind.
func wrongFields(err error) map[string]social.Message {
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	var wrong map[string]social.Message
	for _, err := range all {
		var field social.FieldRefusal
		if !errors.As(err, &field) {
			continue
		}
		if wrong == nil {
			wrong = map[string]social.Message{}
		}
		wrong[field.Field()] = social.ErrorMessage(field)
	}
	return wrong
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

// formFields are the fields in the order of the form.
var formFields = []string{identity.FieldEmail, identity.FieldUsername, identity.FieldPassword, fieldConfirm, fieldAccount}

// fieldAccount stands for the provider's account of a sign-up.
const fieldAccount = "account"

// writeWrong writes the fields that are wrong. The problem's code and message are
// those of the first.
func writeWrong(rw http.ResponseWriter, status int, wrong map[string]social.Message) {
	p := social.Problem{Status: status}
	for _, field := range formFields {
		message, ok := wrong[field]
		if !ok {
			continue
		}
		if p.Code == "" {
			p.Code, p.Message = "invalid_"+field, message
		}
		p.Fields = append(p.Fields, social.FieldProblem{Field: field, Message: message})
	}
	social.WriteProblem(rw, p)
}
