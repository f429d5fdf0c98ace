package web

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/input"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/secret"
)

// A verifyView is the view of templates/verify.html. Its buttons are those of the
// providers to which the user is connected.
type verifyView struct {
	formPage
	HasPassword bool
	HasCode     bool // of an authenticator application
	Passkey     *passkeyForm
	ByMail      bool // users without a proof to show, or who forgot the password, can set one by mail
}

// verifyFirst leads the user to the page that asks who they are, and back, with the fields
// of the form that keep names. A user without a session cannot prove it there.
func (w *Web) verifyFirst(rw http.ResponseWriter, r *http.Request, keep ...string) {
	if accounts.CurrentSession(r.Context()) == nil {
		w.refuse(rw, r, http.StatusUnauthorized, social.CodeReauthenticationRequired)
		return
	}
	w.acc.AskFresh(rw, r, keep...)
}

func (w *Web) showVerify(rw http.ResponseWriter, r *http.Request) {
	if accounts.CurrentSession(r.Context()) == nil {
		w.verifyFirst(rw, r)
		return
	}
	w.renderVerify(rw, r, r.URL.Query().Get("next"), form{})
}

func (w *Web) renderVerify(rw http.ResponseWriter, r *http.Request, next string, f form) {
	buttons, err := w.soc.Buttons(r.Context())
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	u := accounts.Current(r.Context())
	f.Email = name(u)
	kinds, err := w.acc.ProofKinds(r.Context(), u.ID)
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	v := verifyView{w.formPage(rw, r, w.next(r.Context(), next), f), u.PasswordHash != "", slices.Contains(kinds, accounts.FactorTOTP), nil, w.acc.CanReset() && u.Email != ""}
	v.Buttons = slices.DeleteFunc(buttons, func(b social.Button) bool { return b.VerifyURL == "" || len(b.Connections) == 0 })
	if slices.Contains(kinds, accounts.FactorPasskey) {
		v.Passkey = w.passkeyForm("get", "/verify", "verify", &v.formPage)
		v.Passkey.Primary, v.Passkey.OrBefore = !v.HasPassword, v.HasPassword
		v.Passkey.OrAfter = !v.HasPassword && (v.HasCode || len(v.Buttons) > 0)
		w.asksPasskeys(rw, &v.layout)
	}
	if v.HasPassword {
		w.showsPasswords(rw, &v.layout)
	}
	w.render(rw, r, http.StatusOK, "verify", v)
}

// verify takes the password of the signed-in user as a proof of who they are.
func (w *Web) verify(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	if in.Get(fieldCode) != "" || in.Get(fieldRecovery) != "" || in.Has(fieldCredential) || credential(in) != "" {
		w.verifyFactor(rw, r, in)
		return
	}
	wrong := social.FieldProblem{Field: identity.FieldPassword, Message: social.Message{Code: social.CodePasswordMissing}}
	password := in.Get(identity.FieldPassword)
	if password != "" {
		err := w.acc.Reauthenticate(r, secret.Text(password))
		if !errors.Is(err, accounts.ErrCredentials) {
			w.verified(rw, r, in, err)
			return
		}
		wrong.Message.Code = social.CodePasswordWrong
	}
	p, _ := social.FormProblem(nil, wrong)
	if password != "" {
		p.Status, p.Code = http.StatusUnauthorized, social.CodeBadCredentials
	}
	if social.WantsJSON(r) {
		social.WriteProblem(rw, p)
		return
	}
	w.renderVerify(rw, r, in.Get("next"), wrongForm("", p.Fields))
}

// verifyFactor takes a second factor as the proof.
func (w *Web) verifyFactor(rw http.ResponseWriter, r *http.Request, in input.Fields) {
	answer, field := factorAnswer(in)
	err := w.acc.ReauthenticateFactor(r, answer)
	if !errors.Is(err, accounts.ErrFactor) {
		w.verified(rw, r, in, err)
		return
	}
	code := social.CodeBadCode
	if field == fieldCredential {
		code = social.CodeBadPasskey
	}
	w.refuseFactor(rw, r, field, code, func(f form) { w.renderVerify(rw, r, in.Get("next"), f) })
}

// verified answers a proof that is right, or could not be taken.
func (w *Web) verified(rw http.ResponseWriter, r *http.Request, in input.Fields, err error) {
	switch {
	case err == nil && social.WantsJSON(r):
		social.WriteJSON(rw, http.StatusOK, map[string]time.Time{"fresh_until": w.acc.FreshUntil(r.Context()).UTC()})
	case err == nil:
		reply.Redirect(rw, w.afterLogin(r.Context(), in.Get("next")))
	case errors.Is(err, accounts.ErrNotSignedIn):
		w.signInFirst(rw, r, w.base+"/verify")
	case errors.Is(err, accounts.ErrNotFresh): // there is no session
		w.verifyFirst(rw, r)
	default:
		w.fail(rw, r, err)
	}
}
