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

// A passwordView is the view of templates/password.html.
type passwordView struct {
	layout
	Form              form
	Email             string // for password managers
	HasPassword       bool
	Forgot            bool // the current password is not needed, after another proof
	PasswordMinLength int
}

// Fields of the form that changes a password, beside the current one.
const (
	fieldNewPassword = "new_password"
	fieldNewConfirm  = "new_password_confirm"
	fieldForgot      = "forgot" // the user does not know the current one
)

func (w *Web) showPassword(rw http.ResponseWriter, r *http.Request) {
	forgot := r.URL.Query().Get(fieldForgot) != ""
	if (forgot || accounts.Current(r.Context()).PasswordHash == "") && !w.acc.IsFresh(r.Context()) {
		w.verifyFirst(rw, r) // before people think of a new password
		return
	}
	w.renderPassword(rw, r, forgot, form{})
}

func (w *Web) renderPassword(rw http.ResponseWriter, r *http.Request, forgot bool, f form) {
	u := accounts.Current(r.Context())
	v := passwordView{
		layout: w.layout(rw, r), Form: f, Email: name(u), HasPassword: u.PasswordHash != "", Forgot: forgot,
		PasswordMinLength: w.opts.PasswordMinLength,
	}
	v.Narrow = true
	w.showsPasswords(rw, &v.layout)
	w.render(rw, r, http.StatusOK, "password", v)
}

// changePassword changes the password, and ends the user's other sessions.
func (w *Web) changePassword(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	p, wrong, err := w.passwordChangeProblem(r, in)
	if !wrong && err == nil {
		err = w.acc.ChangePassword(r, secret.Text(in.Get(identity.FieldPassword)), secret.Text(in.Get(fieldNewPassword)))
		var field social.FieldRefusal
		switch {
		case err == nil && social.WantsJSON(r):
			w.writeUser(rw, r, http.StatusOK)
			return
		case err == nil:
			w.soc.Flash(rw, r, social.FlashSuccess, social.Message{Code: social.CodePasswordChanged})
			reply.Redirect(rw, w.base+"/profile")
			return
		case errors.Is(err, accounts.ErrCredentials):
			p, wrong = currentPasswordProblem(nil), true
		case errors.As(err, &field):
			p, wrong = social.FormProblem(nil, social.FieldProblem{Field: fieldNewPassword, Message: social.ErrorMessage(field)})
			p.Code = social.CodeWeakPassword
		}
	}
	switch {
	case wrong && social.WantsJSON(r):
		social.WriteProblem(rw, p)
	case wrong:
		w.renderPassword(rw, r, in.Get(fieldForgot) != "", wrongForm("", p.Fields))
	case errors.Is(err, accounts.ErrNotSignedIn):
		w.signInFirst(rw, r, w.base+"/change-password")
	case errors.Is(err, accounts.ErrNotFresh):
		w.verifyFirst(rw, r, fieldForgot)
	default:
		w.fail(rw, r, err)
	}
}

// passwordChangeProblem returns all that is wrong with the form. It checks the current
// password only when another field is wrong: otherwise ChangePassword does. A form from a
// page has to have it when the user has one, unless the user has forgotten it.
func (w *Web) passwordChangeProblem(r *http.Request, in input.Fields) (p social.Problem, wrong bool, err error) {
	u := accounts.Current(r.Context())
	current, chosen := in.Get(identity.FieldPassword), in.Get(fieldNewPassword)
	code := ""
	var fields []social.FieldProblem
	add := func(field string, m social.Message) {
		fields = append(fields, social.FieldProblem{Field: field, Message: m})
	}
	if u.PasswordHash != "" && !in.JSON && current == "" && in.Get(fieldForgot) == "" {
		add(identity.FieldPassword, social.Message{Code: social.CodePasswordMissing})
	}
	var field social.FieldRefusal
	if chosen == "" {
		add(fieldNewPassword, social.Message{Code: social.CodePasswordMissing})
	} else if errors.As(w.acc.CheckNewPassword(*u, secret.Text(chosen)), &field) {
		code = social.CodeWeakPassword
		add(fieldNewPassword, social.ErrorMessage(field))
	}
	if chosen != in.Get(fieldNewConfirm) && (!in.JSON || in.Has(fieldNewConfirm)) {
		add(fieldNewConfirm, social.Message{Code: social.CodePasswordsDiffer})
	}
	if len(fields) > 0 && current != "" {
		switch err := w.acc.CheckCurrentPassword(r, secret.Text(current)); {
		case errors.Is(err, accounts.ErrCredentials):
			return currentPasswordProblem(fields), true, nil
		case err != nil:
			return p, false, err
		}
	}
	if p, wrong = social.FormProblem(nil, fields...); code != "" && p.Fields[0].Field == fieldNewPassword {
		p.Code = code
	}
	return p, wrong, nil
}

// currentPasswordProblem returns the problem of a wrong current password, together with more.
func currentPasswordProblem(more []social.FieldProblem) social.Problem {
	wrong := social.FieldProblem{Field: identity.FieldPassword, Message: social.Message{Code: social.CodePasswordWrong}}
	p, _ := social.FormProblem(nil, append([]social.FieldProblem{wrong}, more...)...)
	p.Status, p.Code = http.StatusUnauthorized, social.CodeBadCredentials
	return p
}
