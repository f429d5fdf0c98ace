package oauth

import (
	"bytes"
	"encoding/json"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gosocial/social/internal/input"
	"github.com/gosocial/social/secret"
)

// A tokenAnswer is the answer of a token endpoint (RFC 6749 §5.1, §5.2). It is read
// leniently: an odd field must not cost a rotated refresh token.
type tokenAnswer struct {
	access, refresh, id, typ string

	lifetime        time.Duration // 0 when unknown
	expiry          time.Time     // where the answer has a time in place of a lifetime
	refreshLifetime time.Duration // of the refresh token, likewise
	scopes          []string
	hasScope        bool   // scope is there, a text or a list
	code            string // of an error
}

// maxLifetime keeps an expiry in the range of every clock and database.
const maxLifetime = 100 * 365 * 24 * time.Hour

// parseToken reads JSON, or a form with any content type. ok is false for neither.
func parseToken(body []byte) (t tokenAnswer, ok bool) {
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return t, false
	case body[0] == '{':
		// Something may follow the object, such as a proxy's remark.
		if !json.Valid(body) && json.NewDecoder(bytes.NewReader(body)).Decode(new(json.RawMessage)) != nil {
			return t, false
		}
		t.readJSON(body)
		return t, true
	}
	if bytes.ContainsAny(body, "<\n{") {
		return t, false
	}
	form, _ := url.ParseQuery(string(body))
	t.readForm(form)
	return t, t.access != "" || t.code != ""
}

func (t *tokenAnswer) readJSON(object []byte) {
	var expires time.Duration
	named := false
	for rest := trimLeft(object[1:]); rest[0] != '}'; {
		var name, value []byte
		name, value, rest = member(rest)
		switch string(name) {
		case `"access_token"`:
			t.access = plainText(value)
		case `"refresh_token"`:
			t.refresh = plainText(value)
		case `"id_token"`:
			t.id = plainText(value)
		case `"token_type"`:
			t.typ = plainText(value)
		case `"expires_in"`:
			t.lifetime, named = lifetime(plainText(value)), true
		case `"expires"`:
			expires = lifetime(plainText(value))
		case `"expires_at"`:
			if at := lifetime(plainText(value)); at > 0 {
				t.expiry = time.Unix(int64(at/time.Second), 0)
			}
		case `"refresh_token_expires_in"`, `"refresh_expires_in"`, `"x_refresh_token_expires_in"`, `"refreshTokenExpiresIn"`:
			t.refreshLifetime = lifetime(plainText(value))
		case `"scope"`:
			t.scopes = scopeList(value)
			t.hasScope = value[0] == '"' || value[0] == '['
		case `"error"`:
			t.code = errorCode(value)
		}
	}
	if !named {
		t.lifetime = expires
	}
}

func (t *tokenAnswer) readForm(form url.Values) {
	t.access, t.refresh, t.id = form.Get("access_token"), form.Get("refresh_token"), form.Get("id_token")
	t.typ = form.Get("token_type")
	if form.Has("expires_in") {
		t.lifetime = lifetime(form.Get("expires_in"))
	} else {
		t.lifetime = lifetime(form.Get("expires"))
	}
	t.refreshLifetime = lifetime(form.Get("refresh_token_expires_in"))
	t.scopes = input.Scopes(form.Get("scope"))
	t.hasScope = form.Has("scope")
	t.code = plainCode(form.Get("error"))
}

// lifetime reads seconds in any notation. Anything but a positive number is
// unknown, 0.
func lifetime(text string) time.Duration {
	// 0 for what is no number, infinite for what is out of range
	seconds, _ := strconv.ParseFloat(strings.TrimSpace(text), 64)
	switch {
	case math.IsNaN(seconds), seconds <= 0:
		return 0
	case seconds >= maxLifetime.Seconds():
		return maxLifetime
	}
	return time.Duration(seconds * float64(time.Second))
}

func scopeList(value []byte) []string {
	if len(value) > 0 && value[0] == '[' {
		var list []json.RawMessage
		if json.Unmarshal(value, &list) != nil {
			return nil
		}
		var scopes []string
		for _, v := range list {
			scopes = append(scopes, strings.Fields(plainText(v))...)
		}
		return scopes
	}
	return input.Scopes(plainText(value))
}

// token makes the Token of an answer. before has the values for fields that the
// answer leaves out (RFC 6749 §5.1, §6).
func (t *tokenAnswer) token(before Token, now time.Time) *Token {
	out := &Token{
		ClientID: before.ClientID, Access: secret.Text(t.access), Secret: before.Secret,
		Refresh: secret.Text(t.refresh), ID: secret.Text(t.id), Type: t.typ, Scopes: t.scopes,
	}
	if out.Refresh == "" {
		out.Refresh, out.RefreshExpiry = before.Refresh, before.RefreshExpiry
	}
	if t.refreshLifetime > 0 && out.Refresh != "" {
		out.RefreshExpiry = now.Add(t.refreshLifetime)
	}
	if out.ID == "" {
		out.ID = before.ID
	}
	if out.Scopes == nil {
		out.Scopes = slices.Clone(before.Scopes)
	}
	switch {
	case t.lifetime > 0:
		out.Expiry = now.Add(t.lifetime)
	case t.expiry.After(now):
		out.Expiry = t.expiry.In(now.Location())
	}
	return out
}

// withoutTokens returns a token answer that also says who the user is as a JSON object
// without the tokens, nor those under the further names.
func withoutTokens(body []byte, further ...string) json.RawMessage {
	var object map[string]json.RawMessage
	if json.NewDecoder(bytes.NewReader(body)).Decode(&object) != nil {
		form, _ := url.ParseQuery(strings.TrimSpace(string(body)))
		object = make(map[string]json.RawMessage, len(form))
		for name := range form {
			object[name], _ = json.Marshal(form.Get(name)) // a text has a JSON form
		}
	}
	for _, name := range append(further, "access_token", "refresh_token", "id_token", "oauth_token", "oauth_token_secret") {
		delete(object, name)
	}
	clean, _ := json.Marshal(object) // as valid as the answer
	return clean
}

// withoutTokens returns the object of an answer that has the token, without it.
func (p *OAuth2) withoutTokens(body []byte) json.RawMessage {
	names := p.tokenNames()
	return withoutTokens(p.tokenObject(body), names["access_token"], names["refresh_token"], names["id_token"])
}
