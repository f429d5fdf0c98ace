package web

import (
	"net/http"
	"time"

	"github.com/gosocial/social"
)

func (w *Web) profile(rw http.ResponseWriter, r *http.Request) {
	if social.WantsJSON(r) {
		w.writeUser(rw, r, http.StatusOK)
		return
	}
	w.show(rw, r, "profile", w.page(rw, r, "Profile"))
}

func (w *Web) connections(rw http.ResponseWriter, r *http.Request) {
	w.show(rw, r, "connections", w.page(rw, r, "Connections"))
}

// occasion tells when and from where somebody logged in.
func occasion(at time.Time, address string) string {
	if at.IsZero() {
		return ""
	}
	text := at.UTC().Format("2 January 2006, 15:04 MST")
	if address != "" {
		text += " from " + address
	}
	return text
}
