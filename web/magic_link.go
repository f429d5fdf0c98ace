package web

import (
	"errors"
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
)

// askMagicLink is the page that asks for a link and a code to sign in.
func (w *Web) askMagicLink() asking {
	return asking{ask: "magic_link", path: "/magic-link", sent: social.CodeMagicLinkSent, code: true, do: w.acc.RequestMagicLink}
}

func (w *Web) showMagicLink(rw http.ResponseWriter, r *http.Request) {
	u, err := w.acc.CheckMagicLink(r.Context(), r.PathValue("token"))
	next := r.URL.Query().Get("next")
	if err != nil {
		w.failLink(rw, r, "/magic-link", next, err)
		return
	}
	f := w.formPage(rw, r, w.next(r.Context(), next), form{Email: u.Email})
	w.render(rw, r, http.StatusOK, "link", linkView{formPage: f, Kind: "magic_link", Action: w.base + "/magic-link/" + r.PathValue("token"), Here: true})
}

// loginByLink signs in by a mailed link.
func (w *Web) loginByLink(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	err := w.acc.LogInByLink(rw, r, r.PathValue("token"))
	switch {
	case err == nil:
		w.signedIn(rw, r, http.StatusOK, in.Get("next"))
	case errors.Is(err, accounts.ErrBadToken):
		w.failLink(rw, r, "/magic-link", in.Get("next"), err)
	default:
		w.failLogin(rw, r, err)
	}
}

// loginByCode signs in by a mailed code.
func (w *Web) loginByCode(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	email := in.Get(identity.FieldEmail)
	err := w.acc.LogInByCode(rw, r, email, in.Get("code"))
	switch {
	case err == nil:
		w.signedIn(rw, r, http.StatusOK, in.Get("next"))
	case errors.Is(err, accounts.ErrBadCode) && social.WantsJSON(r):
		w.refuse(rw, r, http.StatusUnauthorized, social.CodeBadCode)
	case errors.Is(err, accounts.ErrBadCode):
		a := w.askMagicLink()
		sent := social.Message{Code: a.sent, Args: map[string]string{social.ArgEmail: email}}
		w.renderAsk(rw, r, a, in.Get("next"), form{Email: email, Wrong: map[string]social.Message{fieldCode: {Code: social.CodeBadCode}}}, &sent)
	default:
		w.failLogin(rw, r, err)
	}
}

// failLogin answers an error of a log-in that was proved: a user who may not sign in, or
// what fail answers.
func (w *Web) failLogin(rw http.ResponseWriter, r *http.Request, err error) {
	var refusal social.Refusal
	if !errors.As(err, &refusal) {
		w.fail(rw, r, err)
		return
	}
	m := social.RefusalMessage(refusal)
	w.soc.Refuse(rw, r, w, social.Problem{Status: http.StatusUnauthorized, Code: m.Code, Message: m})
}
