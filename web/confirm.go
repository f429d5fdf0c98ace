package web

import (
	"errors"
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/secret"
)

// A linkView is the view of templates/link.html, the page with a button that a mailed link
// leads to.
type linkView struct {
	formPage
	Kind   string // what the link does: "confirm", "magic_link", "change_email" or "undo_email"
	Action string // where the form goes
	Here   bool   // the link alone is enough in this browser

	// In another browser the user proves who they are.
	HasPassword bool   // the password may prove it
	SignIn      string // the address to log in through a provider and come back; "" without providers
}

// askConfirmation is the page that asks for the link again that confirms an address.
func (w *Web) askConfirmation() asking {
	return asking{ask: "confirm", path: "/confirm", sent: social.CodeConfirmAgain, do: func(_ http.ResponseWriter, r *http.Request, email, next string) error {
		return w.acc.RequestConfirmation(r, email, next)
	}}
}

// registerToConfirm registers a visitor who confirms the address then.
func (w *Web) registerToConfirm(rw http.ResponseWriter, r *http.Request, reg identity.Registration, next string) error {
	if err := w.acc.RegisterToConfirm(rw, r, reg, w.next(r.Context(), next)); err != nil {
		return err
	}
	if social.WantsJSON(r) {
		social.WriteJSON(rw, http.StatusAccepted, struct{}{})
		return nil
	}
	sent := social.Message{Code: social.CodeConfirmSent, Args: map[string]string{social.ArgEmail: reg.Email}}
	w.renderAsk(rw, r, w.askConfirmation(), next, form{}, &sent)
	return nil
}

func (w *Web) showConfirm(rw http.ResponseWriter, r *http.Request) {
	w.renderConfirm(rw, r, r.URL.Query().Get("next"), form{})
}

func (w *Web) renderConfirm(rw http.ResponseWriter, r *http.Request, next string, f form) {
	u, here, err := w.acc.CheckConfirmation(r, r.PathValue("token"))
	if err != nil {
		w.failLink(rw, r, "/confirm", next, err)
		return
	}
	f.Email = u.Email
	buttons, err := w.soc.Buttons(r.Context())
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	page := w.base + "/confirm/" + r.PathValue("token")
	v := linkView{formPage: w.formPage(rw, r, w.next(r.Context(), next), f), Kind: "confirm", Action: page, Here: here, HasPassword: u.PasswordHash != ""}
	if len(buttons) > 0 {
		v.SignIn = nexturl.WithNext(w.soc.Config().LoginPage, nexturl.WithNext(page, v.Next))
	}
	if !v.Here {
		w.showsPasswords(rw, &v.layout)
	} else if p, err := w.soc.PendingConnection(r); err == nil {
		if accounts.Fold(p.Confirms) == accounts.Fold(u.Email) { // the sign-up that made the account
			v.SignUpID = p.ID
		}
	} else if !errors.Is(err, social.ErrNoSignUp) {
		w.log.WarnContext(r.Context(), "web: the sign-up that waits", "error", err)
	}
	w.render(rw, r, http.StatusOK, "link", v)
}

// confirm confirms the address, and signs in.
func (w *Web) confirm(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	err := w.acc.ConfirmEmail(rw, r, r.PathValue("token"), accounts.Confirmer{
		Password: secret.Text(in.Get(identity.FieldPassword)), NotMe: in.Checked("not_me"),
	})
	switch {
	case err == nil:
		if !social.WantsJSON(r) {
			w.soc.Flash(rw, r, social.FlashSuccess, social.Message{Code: social.CodeEmailConfirmed})
		}
		if !w.limited(rw, r, http.StatusOK, in.Get("next"), in.Get(fieldSignUp)) {
			w.signedIn(rw, r, http.StatusOK, w.afterSignUp(rw, r, in.Get(fieldSignUp), in.Get("next")))
		}
	case errors.Is(err, accounts.ErrCredentials) && social.WantsJSON(r):
		w.refuse(rw, r, http.StatusUnauthorized, social.CodeBadCredentials)
	case errors.Is(err, accounts.ErrCredentials):
		w.renderConfirm(rw, r, in.Get("next"), form{Wrong: map[string]social.Message{identity.FieldPassword: {Code: social.CodePasswordWrong}}})
	default:
		w.failLink(rw, r, "/confirm", in.Get("next"), err)
	}
}
