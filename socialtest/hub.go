package socialtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
)

// hubUser serves the generic OAuth 2.0 provider's user object:
//
//	{"id": 1002, "login": "ana", "mail": "…", "mail_verified": true, "display": {"name": "…"}, "avatar_url": "…", "html_url": "…"}
func (p *Provider) hubUser(r *http.Request) *answer {
	t, u, refused := p.bearer(r)
	if refused != nil {
		return refused
	}
	fields := map[string]any{
		"id": subjectNumber(u.Subject), "login": u.Username, "display": map[string]any{"name": u.Name},
		"avatar_url": p.picture(u), "html_url": p.URL() + "/people/" + u.Subject,
	}
	if slices.Contains(t.scopes, "email") && u.Email != "" {
		fields["mail"], fields["mail_verified"] = u.Email, u.EmailVerified
	}
	maps.Copy(fields, u.Claims)
	return ok(fields)
}

// subjectNumber writes a subject of digits as a JSON number, any other as text.
func subjectNumber(subject string) any {
	if isDigits(subject) {
		return json.Number(subject)
	}
	return subject
}

// hubEcho serves /api/echo, which says how it was called.
func (p *Provider) hubEcho(r *http.Request) *answer {
	t, u, refused := p.bearer(r)
	if refused != nil {
		return refused
	}
	return &answer{status: http.StatusOK, fields: map[string]any{
		"method": r.Method, "login": u.Username, "scopes": t.scopes, "query": paramsOf(r).query, "form": paramsOf(r).form,
	}}
}
