package web

import (
	"net/http"

	"github.com/gosocial/social/accounts"
)

// A sessionsSection is the view of templates/security_sessions.html.
type sessionsSection struct {
	Number   int
	Activity bool // there is a page of what happened
}

func (w *Web) sessionsSection(r *http.Request, v *securityView, body *securityJSON) error {
	list, err := w.acc.Sessions(r.Context(), accounts.Current(r.Context()).ID)
	v.Sessions, body.Sessions = sessionsSection{len(list), w.opts.Audit != nil}, len(list)
	return err
}
