package web

import (
	"cmp"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/input"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/secret"
)

// A totpView is the view of templates/totp.html.
type totpView struct {
	formPage
	Active   bool          // the user has an authenticator application
	Required bool          // and has to have one
	Passkeys bool          // a passkey does as well
	Setup    bool          // one is being set up, with these:
	Secret   string        // in groups of four
	URI      template.URL  // otpauth://
	QR       template.HTML // an SVG drawing, "" where there is none
}

// A recoveryView is the view of templates/recovery.html, which shows codes this once.
type recoveryView struct {
	layout
	Codes []string
	For   string // see forFactors
	Next  string // where to go on
}

// forFactors returns the end of the keys of texts about recovery codes, which differ for an
// authenticator application, passkeys, and both.
func forFactors(kinds []string) string {
	switch passkey := slices.Contains(kinds, accounts.FactorPasskey); {
	case passkey && slices.Contains(kinds, accounts.FactorTOTP):
		return ".both"
	case passkey:
		return ".passkey"
	}
	return ""
}

// factorUser returns the ID of the user who may set up a second factor: one who is signed
// in, or has a session only for that. Without one it answers the request, sends people to the
// log-in and then back to the page, and returns "".
func (w *Web) factorUser(rw http.ResponseWriter, r *http.Request, page string) string {
	if u := accounts.Current(r.Context()); u != nil {
		return u.ID
	}
	if s := accounts.LimitedSession(r.Context()); s != nil && s.LimitedTo == accounts.LimitedToSetup {
		return s.UserID
	}
	w.signInFirstFor(rw, r, w.base+page)
	return ""
}

func (w *Web) showTOTP(rw http.ResponseWriter, r *http.Request) {
	w.renderTOTP(rw, r, r.URL.Query().Get("next"), r.URL.Query().Get(fieldSignUp), form{})
}

func (w *Web) renderTOTP(rw http.ResponseWriter, r *http.Request, next, signup string, f form) {
	userID := w.factorUser(rw, r, "/security/totp")
	if userID == "" {
		return
	}
	kinds, err := w.acc.FactorKinds(r.Context(), userID)
	active := slices.Contains(kinds, accounts.FactorTOTP)
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	if social.WantsJSON(r) {
		social.WriteJSON(rw, http.StatusOK, map[string]bool{"totp": active})
		return
	}
	setup, err := w.acc.PendingTOTP(r)
	v := totpView{formPage: w.formPage(rw, r, w.next(r.Context(), next), f), Active: active, Required: w.acc.RequiresFactor(r.Context()), Passkeys: w.passkeysAt(r)}
	v.SignUpID = signup
	switch {
	case err == nil:
		v.Setup, v.Secret, v.URI = true, inGroups(setup.Secret.Reveal()), template.URL(setup.URI.Reveal())
		qr, err := w.qr(setup.URI)
		if err != nil {
			w.fail(rw, r, err)
			return
		}
		v.QR = template.HTML(qr)
	case !errors.Is(err, accounts.ErrNoFactor) && !errors.Is(err, accounts.ErrNotFresh):
		w.fail(rw, r, err)
		return
	}
	w.render(rw, r, http.StatusOK, "totp", v)
}

// qr draws an address, if the application can.
func (w *Web) qr(uri secret.Text) (svg string, err error) {
	if w.opts.QR == nil {
		return "", nil
	}
	return w.opts.QR(uri.Reveal())
}

// inGroups writes a secret so that people can read it.
func inGroups(s string) string {
	var groups []string
	for group := range slices.Chunk([]byte(s), 4) {
		groups = append(groups, string(group))
	}
	return strings.Join(groups, " ")
}

// setUpTOTP begins to set up an authenticator application.
func (w *Web) setUpTOTP(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	if w.factorUser(rw, r, "/security/totp") == "" {
		return
	}
	setup, err := w.acc.SetUpTOTP(r)
	if err != nil {
		w.factorFailed(rw, r, err)
		return
	}
	if !social.WantsJSON(r) {
		page := w.base + "/security/totp"
		if signup := in.Get(fieldSignUp); signup != "" {
			page = nexturl.With(page, fieldSignUp, signup)
		}
		reply.Redirect(rw, nexturl.WithNext(page, w.next(r.Context(), in.Get("next"))))
		return
	}
	qr, err := w.qr(setup.URI)
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	social.WriteJSON(rw, http.StatusCreated, map[string]string{"secret": setup.Secret.Reveal(), "uri": setup.URI.Reveal(), "qr": qr})
}

