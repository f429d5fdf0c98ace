package socialtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// facebookError is an error of the Graph API. It comes with 400 for a bad token
// too, as there.
func facebookError(status, code int, message string) *answer {
	a := &answer{status: status, fields: map[string]any{"error": map[string]any{
		"message": message, "type": "OAuthException", "code": code, "fbtrace_id": random(8),
	}}}
	if code == 190 {
		a.header = http.Header{"Www-Authenticate": {`OAuth "Facebook Platform" "invalid_token" "` + message + `"`}}
	}
	return a
}

// facebookToken judges a Graph request: the token comes as header or parameter.
func (p *Provider) facebookToken(r *http.Request) (token, User, *answer) {
	in := paramsOf(r)
	value := in.query.Get("access_token")
	if value == "" {
		value = in.form.Get("access_token")
	}
	if r.Header.Get("Authorization") != "" {
		if value != "" {
			return token{}, User{}, facebookError(http.StatusBadRequest, 100, "The access token is given as header and as parameter.")
		}
		var why string
		if value, why = bearerValue(r); why != "" {
			return token{}, User{}, facebookError(http.StatusBadRequest, 2500, why+".")
		}
	}
	t, u, why := p.access(value)
	if why != "" {
		return t, u, facebookError(http.StatusBadRequest, 190, "Error validating access token: "+why+".")
	}
	if proof := in.query.Get("appsecret_proof"); proof != "" {
		mac := hmac.New(sha256.New, []byte(p.app(t.client).ClientSecret.Reveal()))
		mac.Write([]byte(value))
		if !same(proof, hex.EncodeToString(mac.Sum(nil))) {
			return t, u, facebookError(http.StatusBadRequest, 100, "Invalid appsecret_proof provided in the API argument.")
		}
	}
	return t, u, nil
}

// me serves /me of the Graph API: id and name, and whatever fields names.
func (p *Provider) me(r *http.Request) *answer {
	t, u, refused := p.facebookToken(r)
	if refused != nil {
		return refused
	}
	all := map[string]any{
		"id": u.Subject, "name": u.Name, "first_name": u.givenName(), "last_name": u.familyName(),
		"picture": map[string]any{"data": map[string]any{
			"url": p.picture(u), "width": 96, "height": 96, "is_silhouette": false,
		}},
	}
	if slices.Contains(t.scopes, "email") && u.Email != "" && u.EmailVerified {
		all["email"] = u.Email // Facebook leaves unconfirmed ones out
	}
	maps.Copy(all, u.Claims)
	wanted := topFields(paramsOf(r).query.Get("fields"))
	if len(wanted) == 0 {
		wanted = []string{"name"}
	}
	fields := map[string]any{"id": all["id"]}
	for _, name := range wanted {
		if value, known := all[name]; known {
			fields[name] = value
		} else if name != "email" && name != "link" {
			return facebookError(http.StatusBadRequest, 100, "Tried accessing nonexisting field ("+name+") on node type (User)")
		}
	}
	return ok(fields)
}

// topFields takes "id,picture.width(96){url},name" apart into the names at the
// top.
func topFields(s string) []string {
	var names []string
	depth, start := 0, 0
	for i := 0; i <= len(s); i++ {
		switch {
		case i == len(s) || s[i] == ',' && depth == 0:
			name := strings.TrimSpace(s[start:i])
			if end := strings.IndexAny(name, ".({"); end >= 0 {
				name = name[:end]
			}
			if name != "" {
				names = append(names, name)
			}
			start = i + 1
		case s[i] == '{' || s[i] == '(':
			depth++
		case s[i] == '}' || s[i] == ')':
			depth--
		}
	}
	return names
}

// removePermissions serves DELETE /me/permissions, Facebook's revocation.
func (p *Provider) removePermissions(r *http.Request) *answer {
	t, _, refused := p.facebookToken(r)
	if refused != nil {
		return refused
	}
	p.mu.Lock()
	for value, other := range p.tokens {
		if other.subject == t.subject && other.client == t.client {
			delete(p.tokens, value)
		}
	}
	p.mu.Unlock()
	return ok(map[string]any{"success": true})
}
