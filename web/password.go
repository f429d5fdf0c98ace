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
	PasswordMinLength int
}

// Fields of the form that changes a password, beside the current one.
const (
	fieldNewPassword = "new_password"
	fieldNewConfirm  = "new_password_confirm"
)

func (w *Web) showPassword(rw http.ResponseWriter, r *http.Request) {
	if accounts.Current(r.Context()).PasswordHash == "" && !w.acc.IsFresh(r.Context()) {
		w.verifyFirst(rw, r) // before a password is made up
		return
	}
	w.renderPassword(rw, r, form{})
}

func (w *Web) renderPassword(rw http.ResponseWriter, r *http.Request, f form) {
	u := accounts.Current(r.Context())
	v := passwordView{
		layout: w.layout(rw, r), Form: f, Email: name(u), HasPassword: u.PasswordHash != "",
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
	p, wrong := social.FormProblem(nil, newPasswordProblems(in, accounts.Current(r.Context()).PasswordHash != "")...)
	if !wrong {
		err := w.acc.ChangePassword(r, secret.Text(in.Get(identity.FieldPassword)), secret.Text(in.Get(fieldNewPassword)))
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
			p, _ = social.FormProblem(nil, social.FieldProblem{Field: identity.FieldPassword, Message: social.Message{Code: social.CodePasswordWrong}})
			p.Status, p.Code = http.StatusUnauthorized, social.CodeBadCredentials
		case errors.Is(err, accounts.ErrNotSignedIn):
			w.signInFirst(rw, r, w.base+"/change-password")
			return
		case errors.Is(err, accounts.ErrNotFresh):
			w.verifyFirst(rw, r)
			return
		case errors.As(err, &field):
			p, _ = social.FormProblem(nil, social.FieldProblem{Field: fieldNewPassword, Message: social.ErrorMessage(field)})
			p.Code = social.CodeWeakPassword
		default:
			w.fail(rw, r, err)
			return
		}
	}
	if social.WantsJSON(r) {
		social.WriteProblem(rw, p)
		return
	}
	w.renderPassword(rw, r, wrongForm("", p.Fields))
}

// newPasswordProblems returns the fields that are empty or differ. In a browser the
// current password is asked for where there is one.
func newPasswordProblems(in input.Fields, hasPassword bool) (wrong []social.FieldProblem) {
	add := func(field, code string) {
		wrong = append(wrong, social.FieldProblem{Field: field, Message: social.Message{Code: code}})
	}
	if hasPassword && !in.JSON && in.Get(identity.FieldPassword) == "" {
		add(identity.FieldPassword, social.CodePasswordMissing)
	}
	if in.Get(fieldNewPassword) == "" {
		add(fieldNewPassword, social.CodePasswordMissing)
	} else if in.Get(fieldNewPassword) != in.Get(fieldNewConfirm) && (!in.JSON || in.Has(fieldNewConfirm)) {
		add(fieldNewConfirm, social.CodePasswordsDiffer)
	}
	return wrong
}
