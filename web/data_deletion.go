package web

import (
	"errors"
	"net/http"
	"time"

	"github.com/gosocial/social"
)

// A dataDeletionView is the view of templates/data_deletion.html: the status of a request
// that a user made at a provider.
type dataDeletionView struct {
	layout
	Provider string // its name
	At       time.Time
	Until    time.Time // of the account's deletion that is under way, or zero
}

func (w *Web) showDataDeletion(rw http.ResponseWriter, r *http.Request) {
	d, err := w.soc.ReadDataDeletion(r, r.PathValue("code"))
	switch {
	case errors.Is(err, social.ErrNoDataDeletion):
		w.notFound(rw, r)
		return
	case err != nil:
		w.fail(rw, r, err)
		return
	}
	v := dataDeletionView{layout: w.layout(rw, r), Provider: d.ProviderID, At: d.At}
	if p, err := w.soc.Vault().Provider(r.Context(), d.ProviderID); err == nil {
		v.Provider = p.Description().Name
	}
	if !d.Done(w.soc.Config().Now()) {
		v.Until = d.Until
	}
	v.Narrow = true
	w.render(rw, r, http.StatusOK, "data_deletion", v)
}
