package accounts

import (
	"net/http"
	"strings"

	"github.com/gosocial/social/internal/phrase"
	"github.com/gosocial/social/internal/reply"
)

// Keys of texts of refused requests: the code of the problem and, where a code has several
// texts, a dot and what tells them apart.
const (
	refusedForbidden         = "forbidden"
	refusedUnavailable       = "unavailable"
	refusedUnavailableRights = "unavailable.rights"
	refusedScope             = "insufficient_scope"
	refusedToken             = "invalid_token"
	refusedTokenFactor       = "two_factor_required.token"
	refusedBasic             = "bad_credentials"
	refusedBasicDeletion     = "deletion_requested.basic"
	refusedBasicFactor       = "two_factor_required.basic"
	refusedThrottled         = "throttled"
	refusedBusy              = "busy"
)

// problem returns the problem document (RFC 9457) of a refused request. Its text is that of
// the key, filled in with the arguments.
func problem(status int, key string, args map[string]string) reply.Problem {
	code, _, _ := strings.Cut(key, ".")
	return reply.Problem{Status: status, Code: code, Detail: phrase.Fill(texts[key], args)}
}

// deny answers a request for JSON with the problem document of the key, and others with a
// line of text.
func deny(w http.ResponseWriter, r *http.Request, status int, key string, args map[string]string) {
	p := problem(status, key, args)
	if reply.WantsJSON(r) {
		p.Write(w)
		return
	}
	reply.Text(w, status, p.Detail)
}