// confirmTOTP has the application count that was set up, and tells recovery codes.
func (w *Web) confirmTOTP(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	if w.factorUser(rw, r, "/security/totp") == "" {
		return
	}
	wrong := func(code string) {
		w.refuseFactor(rw, r, fieldCode, code, func(f form) { w.renderTOTP(rw, r, in.Get("next"), in.Get(fieldSignUp), f) })
	}
	if in.Get(fieldCode) == "" {
		wrong(social.CodeCodeMissing)
		return
	}
	began := accounts.LimitedSession(r.Context())
	codes, err := w.acc.ConfirmTOTP(rw, r, secret.Text(in.Get(fieldCode)))
	switch {
	case errors.Is(err, accounts.ErrFactor):
		wrong(social.CodeBadCode)
	case err != nil:
		w.factorFailed(rw, r, err)
	default:
		w.soc.Flash(rw, r, social.FlashSuccess, social.Message{Code: social.CodeFactorAdded})
		w.writeRecoveryCodes(rw, r, http.StatusOK, codes, w.afterSetup(rw, r, began, in))
	}
}

// afterSetup returns where to go from the set-up of a second factor. began is the limited
// session of a log-in that had to wait for the set-up, or nil. Such a log-in is complete
// now, and goes on to its sign-up.
func (w *Web) afterSetup(rw http.ResponseWriter, r *http.Request, began *accounts.Session, in input.Fields) string {
	if began == nil {
		return in.Get("next")
	}
	return w.afterSignUp(rw, r, in.Get(fieldSignUp), in.Get("next"))
}

// removeTOTP removes the user's authenticator application.
func (w *Web) removeTOTP(rw http.ResponseWriter, r *http.Request) {
	if err := w.acc.RemoveTOTP(r); err != nil {
		w.factorFailed(rw, r, err)
		return
	}
	if social.WantsJSON(r) {
		rw.WriteHeader(http.StatusNoContent)
		return
	}
	w.soc.Flash(rw, r, social.FlashSuccess, social.Message{Code: social.CodeFactorRemoved})
	reply.Redirect(rw, w.base+"/security")
}

// newRecoveryCodes replaces the user's recovery codes.
func (w *Web) newRecoveryCodes(rw http.ResponseWriter, r *http.Request) {
	codes, err := w.acc.NewRecoveryCodes(r)
	if err != nil {
		w.factorFailed(rw, r, err)
		return
	}
	w.writeRecoveryCodes(rw, r, http.StatusCreated, codes, "")
}

// writeRecoveryCodes answers with recovery codes. They cannot be read again.
func (w *Web) writeRecoveryCodes(rw http.ResponseWriter, r *http.Request, status int, codes []string, next string) {
	if social.WantsJSON(r) {
		social.WriteJSON(rw, status, map[string][]string{"recovery_codes": codes})
		return
	}
	v := recoveryView{layout: w.layout(rw, r), Codes: codes, For: ".both", Next: cmp.Or(w.next(r.Context(), next), w.base+"/security")}
	if u := accounts.Current(r.Context()); u != nil {
		if kinds, err := w.acc.FactorKinds(r.Context(), u.ID); err == nil {
			v.For = forFactors(kinds)
		} else { // not a failure of the request: the codes are shown only once
			w.log.WarnContext(r.Context(), "web: second factors", "error", err)
		}
	}
	v.Narrow = true
	w.render(rw, r, http.StatusOK, "recovery", v)
}

// factorFailed answers what kept a user from changing their second factors.
func (w *Web) factorFailed(rw http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, accounts.ErrNotSignedIn):
		w.signInFirstFor(rw, r, w.base+"/security")
	case errors.Is(err, accounts.ErrNotFresh):
		w.verifyFirst(rw, r)
	case errors.Is(err, accounts.ErrNoFactor) && social.WantsJSON(r):
		w.refuse(rw, r, http.StatusNotFound, social.CodeNoFactor)
	case errors.Is(err, accounts.ErrNoFactor):
		w.soc.Flash(rw, r, social.FlashError, social.Message{Code: social.CodeNoFactor})
		reply.Redirect(rw, w.base+"/security/totp")
	case errors.Is(err, accounts.ErrFactorRequired) && social.WantsJSON(r):
		w.refuse(rw, r, http.StatusForbidden, social.CodeFactorRequired)
	case errors.Is(err, accounts.ErrFactorRequired):
		w.soc.Flash(rw, r, social.FlashError, social.Message{Code: social.CodeFactorRequired})
		reply.Redirect(rw, w.base+"/security")
	default:
		w.fail(rw, r, err)
	}
}
