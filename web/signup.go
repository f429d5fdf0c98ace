package web

import (
	"errors"
	"net/http"
	"slices"

	"github.com/gosocial/social"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/vault"
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

// showSignUp offers the form that finishes a sign-up through a provider.
func (w *Web) showSignUp(rw http.ResponseWriter, r *http.Request) {
	pending, ok := w.pending(rw, r)
	if !ok {
		return
	}
	if social.WantsJSON(r) {
		social.WriteJSON(rw, http.StatusOK, map[string]any{
			"id": pending.ID, "provider_id": pending.Provider.ID, "display_name": pending.Profile.DisplayName, "email": pending.Profile.Email,
		})
		return
	}
	w.renderSignUp(rw, r, pending, form{Email: pending.Profile.Email})
}

// pending returns the unfinished sign-up, or answers that there is none.
func (w *Web) pending(rw http.ResponseWriter, r *http.Request) (*social.PendingSignUp, bool) {
	id := r.PathValue("provider")
	pending, err := w.soc.PendingSignUp(r, id)
	switch {
	case errors.Is(err, vault.ErrUnknownProvider):
		w.refuse(rw, r, http.StatusNotFound, social.CodeUnknownProvider)
	case err != nil:
		w.noSignUp(rw, r, err)
	}
	return pending, err == nil
}

func (w *Web) noSignUp(rw http.ResponseWriter, r *http.Request, err error) {
	switch {
	case !errors.Is(err, social.ErrNoSignUp):
		w.fail(rw, r, err)
	case social.WantsJSON(r):
		w.refuse(rw, r, http.StatusNotFound, social.CodeNoSignUp)
	default:
		w.soc.Flash(rw, r, social.FlashNotice, social.Message{Code: social.CodeNoSignUp})
		reply.Redirect(rw, w.soc.Config().LoginPage)
	}
}

func (w *Web) renderSignUp(rw http.ResponseWriter, r *http.Request, pending *social.PendingSignUp, f form) {
	v := registerView{
		formPage:          w.formPage(rw, r, "", f),
		Action:            w.soc.Config().URLPrefix + "/register/" + pending.Provider.ID,
		SignUp:            newSignUp(pending),
		PasswordMinLength: w.opts.PasswordMinLength,
	}
	// The page itself says so, and as no error.
	v.Flashes = slices.DeleteFunc(v.Flashes, func(f social.Flash) bool { return f.Code == social.CodeUnknownAccount })
	w.render(rw, r, http.StatusOK, "register", v)
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
	status := http.StatusUnprocessableEntity
	reg := registration(in)
	f := form{Email: reg.Email, Wrong: w.checkFields(in, reg, false)}
	if f.Wrong == nil {
		done, err := w.soc.CompleteSignUp(rw, r, pending.Provider.ID, social.SignUpForm{
			Email: reg.Email, Username: reg.Username, Password: reg.Password,
		})
		provider := map[string]string{social.ArgProvider: pending.Provider.Name}
		switch {
		case err == nil && social.WantsJSON(r) && done.UserID == "": // a second factor is due
			social.WriteJSON(rw, http.StatusOK, map[string]string{"next": done.Next})
			return
		case err == nil && social.WantsJSON(r):
			w.writeUser(rw, r, http.StatusCreated)
			return
		case err == nil:
			reply.Redirect(rw, done.Next)
			return
		case errors.Is(err, vault.ErrTaken):
			status = http.StatusConflict
			f.Message = social.Message{Code: social.CodeAccountConnected, Args: provider}
		case errors.Is(err, social.ErrNoSignUp):
			w.noSignUp(rw, r, err)
			return
		default:
			if f.Wrong = wrongFields(err); f.Wrong == nil {
				w.fail(rw, r, err)
				return
			}
			status = fieldStatus(err)
			if taken, ok := f.Wrong[identity.FieldEmail]; ok && status == http.StatusConflict {
				provider[social.ArgText] = taken.Text()
				f.Wrong[identity.FieldEmail] = social.Message{Code: social.CodeEmailSignInFirst, Args: provider}
			}
		}
	}
	if social.WantsJSON(r) {
		if f.Wrong == nil {
			f.Wrong = map[string]social.Message{fieldAccount: f.Message}
		}
		writeWrong(rw, status, f.Wrong)
		return
	}
	w.renderSignUp(rw, r, pending, f)
}
