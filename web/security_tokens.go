package web

import (
	"net/http"

	"github.com/gosocial/social/accounts"
)

// A tokensSection is the view of templates/security_tokens.html.
type tokensSection struct{ Number int }

func (w *Web) tokensSection(r *http.Request, v *securityView, body *securityJSON) error {
	if !w.acc.UsesTokens() {
		return nil
	}
	list, err := w.acc.Tokens(r.Context(), accounts.Current(r.Context()).ID)
	v.Tokens, body.Tokens = &tokensSection{len(list)}, len(list)
	return err
}
