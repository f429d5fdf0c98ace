package web

import (
	"errors"
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

// showSignUp offers the form that finishes a sign-up through a provider.
func (w *Web) showSignUp(rw http.ResponseWriter, r *http.Request) {
	pending, ok := w.pending(rw, r)
	if !ok {
		return
	}
	if social.WantsJSON(r) {
		social.WriteJSON(rw, http.StatusOK, map[string]any{
			"provider_id": pending.Provider.ID, "display_name": pending.Profile.DisplayName, "email": pending.Profile.Email,
		})
		return
	}
	w.drawSignUp(rw, r, pending, form{Email: pending.Profile.Email})
}

// pending returns the unfinished sign-up, or answers that there is none.
func (w *Web) pending(rw http.ResponseWriter, r *http.Request) (*social.PendingSignUp, bool) {
	id := r.PathValue("provider")
	if _, ok := w.soc.Provider(id); !ok {
		w.refuse(rw, r, http.StatusNotFound, social.CodeUnknownProvider)
		return nil, false
	}
	pending, err := w.soc.PendingSignUp(r, id)
	if err != nil {
		w.noSignUp(rw, r, err)
		return nil, false
	}
	return pending, true
}

func (w *Web) noSignUp(rw http.ResponseWriter, r *http.Request, err error) {
	switch {
	case !errors.Is(err, social.ErrNoSignUp):
		w.fail(rw, r, err)
	case social.WantsJSON(r):
		w.refuse(rw, r, http.StatusNotFound, social.CodeNoSignUp)
	default:
		reply.Redirect(rw, w.soc.Config().LoginPage)
	}
}

func (w *Web) drawSignUp(rw http.ResponseWriter, r *http.Request, pending *social.PendingSignUp, f form) {
	p := w.narrow(rw, r, "Register", "", f)
	p.Action = w.soc.Config().URLPrefix + "/register/" + pending.Provider.ID
	p.SignUp = &signUp{Name: pending.Provider.Name, DisplayName: pending.Profile.DisplayName}
	w.show(rw, r, "register", p)
}

func (w *Web) signUp(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	pending, ok := w.pending(rw, r)
	if !ok {
		return
	}
	id, status := pending.Provider.ID, http.StatusUnprocessableEntity
	f := form{Email: in.Get("email"), Wrong: checkPasswords(in, false)}
	if f.Wrong == nil {
		done, err := w.soc.CompleteSignUp(rw, r, id, social.SignUpForm{
			Email: f.Email, Username: in.Get("username"), Password: secret.Text(in.Get("password")),
		})
		switch {
		case err == nil && social.WantsJSON(r):
			w.writeUser(rw, r, http.StatusCreated)
			return
		case err == nil:
			reply.Redirect(rw, done.Next)
			return
		case errors.Is(err, vault.ErrTaken):
			status = http.StatusConflict
			f.Message = "This " + pending.Provider.Name + " account has been connected meanwhile. Sign in with it."
		case errors.Is(err, social.ErrNoSignUp):
			w.noSignUp(rw, r, err)
			return
		default:
			if f.Wrong = fieldErrors(err); f.Wrong == nil {
				w.fail(rw, r, err)
				return
			}
			status = refusedStatus(err)
			if status == http.StatusConflict && f.Wrong["email"] != "" {
				f.Wrong["email"] += ": sign in first, then connect " + pending.Provider.Name + "."
			}
		}
	}
	if social.WantsJSON(r) {
		if f.Wrong == nil {
			f.Wrong = map[string]string{"account": f.Message}
		}
		refuseFields(rw, status, f.Wrong)
		return
	}
	w.drawSignUp(rw, r, pending, f)
}
