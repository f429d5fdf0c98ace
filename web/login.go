package web

import (
	"errors"
	"net/http"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/secret"
)

func (w *Web) showLogin(rw http.ResponseWriter, r *http.Request) {
	if accounts.Current(r.Context()) != nil {
		reply.Redirect(rw, w.after(r.URL.Query().Get("next")))
		return
	}
	w.show(rw, r, "login", w.narrow(rw, r, "Sign in", nexturl.Path(r.URL.Query().Get("next")), form{}))
}

func (w *Web) login(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	f := form{Email: in.First("email", "username"), Remember: in.Checked("remember")}
	next, err := w.acc.LogIn(rw, r, f.Email, secret.Text(in.Get("password")), f.Remember)
	if err != nil {
		var refusal interface{ Refusal() string }
		switch {
		case errors.Is(err, accounts.ErrCredentials):
			f.Message = social.Message{Code: social.CodeLoginFailed}.Text()
		case errors.As(err, &refusal):
			f.Message = refusal.Refusal()
		default:
			w.fail(rw, r, err)
			return
		}
		if social.WantsJSON(r) {
			w.soc.Refuse(rw, r, w, social.Problem{Status: http.StatusUnauthorized, Code: social.CodeLoginFailed, Message: social.Text(f.Message)})
			return
		}
		w.show(rw, r, "login", w.narrow(rw, r, "Sign in", nexturl.Path(in.Get("next")), f))
		return
	}
	w.signedIn(rw, r, http.StatusOK, next, in.Get("next"))
}

// signedIn answers whoever has just signed in.
func (w *Web) signedIn(rw http.ResponseWriter, r *http.Request, status int, first, next string) {
	if social.WantsJSON(r) {
		w.writeUser(rw, r, status)
		return
	}
	if first != "" {
		reply.Redirect(rw, first)
		return
	}
	reply.Redirect(rw, w.after(next))
}

// after is where to go after a log-in.
func (w *Web) after(next string) string {
	if next = nexturl.Path(next); next != "" {
		return next
	}
	return w.soc.Config().PostLogin
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
	if ended != nil {
		if to := w.soc.LogoutURL(r.Context(), ended.UserID, ended.Via); to != "" {
			rw.Header().Set("Referrer-Policy", "no-referrer")
			reply.Redirect(rw, to)
			return
		}
	}
	reply.Redirect(rw, "/")
}

func (w *Web) session(rw http.ResponseWriter, r *http.Request) {
	if accounts.Current(r.Context()) == nil {
		w.notSignedIn(rw, r)
		return
	}
	w.writeUser(rw, r, http.StatusOK)
}

// notSignedIn answers programs.
func (w *Web) notSignedIn(rw http.ResponseWriter, _ *http.Request) {
	social.WriteProblem(rw, social.Problem{Status: http.StatusUnauthorized, Code: social.CodeNotSignedIn})
}

func (w *Web) writeUser(rw http.ResponseWriter, r *http.Request, status int) {
	u := accounts.Current(r.Context())
	if u == nil { // a second factor is still due
		rw.WriteHeader(http.StatusNoContent)
		return
	}
	social.WriteJSON(rw, status, map[string]any{"user": u.Public()})
}

// fail answers what a form cannot say: too many attempts, too busy, broken.
func (w *Web) fail(rw http.ResponseWriter, r *http.Request, err error) {
	var throttled *accounts.ThrottledError
	switch {
	case errors.As(err, &throttled):
		reply.RetryAfter(rw.Header(), throttled.RetryAfter)
		w.refuse(rw, r, http.StatusTooManyRequests, social.CodeThrottled)
	case errors.Is(err, accounts.ErrBusy):
		reply.RetryAfter(rw.Header(), 5*time.Second)
		w.refuse(rw, r, http.StatusServiceUnavailable, social.CodeBusy)
	default:
		w.soc.Fail(rw, r, w, err)
	}
}
