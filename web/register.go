package web

import (
	"errors"
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/input"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/secret"
)

func (w *Web) showRegister(rw http.ResponseWriter, r *http.Request) {
	if accounts.Current(r.Context()) != nil {
		reply.Redirect(rw, w.after(r.URL.Query().Get("next")))
		return
	}
	w.drawRegister(rw, r, nexturl.Path(r.URL.Query().Get("next")), form{})
}

func (w *Web) drawRegister(rw http.ResponseWriter, r *http.Request, next string, f form) {
	p := w.narrow(rw, r, "Register", next, f)
	p.Action = "/register"
	if w.soc.Config().SignUp == social.Refuse {
		w.render(rw, r, http.StatusOK, "register", p) // nobody registers through a provider
		return
	}
	w.show(rw, r, "register", p)
}

func (w *Web) register(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	next := nexturl.Path(in.Get("next"))
	f := form{Email: in.Get("email"), Wrong: checkPasswords(in, true)}
	status := http.StatusUnprocessableEntity
	if f.Wrong == nil {
		userID, err := w.acc.Register(r.Context(), f.Email, in.Get("username"), secret.Text(in.Get("password")), false)
		if err == nil {
			first, err := w.acc.SignIn(rw, r, userID, accounts.ViaPassword)
			if err != nil {
				w.fail(rw, r, err)
				return
			}
			if !social.WantsJSON(r) {
				w.soc.Flash(rw, r, social.FlashSuccess, social.Message{Code: social.CodeAccountCreated})
			}
			w.signedIn(rw, r, http.StatusCreated, first, next)
			return
		}
		if f.Wrong = fieldErrors(err); f.Wrong == nil {
			w.fail(rw, r, err)
			return
		}
		status = refusedStatus(err)
	}
	if social.WantsJSON(r) {
		refuseFields(rw, status, f.Wrong)
		return
	}
	w.drawRegister(rw, r, next, f)
}

// checkPasswords judges what only the form knows: that a password is there
// where one is required, and that both entries agree. A JSON object may leave
// out the second.
func checkPasswords(in input.Fields, required bool) map[string]string {
	password := in.Get("password")
	if password == "" && required {
		return map[string]string{"password": social.Message{Code: social.CodePasswordMissing}.Text()}
	}
	if password != in.Get("password_confirm") && (!in.JSON || in.Has("password_confirm")) {
		return map[string]string{"password_confirm": social.Message{Code: social.CodePasswordsDiffer}.Text()}
	}
	return nil
}

// fieldErrors returns what is wrong with which field, nil when the error is of
// another kind.
func fieldErrors(err error) map[string]string {
	var field interface {
		error
		Field() string
	}
	if !errors.As(err, &field) {
		return nil
	}
	return map[string]string{field.Field(): field.Error()}
}

// refusedStatus tells a field that another account has from one that is wrong.
func refusedStatus(err error) int {
	var field interface{ Taken() bool }
	if errors.As(err, &field) && field.Taken() {
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}

func refuseFields(rw http.ResponseWriter, status int, wrong map[string]string) {
	for field, text := range wrong {
		social.WriteProblem(rw, social.Problem{Status: status, Code: "invalid_" + field, Message: social.Text(text)})
		return
	}
}
