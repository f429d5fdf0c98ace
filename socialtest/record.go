package socialtest

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Request is the record of a request that a provider got. Values that are
// secret read "[redacted]".
type Request struct {
	Endpoint Endpoint
	Time     time.Time
	Method   string
	Path     string
	Query    url.Values
	Form     url.Values // of a form body

	// Authorization is the scheme of the header: "Basic", "Bearer", "OAuth".
	Authorization string
	Header        http.Header // without Authorization and Cookie
}

// kept is how many requests a log remembers.
const kept = 256

// secretNames are the parameters whose values are not recorded.
var secretNames = []string{
	"access_token", "appsecret_proof", "client_assertion", "client_secret", "code", "code_verifier", "fb_exchange_token",
	"id_token_hint", "oauth_token", "oauth_signature", "oauth_verifier", "refresh_token", "request", "state", "nonce", "token",
}

type requestLog struct {
	mu     sync.Mutex
	counts map[Endpoint]int
	last   []Request
}

func (l *requestLog) add(e Endpoint, r *http.Request, query, form url.Values, now time.Time) {
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	header := r.Header.Clone()
	header.Del("Authorization")
	header.Del("Cookie")
	record := Request{
		Endpoint: e, Time: now, Method: r.Method, Path: requestedPath(r),
		Query: redact(query), Form: redact(form), Authorization: scheme, Header: header,
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts = make(map[Endpoint]int)
	}
	l.counts[e]++
	if len(l.last) == kept {
		l.last = slices.Delete(l.last, 0, 1)
	}
	l.last = append(l.last, record)
}

func redact(v url.Values) url.Values {
	shown := make(url.Values, len(v))
	for name, values := range v {
		shown[name] = slices.Clone(values)
		if slices.Contains(secretNames, name) {
			for i := range shown[name] {
				shown[name][i] = "[redacted]"
			}
		}
	}
	return shown
}

// Calls returns how many requests the endpoint got since the beginning or since
// ResetCalls, refused ones and those that met a fault included.
func (p *Provider) Calls(e Endpoint) int {
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	return p.log.counts[e]
}

// Requests returns the endpoint's last requests, oldest first; at most 256 of
// all endpoints are kept.
func (p *Provider) Requests(e Endpoint) []Request {
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	var found []Request
	for _, r := range p.log.last {
		if r.Endpoint == e {
			found = append(found, r)
		}
	}
	return found
}

// ResetCalls forgets counts and requests.
func (p *Provider) ResetCalls() {
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	p.log.counts, p.log.last = nil, nil
}

type paramsKey struct{}

// params are a request's parameters, as they came: query and form apart.
type params struct{ query, form url.Values }

func withParams(r *http.Request, query, form url.Values) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), paramsKey{}, params{query, form}))
}

func paramsOf(r *http.Request) params {
	p, _ := r.Context().Value(paramsKey{}).(params)
	return p
}

// twice names a parameter that appears more than once, "" when none does.
func twice(v url.Values) string {
	for name, values := range v {
		if len(values) > 1 {
			return name
		}
	}
	return ""
}
