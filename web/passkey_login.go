package web

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/input"
)

// credential returns what the browser answered about a passkey: the JSON object itself, or
// the form's field. "" when there is no answer.
func credential(in input.Fields) string {
	if in.JSON && in.Has("rawId") {
		return string(in.Object)
	}
	return in.Get(fieldCredential)
}

// passkeyOptions answers with the options of a proof: for the second factor of a log-in that
// waits, for who is signed in, or for a log-in by the passkey alone. "for" says which; by
// default it is what the browser waits for.
func (w *Web) passkeyOptions(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	due, err := w.dueFactor(r)
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	to := in.Get("for")
	if to == "" {
		to = r.URL.Query().Get("for")
	}
	if to == "" && due != nil {
		to = "two_factor"
	} else if to == "" && accounts.Current(r.Context()) != nil {
		to = "verify"
	}
	var options []byte
	switch {
	case to == "two_factor" && due == nil:
		err = accounts.ErrNotSignedIn
	case to == "two_factor":
		options, err = w.acc.PasskeyFactorOptions(rw, r, due.userID)
	case to == "verify":
		options, err = w.acc.PasskeyVerifyOptions(rw, r)
	default:
		options, err = w.acc.PasskeyLoginOptions(rw, r)
	}
	w.writeOptions(rw, r, options, err)
}

// newPasskeyOptions answers with the options for a new passkey.
func (w *Web) newPasskeyOptions(rw http.ResponseWriter, r *http.Request) {
	options, err := w.acc.PasskeyOptions(rw, r)
	w.writeOptions(rw, r, options, err)
}

// writeOptions answers with options, or why there are none. They are for programs, whatever
// the request prefers.
func (w *Web) writeOptions(rw http.ResponseWriter, r *http.Request, options []byte, err error) {
	r.Header.Set("Accept", "application/json")
	if err != nil {
		w.passkeyFailed(rw, r, err)
		return
	}
	social.WriteJSON(rw, http.StatusOK, json.RawMessage(options))
}

// loginByPasskey signs in by a passkey alone.
func (w *Web) loginByPasskey(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	err := w.acc.LogInByPasskey(rw, r, []byte(credential(in)), in.Checked("remember"))
	var refusal social.Refusal
	f := form{Remember: in.Checked("remember")}
	switch {
	case err == nil:
		if !w.limited(rw, r, http.StatusOK, in.Get("next"), in.Get(fieldSignUp)) {
			w.signedIn(rw, r, http.StatusOK, w.afterSignUp(rw, r, in.Get(fieldSignUp), in.Get("next")))
		}
		return
	case errors.Is(err, accounts.ErrPasskey):
		f.Message.Code = social.CodeBadPasskey
	case errors.As(err, &refusal):
		f.Message = social.RefusalMessage(refusal)
	default:
		w.fail(rw, r, err)
		return
	}
	if social.WantsJSON(r) {
		p := social.Problem{Status: http.StatusUnauthorized, Code: f.Message.Code, Message: f.Message}
		if p.Code == social.CodeBadPasskey {
			p.Code = social.CodeBadCredentials
		}
		social.WriteProblem(rw, p)
		return
	}
	w.soc.Flash(rw, r, social.FlashError, f.Message)
	w.renderLogin(rw, r, in.Get("next"), in.Get(fieldSignUp), form{Remember: f.Remember})
}
