package web

import (
	"net/http"

	"github.com/gosocial/social/accounts"
)

// A sessionsSection is the view of templates/security_sessions.html.
type sessionsSection struct{ Number int }

func (w *Web) sessionsSection(r *http.Request, v *securityView, body *securityJSON) error {
	list, err := w.acc.Sessions(r.Context(), accounts.Current(r.Context()).ID)
	v.Sessions.Number, body.Sessions = len(list), len(list)
	return err
}
