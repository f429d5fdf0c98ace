package oauth

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/gosocial/social/secret"
)

// ProfileOf lets black-box tests evaluate a mapping.
func ProfileOf(m Mapping, raw json.RawMessage) (Profile, error) { return m.profile(raw) }

// At lets black-box tests follow a path.
func At(doc []byte, path string) []byte { return at(doc, path) }

// BaseString lets black-box tests see what is signed. own are pairs of name and
// value.
func BaseString(req *http.Request, own ...[2]string) (string, error) {
	b, err := gather(req, parameters(own))
	if err != nil {
		return "", err
	}
	text, err := b.of(req)
	return string(text), err
}

// A Cache lets black-box tests load a document of their own.
type Cache struct{ c *cached[string] }

// NewCache makes an empty one.
func NewCache(load func(context.Context) (string, time.Duration, error), now func() time.Time) Cache {
	return Cache{&cached[string]{load: load, now: now}}
}

func (c Cache) Get(ctx context.Context) (string, error)   { return c.c.get(ctx) }
func (c Cache) Force(ctx context.Context) (string, error) { return c.c.force(ctx) }
func (c Cache) Peek() (string, bool)                      { return c.c.peek() }

// Authorization lets black-box tests sign with a nonce and a time of their own.
func Authorization(req *http.Request, consumerSecret, tokenSecret secret.Text, own ...[2]string) (string, error) {
	return authorization(req, parameters(own), consumerSecret, tokenSecret)
}

func parameters(own [][2]string) []parameter {
	params := make([]parameter, len(own))
	for i, p := range own {
		params[i] = parameter{p[0], p[1]}
	}
	return params
}

// Holds lets black-box tests judge an answer.
func Holds(c Condition, status int, body []byte) bool {
	list, err := parseConditions([]Condition{c})
	return err == nil && list.hold(&answer{status: status, body: body})
}

// ParseCredentials lets black-box tests read a token answer of OAuth 1.0a.
func ParseCredentials(body string) (token, secret string, confirmed, ok bool) {
	c, ok := parseCredentials(body)
	return c.token, c.secret, c.confirmed, ok
}

// ParseToken lets black-box tests read token answers.
func ParseToken(body []byte) (access, code string, lifetime time.Duration, ok bool) {
	t, ok := parseToken(body)
	return t.access, t.code, t.lifetime, ok
}
