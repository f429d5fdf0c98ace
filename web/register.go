package web

import (
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
	AsksUsername      bool    // an account may have one
	NeedsUsername     bool    // it has to
	PasswordMinLength int
}

func (w *Web) showRegister(rw http.ResponseWriter, r *http.Request) {
	next := r.URL.Query().Get("next")
	if accounts.Current(r.Context()) != nil {
		reply.Redirect(rw, w.afterLogin(r.Context(), next))
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
	v := registerView{formPage: w.formPage(rw, r, w.next(r.Context(), next), f), Action: w.base + "/register", PasswordMinLength: w.opts.PasswordMinLength}
	v.AsksUsername, v.NeedsUsername = w.acc.AsksUsername()
	v.Buttons = buttons
	w.showsPasswords(rw, &v.layout)
	w.render(rw, r, http.StatusOK, "register", v)
}

func (w *Web) register(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	reg := identity.Registration{
		Email: in.Get(identity.FieldEmail), Username: in.Get(identity.FieldUsername), Password: secret.Text(in.Get(identity.FieldPassword)),
	}
	p, wrong := social.FormProblem(w.acc.CheckRegistration(reg), passwordProblems(in, reg)...)
	if !wrong {
		var err error
		if w.acc.ConfirmsEmail() {
			if err = w.registerToConfirm(rw, r, reg, in.Get("next")); err == nil {
				return
			}
		} else if _, err = w.soc.Register(rw, r, reg); err == nil {
			if !social.WantsJSON(r) {
				w.soc.Flash(rw, r, social.FlashSuccess, social.Message{Code: social.CodeAccountCreated})
			}
			w.signedIn(rw, r, http.StatusCreated, in.Get("next"))
			return
		}
		if p, wrong = social.FormProblem(err); !wrong {
			w.fail(rw, r, err)
			return
		}
	}
	if social.WantsJSON(r) {
		social.WriteProblem(rw, p)
		return
	}
	f := wrongForm(reg.Email, p.Fields)
	f.Username = reg.Username
	w.renderRegister(rw, r, in.Get("next"), f)
}

// passwordProblems returns what only the form knows: whether a password is there, and
// was entered twice. A JSON object may leave out the second.
func passwordProblems(in input.Fields, reg identity.Registration) (list []social.FieldProblem) {
	if reg.Password == "" {
		list = append(list, social.FieldProblem{Field: identity.FieldPassword, Message: social.Message{Code: social.CodePasswordMissing}})
	}
	if reg.Password.Reveal() != in.Get(social.FieldPasswordConfirm) && (!in.JSON || in.Has(social.FieldPasswordConfirm)) {
		list = append(list, social.FieldProblem{Field: social.FieldPasswordConfirm, Message: social.Message{Code: social.CodePasswordsDiffer}})
	}
	return list
}

// wrongForm is a form with what was entered and what is wrong with it.
func wrongForm(email string, wrong []social.FieldProblem) form {
	f := form{Email: email, Wrong: map[string]social.Message{}}
	for _, p := range wrong {
		if p.Field == social.FieldAccount || p.Message.Code == accounts.CodeUsernameOff { // no field of the page
			f.Message = p.Message
			continue
		}
		f.Wrong[p.Field] = p.Message
	}
	return f
}
