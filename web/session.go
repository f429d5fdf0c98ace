package web

import (
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/internal/reply"
)

// Ways in which a user without a session is known.
const (
	viaToken = "token" // an API token
	viaBasic = "basic" // a password in the request's header
)

// session answers with the signed-in user, and how they signed in, as JSON.
func (w *Web) session(rw http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	if accounts.Current(ctx) == nil {
		w.writeNotSignedIn(rw)
		return
	}
	factor, err := w.acc.HasFactor(ctx, accounts.Current(ctx).ID)
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	body := map[string]any{"two_factor": factor, "user": accounts.Current(ctx).Public(), "language": w.languageOf(r).Tag(), "via": viaBasic, "fresh_until": nil}
	if s := accounts.CurrentSession(ctx); s != nil {
		body["via"], body["fresh_until"] = s.Via, w.acc.FreshUntil(ctx).UTC()
	} else if t := accounts.CurrentToken(ctx); t != nil {
		body["via"], body["token"] = viaToken, describeToken(t)
	}
	social.WriteJSON(rw, http.StatusOK, body)
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

// writeUser answers with the signed-in user, as JSON.
func (w *Web) writeUser(rw http.ResponseWriter, r *http.Request, status int) {
	social.WriteJSON(rw, status, map[string]any{"user": accounts.Current(r.Context()).Public()})
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
