package web

import (
	"errors"
	"net/http"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/reply"
)

// A deletionView is the view of templates/deletion.html: it asks whether to delete the
// account or, where that was asked for, whether to keep it.
type deletionView struct {
	formPage
	Keep bool
	At   time.Time // of the deletion
}

// An accountSection is the view of templates/security_account.html.
type accountSection struct {
	CanDelete bool
}

func (w *Web) accountSection(_ *http.Request, v *securityView, _ *securityJSON) error {
	v.Account = accountSection{w.acc.CanDelete()}
	return nil
}

func (w *Web) showDelete(rw http.ResponseWriter, r *http.Request) {
	v := deletionView{At: w.acc.PendingDeletion(r.Context())}
	switch v.Keep = !v.At.IsZero(); {
	case v.Keep && social.WantsJSON(r):
		w.writeDeletion(rw, http.StatusOK, v.At)
		return
	case v.Keep:
	case !w.acc.CanDelete():
		w.refuse(rw, r, http.StatusNotFound, social.CodeTurnedOff)
		return
	case accounts.Current(r.Context()) == nil:
		w.signInFirstFor(rw, r, w.base+"/account/delete")
		return
	case !w.acc.IsFresh(r.Context()):
		w.verifyFirst(rw, r)
		return
	default:
		v.At = w.acc.DeletionDate()
	}
	v.formPage = w.formPage(rw, r, w.next(r.Context(), r.URL.Query().Get("next")), form{})
	w.render(rw, r, http.StatusOK, "deletion", v)
}

func (w *Web) writeDeletion(rw http.ResponseWriter, status int, at time.Time) {
	social.WriteJSON(rw, status, map[string]time.Time{"deletion_at": at.UTC()})
}

// deleteAccount asks for the deletion of the account. Where that was asked for before, the
// session ends in which it could be taken back.
func (w *Web) deleteAccount(rw http.ResponseWriter, r *http.Request) {
	at := w.acc.PendingDeletion(r.Context())
	var err error
	if !at.IsZero() {
		err = w.acc.SignOut(rw, r)
	} else {
		at, err = w.acc.RequestDeletion(rw, r)
	}
	switch {
	case errors.Is(err, accounts.ErrOff):
		w.refuse(rw, r, http.StatusNotFound, social.CodeTurnedOff)
	case errors.Is(err, accounts.ErrNotSignedIn):
		w.signInFirstFor(rw, r, w.base+"/account/delete")
	case errors.Is(err, accounts.ErrNotFresh):
		w.verifyFirst(rw, r)
	case err != nil:
		w.fail(rw, r, err)
	case social.WantsJSON(r):
		w.writeDeletion(rw, http.StatusAccepted, at)
	default:
		w.soc.Flash(rw, r, social.FlashSuccess, social.Message{
			Code: social.CodeDeletionRequested, Args: map[string]string{social.ArgUntil: w.languageOf(r).Date(at.UTC())},
		})
		reply.Redirect(rw, w.base+"/")
	}
}

// undelete keeps the account of a user who has logged in before it was deleted.
func (w *Web) undelete(rw http.ResponseWriter, r *http.Request) {
	in, ok := w.read(rw, r)
	if !ok {
		return
	}
	err := w.acc.Undelete(rw, r)
	switch {
	case err == nil:
		if !social.WantsJSON(r) {
			w.soc.Flash(rw, r, social.FlashSuccess, social.Message{Code: social.CodeAccountKept})
		}
		w.signedIn(rw, r, http.StatusOK, in.Get("next"))
	case errors.Is(err, accounts.ErrNotSignedIn):
		w.signInFirstFor(rw, r, "")
	case errors.Is(err, accounts.ErrDeletionDue):
		w.refuse(rw, r, http.StatusConflict, social.CodeDeletionDue)
	default:
		w.failLogin(rw, r, err)
	}
}

// exportAccount answers with all that is kept of the user, as a file.
func (w *Web) exportAccount(rw http.ResponseWriter, r *http.Request) {
	if !w.acc.IsFresh(r.Context()) {
		w.verifyFirst(rw, r)
		return
	}
	e, err := w.acc.Export(r.Context(), accounts.Current(r.Context()).ID)
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	rw.Header().Set("Content-Disposition", `attachment; filename="account.json"`)
	social.WriteJSON(rw, http.StatusOK, e)
}
