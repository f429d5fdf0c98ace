package web

import (
	"errors"
	"math"
	"net/http"
	"strconv"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/secret"
)

func (w *Web) showLogin(rw http.ResponseWriter, r *http.Request) {
	if accounts.Current(r.Context()) != nil {
		redirect(rw, w.after(r.FormValue("next")))
		return
	}
	w.show(rw, r, "login", w.narrow(rw, r, "Sign in", nexturl.Path(r.FormValue("next")), form{}))
}

func (w *Web) login(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.input(rw, r)
	if !ok {
		return
	}
	f := form{Email: in.first("email", "username"), Remember: in.checked("remember")}
	next, err := w.acc.LogIn(rw, r, f.Email, secret.Text(in.get("password")), f.Remember)
	if err != nil {
		var refusal interface{ Refusal() string }
		switch {
		case errors.Is(err, accounts.ErrCredentials):
			f.Message = "The e-mail address, username or password is wrong."
		case errors.As(err, &refusal):
			f.Message = refusal.Refusal()
		default:
			w.fail(rw, r, err)
			return
		}
		if social.WantsJSON(r) {
			w.problem(rw, r, social.NewProblem(http.StatusUnauthorized, "login_failed", f.Message))
			return
		}
		w.show(rw, r, "login", w.narrow(rw, r, "Sign in", nexturl.Path(in.get("next")), f))
		return
	}
	w.signedIn(rw, r, http.StatusOK, next, in.get("next"))
}

// signedIn answers whoever has just signed in.
func (w *Web) signedIn(rw http.ResponseWriter, r *http.Request, status int, first, next string) {
	if social.WantsJSON(r) {
		w.writeUser(rw, r, status)
		return
	}
	if first != "" {
		redirect(rw, first)
		return
	}
	redirect(rw, w.after(next))
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
			redirect(rw, to)
			return
		}
	}
	redirect(rw, "/")
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
	social.WriteProblem(rw, social.NewProblem(http.StatusUnauthorized, "not_signed_in", "Nobody is signed in."))
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
		rw.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(throttled.RetryAfter.Seconds()))))
		w.problem(rw, r, social.NewProblem(http.StatusTooManyRequests, "throttled", "There were too many attempts. Please try again later."))
	case errors.Is(err, accounts.ErrBusy):
		rw.Header().Set("Retry-After", "5")
		w.problem(rw, r, social.NewProblem(http.StatusServiceUnavailable, "busy", "Too many people are signing in at the moment. Please try again."))
	default:
		w.soc.Fail(rw, r, w, err)
	}
}

// redirect answers 303. The address was judged before; http.Redirect would
// rewrite it.
func redirect(rw http.ResponseWriter, to string) {
	rw.Header().Set("Location", to)
	rw.Header().Set("Cache-Control", "no-store")
	rw.WriteHeader(http.StatusSeeOther)
}
