package gateway

import (
	"errors"
	"net/http"
	"time"

	"github.com/gosocial/social/internal/reply"
)

// A problem is an answer of an error: a problem document (RFC 9457) with a code.
type problem struct {
	status int
	code   string
	detail string
	wait   time.Duration // Retry-After, 0 for none

	missing []string           // scopes
	errors  []reply.FieldError // of the body's members
}

func (p *problem) Error() string { return "gateway: " + p.detail }

var (
	problemNotFound   = &problem{status: http.StatusNotFound, code: "not_found", detail: "There is no such thing, or it is outside of the client's scopes."}
	problemMethod     = &problem{status: http.StatusMethodNotAllowed, code: "method_not_allowed", detail: "The method is not for this address."}
	problemBadToken   = &problem{status: http.StatusUnauthorized, code: "invalid_token", detail: "The bearer token is missing, malformed or expired. Get one from POST " + tokenPath + "."}
	problemNeedsUser  = &problem{status: http.StatusConflict, code: "needs_reauthorization", detail: "The user has to connect the account again."}
	problemSuspended  = &problem{status: http.StatusConflict, code: "suspended", detail: "The connection is suspended."}
	problemRefresh    = &problem{status: http.StatusConflict, code: "not_refreshable", detail: "The provider gave no refresh token for this connection."}
	problemUnexpected = &problem{status: http.StatusInternalServerError, code: "unexpected", detail: "Something unexpected happened; the log has the cause."}
)

func missingPower(power string) *problem {
	return &problem{status: http.StatusForbidden, code: "missing_power", detail: "The client has not the power " + power + "."}
}

func badRequest(detail string) *problem {
	return &problem{status: http.StatusBadRequest, code: "bad_request", detail: detail}
}

// write answers with the problem that err is; what is none is unexpected, and logged.
func (g *Gateway) write(w http.ResponseWriter, r *http.Request, err error) {
	if ctx := r.Context(); ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		panic(http.ErrAbortHandler) // the caller has gone
	}
	var p *problem
	if !errors.As(err, &p) {
		g.log.ErrorContext(r.Context(), "gateway: a request failed", "method", r.Method, "path", r.URL.Path, "error", err)
		p = problemUnexpected
	}
	switch {
	case p.status == http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`) // RFC 6750 §3
	case p.wait > 0:
		reply.RetryAfter(w.Header(), p.wait)
	}
	reply.Problem{Status: p.status, Code: p.code, Detail: p.detail, RequestID: w.Header().Get(headerRequestID), MissingScopes: p.missing, Errors: p.errors}.Write(w)
}
