package web

import (
	"errors"
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
)

// An askView is the view of templates/ask.html, which asks for a mail with a link.
type askView struct {
	formPage
	Ask  string          // what the link is for: "reset", "confirm" or "magic_link"
	Path string          // of the page
	Sent *social.Message // what is said when it was asked for; nil before
	Code bool            // there is a code beside the link
}

// An asking is a page that asks for a mail with a link.
type asking struct {
	ask, path string
	sent      string // the code of the message
	code      bool
	do        func(rw http.ResponseWriter, r *http.Request, email, next string) error
}

func (w *Web) showAsk(a asking) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		w.renderAsk(rw, r, a, r.URL.Query().Get("next"), form{}, nil)
	}
}

func (w *Web) renderAsk(rw http.ResponseWriter, r *http.Request, a asking, next string, f form, sent *social.Message) {
	v := askView{formPage: w.formPage(rw, r, w.next(r.Context(), next), f), Ask: a.ask, Path: a.path, Sent: sent, Code: a.code}
	w.render(rw, r, http.StatusOK, "ask", v)
}

// ask asks for the mail. The answer is the same whether it is sent or not.
func (w *Web) ask(a asking) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		in, ok := w.read(rw, r)
		if !ok {
			return
		}
		email := in.Get(identity.FieldEmail)
		if err := a.do(rw, r, email, w.next(r.Context(), in.Get("next"))); err != nil {
			p, wrong := social.FormProblem(err)
			switch {
			case !wrong:
				w.fail(rw, r, err)
			case social.WantsJSON(r):
				social.WriteProblem(rw, p)
			default:
				w.renderAsk(rw, r, a, in.Get("next"), wrongForm(email, p.Fields), nil)
			}
			return
		}
		if social.WantsJSON(r) {
			social.WriteJSON(rw, http.StatusAccepted, struct{}{})
			return
		}
		w.renderAsk(rw, r, a, in.Get("next"), form{Email: email}, &social.Message{Code: a.sent, Args: map[string]string{social.ArgEmail: email}})
	}
}

// onlyIf answers that a page is turned off unless it is on.
func (w *Web) onlyIf(on bool, m methods) methods {
	if on {
		return m
	}
	off := func(rw http.ResponseWriter, r *http.Request) {
		w.refuse(rw, r, http.StatusNotFound, social.CodeTurnedOff)
	}
	for name := range m {
		m[name] = off
	}
	return m
}

// secretAddress is for pages whose address is a secret: no other page learns it. See
// layout.SecretAddress for what else the pages say.
func secretAddress(do http.HandlerFunc) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Referrer-Policy", "no-referrer")
		do(rw, r)
	}
}

// failLink answers a mailed link that cannot be used: it is not good any more, or what fail
// answers. ask is the path of the page that asks for another one, "" without one; next is
// where the link would have led on to.
func (w *Web) failLink(rw http.ResponseWriter, r *http.Request, ask, next string, err error) {
	if !errors.Is(err, accounts.ErrBadToken) {
		w.fail(rw, r, err)
		return
	}
	p := social.Problem{Status: http.StatusBadRequest, Code: social.CodeBadToken}
	if social.WantsJSON(r) {
		social.WriteProblem(rw, p)
		return
	}
	w.showProblem(rw, r, p, ask, w.next(r.Context(), next))
}
