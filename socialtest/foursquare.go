package socialtest

import (
	"maps"
	"net/http"
	"time"
)

// foursquareAnswer is the envelope of the v2 API.
func foursquareAnswer(status int, errorType, detail string, response map[string]any) *answer {
	meta := map[string]any{"code": status, "requestId": random(9)}
	if errorType != "" {
		meta["errorType"], meta["errorDetail"] = errorType, detail
	}
	return &answer{status: status, fields: map[string]any{"meta": meta, "response": response}}
}

// self serves /v2/users/self.
func (p *Provider) self(r *http.Request) *answer {
	v := paramsOf(r).query
	refuse := func(status int, errorType, detail string) *answer {
		return foursquareAnswer(status, errorType, detail, map[string]any{})
	}
	if name := twice(v); name != "" {
		return refuse(http.StatusBadRequest, "param_error", "The parameter "+name+" appears twice.")
	}
	if v.Get("v") == "" {
		return refuse(http.StatusBadRequest, "param_error", "The parameter v (YYYYMMDD) is missing.")
	}
	if _, err := time.Parse("20060102", v.Get("v")); err != nil {
		return refuse(http.StatusBadRequest, "param_error", "The parameter v is not a date of the form YYYYMMDD.")
	}
	if v.Get("oauth_token") == "" {
		return refuse(http.StatusUnauthorized, "invalid_auth", "The parameter oauth_token is missing.")
	}
	_, u, why := p.access(v.Get("oauth_token"))
	if why != "" {
		return refuse(http.StatusUnauthorized, "invalid_auth", "OAuth token invalid or revoked: "+why+".")
	}
	contact := map[string]any{}
	if u.Email != "" {
		contact["email"] = u.Email
	}
	user := map[string]any{
		"id": u.Subject, "firstName": u.givenName(), "lastName": u.familyName(),
		"handle": u.Username, "canonicalUrl": p.URL() + "/people/" + u.Subject, "contact": contact,
		// The picture's address is prefix, a size such as 96x96, suffix.
		"photo": map[string]any{"prefix": p.URL() + "/people/", "suffix": "/" + u.Subject + ".svg"},
	}
	maps.Copy(user, u.Claims)
	return foursquareAnswer(http.StatusOK, "", "", map[string]any{"user": user})
}
