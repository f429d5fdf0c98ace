package web

import (
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/internal/reply"
)

// session answers with the signed-in user, and how they signed in, as JSON.
func (w *Web) session(rw http.ResponseWriter, r *http.Request) {
	if accounts.Current(r.Context()) == nil {
		w.writeNotSignedIn(rw)
		return
	}
	factor, err := w.acc.HasFactor(r.Context(), accounts.Current(r.Context()).ID)
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	social.WriteJSON(rw, http.StatusOK, map[string]any{
		"two_factor": factor,
		"user":       accounts.Current(r.Context()).Public(),
		"language":   w.languageOf(r).Tag(),
		"via":        accounts.CurrentSession(r.Context()).Via, "fresh_until": w.acc.FreshUntil(r.Context()).UTC(),
	})
}

func (w *Web) writeNotSignedIn(rw http.ResponseWriter) {
	social.WriteProblem(rw, social.Problem{Status: http.StatusUnauthorized, Code: social.CodeNotSignedIn})
}

// signInFirst leads a user whose session has ended to the log-in page, and back to page.
func (w *Web) signInFirst(rw http.ResponseWriter, r *http.Request, page string) {
	if social.WantsJSON(r) {
		w.writeNotSignedIn(rw)
		return
	}
	reply.Redirect(rw, nexturl.WithNext(w.soc.Config().LoginPage, page))
}

func (w *Web) writeUser(rw http.ResponseWriter, r *http.Request, status int) {
	u := accounts.Current(r.Context())
	if u == nil && w.limited(rw, r, status, "", "") {
		return
	}
	if u == nil { // a second factor is due first
		rw.WriteHeader(http.StatusNoContent)
		return
	}
	social.WriteJSON(rw, status, map[string]any{"user": u.Public()})
}

func (w *Web) logout(rw http.ResponseWriter, r *http.Request) {
	ended := accounts.CurrentSession(r.Context())
	if err := w.acc.SignOut(rw, r); err != nil {
		w.fail(rw, r, err)
		return
	}
	if social.WantsJSON(r) {
		rw.WriteHeader(http.StatusNoContent)
		return
	}
	w.soc.Flash(rw, r, social.FlashInfo, social.Message{Code: social.CodeSignedOut})
	if ended != nil {
		if to := w.soc.LogoutURL(r.Context(), ended.UserID, ended.Via); to != "" {
			rw.Header().Set("Referrer-Policy", "no-referrer")
			reply.Redirect(rw, to)
			return
		}
	}
	reply.Redirect(rw, w.base+"/")
}
