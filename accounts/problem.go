package accounts

import (
	"net/http"

	"github.com/gosocial/social/internal/reply"
)

// deny answers a request for JSON with a problem document (RFC 9457), and others
// with a line of text.
func deny(w http.ResponseWriter, r *http.Request, status int, code, detail string) {
	if reply.WantsJSON(r) {
		reply.Problem{Status: status, Code: code, Detail: detail}.Write(w)
		return
	}
	reply.Text(w, status, detail)
}
