package web

import (
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/secret"
)

// A resetView is the view of templates/reset.html, the page that a mailed link leads to.
type resetView struct {
	formPage
	Action            string // where the form goes
	PasswordMinLength int
}

// askReset is the page that asks for a new password.
func (w *Web) askReset() asking {
	return asking{ask: "reset", path: "/reset", sent: social.CodeResetSent, do: func(_ http.ResponseWriter, r *http.Request, email, next string) error {
		return w.acc.RequestReset(r, email, next)
	}}
}

func (w *Web) showReset(rw http.ResponseWriter, r *http.Request) {
	next := r.URL.Query().Get("next")
	u, err := w.acc.CheckReset(r.Context(), r.PathValue("token"))
	if err != nil {
		w.failLink(rw, r, "/reset", next, err)
		return
	}
	w.renderReset(rw, r, next, form{Email: u.Email})
}

func (w *Web) renderReset(rw http.ResponseWriter, r *http.Request, next string, f form) {
	v := resetView{w.formPage(rw, r, w.next(r.Context(), next), f), w.base + "/reset/" + r.PathValue("token"), w.opts.PasswordMinLength}
	w.showsPasswords(rw, &v.layout)
	w.render(rw, r, http.StatusOK, "reset", v)
}

// reset sets the password.
func (w *Web) reset(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	u, err := w.acc.CheckReset(r.Context(), r.PathValue("token"))
	if err != nil {
		w.failLink(rw, r, "/reset", in.Get("next"), err)
		return
	}
	reg := identity.Registration{Password: secret.Text(in.Get(identity.FieldPassword))}
	var weak error
	if reg.Password != "" {
		weak = w.acc.CheckNewPassword(u, reg.Password)
	}
	p, wrong := social.FormProblem(weak, passwordProblems(in, reg)...)
	if !wrong {
		err = w.acc.ResetPassword(rw, r, r.PathValue("token"), reg.Password)
		weak = err
		p, wrong = social.FormProblem(err)
	}
	if weak != nil {
		p.Code = social.CodeWeakPassword
	}
	switch {
	case wrong && social.WantsJSON(r):
		social.WriteProblem(rw, p)
	case wrong:
		w.renderReset(rw, r, in.Get("next"), wrongForm(u.Email, p.Fields))
	case err != nil:
		w.failLink(rw, r, "/reset", in.Get("next"), err)
	case social.WantsJSON(r):
		social.WriteJSON(rw, http.StatusOK, struct{}{})
	default:
		w.soc.Flash(rw, r, social.FlashSuccess, social.Message{Code: social.CodePasswordReset})
		reply.Redirect(rw, nexturl.WithNext(w.soc.Config().LoginPage, w.next(r.Context(), in.Get("next"))))
	}
}
