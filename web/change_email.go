package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/reply"
)

// A nameView is the view of templates/name.html, which changes an e-mail address or a
// username. Form.Email has what was entered.
type nameView struct {
	formPage
	Field  string // identity.FieldEmail or FieldUsername
	Action string // where the form goes

	Required bool // there has to be a username
}

func (w *Web) renderName(rw http.ResponseWriter, r *http.Request, field, action, next string, f form) {
	_, required := w.acc.AsksUsername()
	w.render(rw, r, http.StatusOK, "name", nameView{w.formPage(rw, r, w.next(r.Context(), next), f), field, w.base + action, required})
}

func (w *Web) showChangeEmail(rw http.ResponseWriter, r *http.Request) {
	if !w.acc.IsFresh(r.Context()) {
		w.verifyFirst(rw, r)
		return
	}
	w.renderName(rw, r, identity.FieldEmail, "/change-email", r.URL.Query().Get("next"), form{Email: r.URL.Query().Get("email")})
}

// askChangeEmail mails the link to the new address.
func (w *Web) askChangeEmail(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	email := in.Get(identity.FieldEmail)
	err := w.acc.RequestEmailChange(r, email, w.next(r.Context(), in.Get("next")))
	p, wrong := social.FormProblem(err)
	switch {
	case errors.Is(err, accounts.ErrNotSignedIn):
		w.signInFirst(rw, r, w.base+"/change-email")
	case errors.Is(err, accounts.ErrNotFresh):
		w.verifyFirst(rw, r, identity.FieldEmail, "next")
	case wrong && social.WantsJSON(r):
		social.WriteProblem(rw, p)
	case wrong:
		w.renderName(rw, r, identity.FieldEmail, "/change-email", in.Get("next"), wrongForm(email, p.Fields))
	case err != nil:
		w.fail(rw, r, err)
	case social.WantsJSON(r):
		social.WriteJSON(rw, http.StatusAccepted, struct{}{})
	default:
		w.soc.Flash(rw, r, social.FlashSuccess, social.Message{Code: social.CodeChangeEmailSent, Args: map[string]string{social.ArgEmail: email}})
		reply.Redirect(rw, w.base+"/profile")
	}
}

// An emailLink is a mailed link that changes an address.
type emailLink struct {
	kind, path string
	check      func(ctx context.Context, token string) (email string, err error)
	do         func(r *http.Request, token string) error
	done       string // the code of the message
	to         string // where it leads
	ask        string // the page that asks for another one, "" for none
}

func (w *Web) changeEmailLink() emailLink {
	return emailLink{"change_email", "/change-email/", w.acc.CheckEmailChange, w.acc.ChangeEmail, social.CodeEmailChanged, w.base + "/profile", "/change-email"}
}

func (w *Web) undoEmailLink() emailLink {
	return emailLink{"undo_email", "/change-email/undo/", w.acc.CheckEmailUndo, w.acc.UndoEmailChange, social.CodeEmailUndone, w.soc.Config().LoginPage, ""}
}

// showEmailLink shows the page with a button.
func (w *Web) showEmailLink(l emailLink) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		token := r.PathValue("token")
		next := r.URL.Query().Get("next")
		email, err := l.check(r.Context(), token)
		if err != nil {
			w.failEmailLink(rw, r, l, next, err)
			return
		}
		f := w.formPage(rw, r, w.next(r.Context(), next), form{Email: email})
		w.render(rw, r, http.StatusOK, "link", linkView{formPage: f, Kind: l.kind, Action: w.base + l.path + token, Here: true})
	}
}

// useEmailLink does what the link is for.
func (w *Web) useEmailLink(l emailLink) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		in, ok := w.read(rw, r)
		if !ok {
			return
		}
		if err := l.do(r, r.PathValue("token")); err != nil {
			w.failEmailLink(rw, r, l, in.Get("next"), err)
			return
		}
		if social.WantsJSON(r) {
			social.WriteJSON(rw, http.StatusOK, struct{}{})
			return
		}
		w.soc.Flash(rw, r, social.FlashSuccess, social.Message{Code: l.done})
		to := l.to
		if next := w.next(r.Context(), in.Get("next")); next != "" {
			to = next
		}
		reply.Redirect(rw, to)
	}
}

// failEmailLink answers a link that cannot be used. One that wants its user to sign in
// stays good.
func (w *Web) failEmailLink(rw http.ResponseWriter, r *http.Request, l emailLink, next string, err error) {
	var field *accounts.FieldError
	switch {
	case errors.Is(err, accounts.ErrNotSignedIn) && accounts.Current(r.Context()) != nil && !social.WantsJSON(r):
		w.refuse(rw, r, http.StatusForbidden, social.CodeOtherAccount) // the log-in page would lead back here
	case errors.Is(err, accounts.ErrNotSignedIn):
		w.signInFirst(rw, r, w.base+l.path+r.PathValue("token"))
	case errors.As(err, &field):
		w.soc.Refuse(rw, r, w, social.Problem{Status: http.StatusConflict, Code: "invalid_email", Message: social.ErrorMessage(field)})
	default:
		w.failLink(rw, r, l.ask, next, err)
	}
}

func (w *Web) showChangeUsername(rw http.ResponseWriter, r *http.Request) {
	if !w.acc.IsFresh(r.Context()) {
		w.verifyFirst(rw, r)
		return
	}
	username := cmp.Or(r.URL.Query().Get("username"), accounts.Current(r.Context()).Username)
	w.renderName(rw, r, identity.FieldUsername, "/change-username", "", form{Email: username})
}

// changeUsername changes the username, and ends the user's other sessions.
func (w *Web) changeUsername(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	username := in.Get(identity.FieldUsername)
	err := w.acc.ChangeUsername(r, username)
	p, wrong := social.FormProblem(err)
	switch {
	case errors.Is(err, accounts.ErrNotSignedIn):
		w.signInFirst(rw, r, w.base+"/change-username")
	case errors.Is(err, accounts.ErrNotFresh):
		w.verifyFirst(rw, r, identity.FieldUsername)
	case wrong && social.WantsJSON(r):
		social.WriteProblem(rw, p)
	case wrong:
		w.renderName(rw, r, identity.FieldUsername, "/change-username", "", wrongForm(username, p.Fields))
	case err != nil:
		w.fail(rw, r, err)
	case social.WantsJSON(r):
		social.WriteJSON(rw, http.StatusOK, struct{}{})
	default:
		w.soc.Flash(rw, r, social.FlashSuccess, social.Message{Code: social.CodeUsernameChanged})
		reply.Redirect(rw, w.base+"/profile")
	}
}
