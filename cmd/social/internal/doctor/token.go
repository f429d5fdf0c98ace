package doctor

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// An attempt is a client of a provider whose last answer is kept.
type attempt struct {
	provider oauth.Provider
	client   oauth.Client
	last     *recorder
}

// attempt opens the provider.
func (p *providerCheck) attempt(provider oauth.Provider) (attempt, error) {
	client := *p.http
	last := &recorder{next: client.Transport}
	client.Transport = last
	opened, err := provider.Open(oauth.Env{HTTP: &client})
	return attempt{provider, opened, last}, err
}

// A recorder keeps the beginning of the last answer. It is for one request at a time.
type recorder struct {
	next   http.RoundTripper
	status int
	body   bytes.Buffer
}

// maxRecorded bounds what is kept of an answer.
const maxRecorded = 4 << 10

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.status = 0
	r.body.Reset()
	resp, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	r.status = resp.StatusCode
	if _, err := io.CopyN(&r.body, resp.Body, maxRecorded); err != nil && !errors.Is(err, io.EOF) {
		resp.Body.Close()
		return nil, err
	}
	resp.Body = readCloser{io.MultiReader(bytes.NewReader(bytes.Clone(r.body.Bytes())), resp.Body), resp.Body}
	return resp, nil
}

type readCloser struct {
	io.Reader
	io.Closer
}

// answer returns the last answer, to be compared with another one.
func (r *recorder) answer() string { return fmt.Sprint(r.status, " ", r.body.String()) }

// token reports how the token endpoint has answered the made-up code. The error code
// counts before the status: servers send 401 with invalid_grant, too.
func (p *providerCheck) token(ctx context.Context, a attempt, uri string, err error) {
	var failure *oauth.ProviderError
	var callback *oauth.CallbackError
	switch {
	case err == nil:
		p.report(Wrong, "token endpoint: it accepts a made-up code")
	case errors.As(err, &callback):
		p.report(Note, "token endpoint: it could not be checked, since only a log-in gives the callback that it needs (%s)", callback.Reason)
	case !errors.As(err, &failure):
		p.report(Wrong, "token endpoint: %s", describe(err))
	case failure.Mistake != "" && failure.Mistake != oauth.WrongClient:
		p.mistake("token endpoint", failure.Mistake, uri)
	case failure.Mistake == oauth.WrongClient:
		p.report(Wrong, "token endpoint: the consumer key or secret is refused (%s): %s", describe(err), failure.Mistake.Remedy(p.Description, uri))
	case failure.Code == "invalid_grant":
		p.report(OK, "token endpoint accepts the credentials, and refuses a made-up code")
	case failure.Code == "" && failure.Status == http.StatusUnauthorized:
		p.report(Wrong, "token endpoint: the consumer key or secret is refused (%s)", describe(err))
	case failure.Status == 0, failure.Status >= 500, failure.Status == http.StatusNotFound,
		failure.Status == http.StatusMethodNotAllowed, failure.Status >= 300 && failure.Status < 400:
		p.report(Wrong, "token endpoint: %s", describe(err))
	default:
		p.compare(ctx, a, uri, err)
	}
}

// compare judges an answer that may mean the credentials or the code, by the answer to
// a wrong secret: when it is another one, the credentials are accepted.
func (p *providerCheck) compare(ctx context.Context, a attempt, uri string, cause error) {
	first := a.last.answer()
	again, ok := p.answer(ctx, a.provider, uri)
	wrong, compared := p.answerToWrongSecret(ctx, a.provider, uri)
	switch {
	case ok && compared && differ(first, again, wrong):
		p.report(OK, "token endpoint accepts the credentials: it answers to another secret differently")
	case compared && strings.Contains(strings.ToLower(first), "secret"):
		p.report(Wrong, "token endpoint: the consumer key or secret is refused (%s), as a wrong one is", describe(cause))
	default:
		p.report(Note, "token endpoint refuses a made-up code (%s), which does not show whether it accepts the credentials", describe(cause))
	}
}

// answer returns the token endpoint's answer to a made-up code.
func (p *providerCheck) answer(ctx context.Context, provider oauth.Provider, uri string) (text string, ok bool) {
	a, err := p.attempt(provider)
	if err != nil {
		return "", false
	}
	pending, err := a.client.Begin(ctx, oauth.Request{RedirectURI: uri, State: rand.Text()})
	if err != nil {
		return "", false
	}
	var failure *oauth.ProviderError
	if err := p.complete(ctx, a.client, pending); !errors.As(err, &failure) {
		return "", false
	}
	busy := failure.Status == 0 || failure.Status >= 500 || failure.Status == http.StatusTooManyRequests
	return a.last.answer(), !busy
}

// answerToWrongSecret is answer with a secret that is not the client's.
func (p *providerCheck) answerToWrongSecret(ctx context.Context, provider oauth.Provider, uri string) (text string, ok bool) {
	list := credentialsOf(provider)
	if len(list) == 0 || list[0].ClientSecret == "" {
		return "", false
	}
	return p.answer(ctx, withCredentials(provider, oauth.Credentials{ClientID: list[0].ClientID, ClientSecret: secret.Text(rand.Text() + rand.Text())}), uri)
}

// differ reports whether another answer differs from two that should be alike, in what
// is the same in both: servers put times and numbers of the request into errors.
func differ(first, again, other string) bool {
	a, b, c := parts(first), parts(again), parts(other)
	for name, value := range a {
		if b[name] == value && c[name] != value {
			return true
		}
	}
	return false
}

// parts returns the values of an answer by their paths: of its JSON, else as one.
func parts(answer string) map[string]string {
	status, body, _ := strings.Cut(answer, " ")
	list := map[string]string{"": status}
	var value any
	if json.Unmarshal([]byte(body), &value) != nil {
		list["."] = body
		return list
	}
	var walk func(path string, value any)
	walk = func(path string, value any) {
		if members, ok := value.(map[string]any); ok {
			for name, below := range members {
				walk(path+"."+name, below)
			}
			return
		}
		list[path] = fmt.Sprint(value)
	}
	walk(".", value)
	return list
}
